// CSS, as little of it as hiding needs.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_style.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "src/base/bytes.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostRules = 5'000;
constexpr size_t kMostValues = 200;  // fonts, URLs of one sheet

std::string WithoutComments(std::string_view css) {
  std::string out;
  size_t at = 0;
  while (at < css.size()) {
    const size_t open = css.find("/*", at);
    out.append(css.substr(at, open == std::string_view::npos ? open : open - at));
    if (open == std::string_view::npos) {
      break;
    }
    const size_t close = css.find("*/", open + 2);
    at = close == std::string_view::npos ? css.size() : close + 2;
  }
  return out;
}

// A length below what an eye can read; "0", "1px", ".1em", "0pt".
bool IsTiny(std::string_view value) {
  const std::string text(value.substr(0, 40));
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  if (end == text.c_str()) {
    return false;
  }
  const std::string_view unit = AsciiTrim(std::string_view(end));
  if (number <= 0) {
    return true;
  }
  return (unit.substr(0, 2) == "px" || unit.substr(0, 2) == "pt")  ? number <= 1.5
         : unit.substr(0, 2) == "em" || unit.substr(0, 3) == "rem" ? number <= 0.1
         : unit.substr(0, 1) == "%"                                ? number <= 8
                                                                   : false;
}

bool IsZero(std::string_view value) {
  const std::string text(value.substr(0, 40));
  char* end = nullptr;
  return std::strtod(text.c_str(), &end) == 0 && end != text.c_str();
}

bool IsFarOut(std::string_view value) {
  const std::string text(value.substr(0, 40));
  char* end = nullptr;
  return std::strtod(text.c_str(), &end) <= -500;
}

void AddUrls(std::string_view value, std::vector<std::string>* urls) {
  for (size_t at = value.find("url("); at != std::string_view::npos && urls->size() < kMostValues;
       at = value.find("url(", at + 4)) {
    const size_t close = value.find(')', at);
    std::string_view url =
        AsciiTrim(value.substr(at + 4, close == std::string_view::npos ? close : close - at - 4));
    while (!url.empty() && (url.front() == '"' || url.front() == '\'')) {
      url.remove_prefix(1);
    }
    while (!url.empty() && (url.back() == '"' || url.back() == '\'')) {
      url.remove_suffix(1);
    }
    if (!url.empty()) {
      urls->emplace_back(url);
    }
  }
}

void AddFonts(std::string_view value, std::vector<std::string>* fonts) {
  size_t at = 0;
  while (at <= value.size() && fonts->size() < kMostValues) {
    const size_t comma = std::min(value.find(',', at), value.size());
    std::string_view font = AsciiTrim(value.substr(at, comma - at));
    while (!font.empty() && (font.front() == '"' || font.front() == '\'')) {
      font.remove_prefix(1);
    }
    while (!font.empty() && (font.back() == '"' || font.back() == '\'')) {
      font.remove_suffix(1);
    }
    if (!font.empty() && font.size() <= 100) {
      fonts->emplace_back(font);
    }
    at = comma + 1;
  }
}

struct Box {
  bool no_size = false;
  bool clipped = false;
  bool out_of_flow = false;
  bool far_out = false;
};

void ReadDeclaration(const std::string& name, std::string_view given, Style* style, Box* box) {
  std::string value = AsciiLower(given);
  const size_t important = value.find('!');
  if (important != std::string::npos) {
    value.resize(important);
  }
  value = std::string(AsciiTrim(value));
  if (name == "display") {
    style->hidden = style->hidden || value == "none";
    style->block = value == "block" || value == "table" || value == "flex" ||
                   value == "list-item" || value == "grid" || value == "table-row";
  } else if (name == "visibility") {
    style->hidden = style->hidden || value == "hidden" || value == "collapse";
    style->shown = value == "visible";
  } else if (name == "opacity") {
    style->hidden = style->hidden || (IsZero(value) || value.substr(0, 4) == "0.00");
  } else if (name == "font-size") {
    style->hidden = style->hidden || IsTiny(value);
  } else if (name == "color") {
    style->hidden = style->hidden || value == "transparent";
    style->color = ReadColor(value);
  } else if (name == "background-color" || name == "background") {
    style->background = ReadColor(value);
    AddUrls(given, &style->urls);
  } else if (name == "background-image" || name == "list-style-image" || name == "content") {
    style->background = name == "background-image" ? kOddColor : style->background;
    AddUrls(given, &style->urls);
  } else if (name == "font-family") {
    AddFonts(given, &style->fonts);
  } else if (name == "max-height" || name == "max-width" || name == "height" || name == "width") {
    box->no_size = box->no_size || IsZero(value);
  } else if (name == "overflow") {
    box->clipped = value == "hidden";
  } else if (name == "position") {
    box->out_of_flow = value == "absolute" || value == "fixed";
  } else if (name == "left" || name == "top" || name == "right" || name == "bottom") {
    box->far_out = box->far_out || IsFarOut(value);
  } else if (name == "text-indent") {
    style->hidden = style->hidden || IsFarOut(value);
  } else if (name == "clip") {
    box->no_size = box->no_size || value.find("rect(0") == 0;
    box->clipped = box->clipped || value.find("rect(0") == 0;
  } else if (name == "font") {
    const size_t quote = given.find_first_of("\"'");
    if (quote != std::string_view::npos) {
      AddFonts(given.substr(quote), &style->fonts);
    }
  }
}

struct NamedColor {
  std::string_view name;
  int64_t value;
};
constexpr std::array<NamedColor, 18> kColors = {NamedColor{"white", 0xFFFFFF},
                                                {"black", 0},
                                                {"red", 0xFF0000},
                                                {"green", 0x008000},
                                                {"blue", 0x0000FF},
                                                {"yellow", 0xFFFF00},
                                                {"gray", 0x808080},
                                                {"grey", 0x808080},
                                                {"silver", 0xC0C0C0},
                                                {"maroon", 0x800000},
                                                {"navy", 0x000080},
                                                {"lime", 0x00FF00},
                                                {"aqua", 0x00FFFF},
                                                {"fuchsia", 0xFF00FF},
                                                {"teal", 0x008080},
                                                {"olive", 0x808000},
                                                {"purple", 0x800080},
                                                {"orange", 0xFFA500}};

int64_t ReadHexColor(std::string_view hex) {
  int64_t value = 0;
  for (const char c : hex) {
    const char lower = AsciiLower(c);
    const int digit = lower >= '0' && lower <= '9'   ? lower - '0'
                      : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                     : -1;
    if (digit < 0) {
      return kOddColor;
    }
    value = value * (hex.size() == 3 ? 256 : 16) + digit * (hex.size() == 3 ? 17 : 1);
  }
  return hex.size() == 3 || hex.size() == 6 ? value : kOddColor;
}

int64_t ReadRgb(std::string_view value) {
  int64_t out = 0;
  size_t at = value.find('(') + 1;
  for (int i = 0; i < 3; ++i) {
    at = value.find_first_of("0123456789", at);
    if (at == std::string_view::npos) {
      return kOddColor;
    }
    int64_t part = 0;
    while (at < value.size() && value[at] >= '0' && value[at] <= '9') {
      part = std::min<int64_t>(part * 10 + (value[at++] - '0'), 255);
    }
    out = out * 256 + part;
  }
  return out;
}

bool IsSimpleSelector(std::string_view selector) {
  return selector.size() > 1 && selector.find_first_of(" >+~[:*,") == std::string_view::npos &&
         selector.find_first_of(".#") != std::string_view::npos;
}

// One rule: the selectors and the declarations between its braces.
void ReadRule(std::string_view selectors, std::string_view body, StyleSheet* sheet) {
  Style style = ReadStyle(body);
  sheet->fonts.insert(sheet->fonts.end(), style.fonts.begin(), style.fonts.end());
  sheet->urls.insert(sheet->urls.end(), style.urls.begin(), style.urls.end());
  if (!style.hidden && style.background == kNoColor && style.color == kNoColor) {
    return;
  }
  size_t at = 0;
  while (at <= selectors.size()) {
    const size_t comma = std::min(selectors.find(',', at), selectors.size());
    const std::string_view selector = AsciiTrim(selectors.substr(at, comma - at));
    at = comma + 1;
    if (!IsSimpleSelector(selector)) {
      continue;
    }
    const std::string name = AsciiLower(selector.substr(selector.find_last_of(".#")));
    if (style.hidden) {
      sheet->hidden.insert(name);
    }
    if (style.background != kNoColor || style.color != kNoColor) {
      sheet->odd.insert(name);
    }
  }
}

}  // namespace

int64_t ReadColor(std::string_view text) {
  const std::string value = AsciiLower(AsciiTrim(text.substr(0, 200)));
  if (value.empty() || value == "inherit" || value == "transparent" || value == "none" ||
      value == "initial") {
    return kNoColor;
  }
  if (value[0] == '#') {
    return ReadHexColor(std::string_view(value).substr(1));
  }
  if (value.substr(0, 3) == "rgb") {
    return ReadRgb(value);
  }
  for (const NamedColor& color : kColors) {
    if (value == color.name) {
      return color.value;
    }
  }
  const int64_t bare = ReadHexColor(value);  // bgcolor=ffffff
  return bare;
}

Style ReadStyle(std::string_view declarations) {
  Style style;
  Box box;
  const std::string text = declarations.find("/*") == std::string_view::npos
                               ? std::string(declarations)
                               : WithoutComments(declarations);
  size_t at = 0;
  while (at < text.size()) {
    const size_t end = std::min(text.find(';', at), text.size());
    const std::string_view one = std::string_view(text).substr(at, end - at);
    const size_t colon = one.find(':');
    if (colon != std::string_view::npos) {
      ReadDeclaration(AsciiLower(AsciiTrim(one.substr(0, colon))), AsciiTrim(one.substr(colon + 1)),
                      &style, &box);
    }
    at = end + 1;
  }
  style.hidden = style.hidden || (box.no_size && box.clipped) || (box.out_of_flow && box.far_out) ||
                 (style.color >= 0 && style.color == style.background);
  return style;
}

void ReadStyleSheet(std::string_view given, StyleSheet* sheet) {
  const std::string css = WithoutComments(given);
  size_t at = 0;
  for (size_t rules = 0; at < css.size() && rules < kMostRules; ++rules) {
    const size_t open = css.find_first_of("{;", at);
    if (open == std::string::npos) {
      return;
    }
    if (css[open] == ';') {  // @import, @charset
      AddUrls(std::string_view(css).substr(at, open - at), &sheet->urls);
      at = open + 1;
      continue;
    }
    std::string_view selectors = AsciiTrim(std::string_view(css).substr(at, open - at));
    if (selectors.substr(0, 4) == "<!--") {
      selectors.remove_prefix(4);
      selectors = AsciiTrim(selectors);
    }
    size_t close = open + 1;
    size_t depth = 1;
    while (close < css.size() && depth > 0) {
      depth += css[close] == '{' ? 1U : 0U;
      depth -= css[close] == '}' ? 1U : 0U;
      ++close;
    }
    const std::string_view body = std::string_view(css).substr(open + 1, close - open - 2);
    if (selectors.substr(0, 1) != "@" || selectors.substr(0, 10) == "@font-face") {
      ReadRule(selectors, body, sheet);
    }
    at = close;
  }
}

}  // namespace gatepost::text
