// LIMITS: 10,000 styles and faces of a file, 30 ancestors of a style, 256 levels of runs, 1,000
// stretches of columns.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/odf_fonts.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <utility>

namespace gatepost::decode {

namespace {

constexpr size_t kMostOdfStyles = 10'000;
constexpr int kMostOdfAncestors = 30;
constexpr size_t kDeepestRun = 256;
constexpr size_t kMostColumns = 1'000;
constexpr char kKeySeparator = '\x1f';

std::string StyleKey(std::string_view family, std::string_view name) {
  std::string key(family);
  key.push_back(kKeySeparator);
  return key.append(name);
}

// "'.VnTime', serif" -> .VnTime
std::string FirstFamily(std::string_view families) {
  families = AsciiTrim(families.substr(0, families.find(',')));
  if (families.size() >= 2 && (families[0] == '\'' || families[0] == '"')) {
    families = families.substr(1, families.size() - 2);
  }
  return std::string(families);
}

// The family of the style that an element names; "" where it holds no text.
std::string_view FamilyOf(std::string_view element) {
  if (element == "span" || element == "a") {
    return "text";
  }
  if (element == "p" || element == "h") {
    return "paragraph";
  }
  if (element == "table-cell" || element == "covered-table-cell") {
    return "table-cell";
  }
  return element == "frame" || IsOdfShape(element) ? "graphic" : std::string_view();
}

bool OfPresentation(const XmlAttributes& attributes) {
  for (size_t i = 0; i < attributes.size(); ++i) {
    if (attributes.name(i) == "presentation:style-name") {
      return true;
    }
  }
  return false;
}

bool IsNearlyWhite(std::string_view color) {
  if (color.size() != 7 || color[0] != '#') {
    return false;
  }
  for (size_t i = 1; i < 7; i += 2) {
    unsigned value = 0;
    std::from_chars(color.data() + i, color.data() + i + 2, value, 16);
    if (value < 0xf8) {
      return false;
    }
  }
  return true;
}

// "1pt", "0.5pt", "1%"
bool IsTiny(std::string_view size) {
  const size_t unit = size.find_first_not_of("0123456789.");
  const bool small = size[0] == '0' || size.substr(0, unit) == "1";
  const std::string_view rest = unit == std::string_view::npos ? "" : size.substr(unit);
  return small && (rest == "pt" || rest == "px" || rest == "%");
}

void Ground(const XmlAttributes& attributes, OdfStyles::Look* look) {
  std::string_view color = attributes.Get("background-color");
  if (color.empty() && attributes.Get("fill") != "none") {
    color = attributes.Get("fill-color");
  }
  if (!color.empty()) {
    look->colored = color != "transparent" && !IsNearlyWhite(color) ? 1 : 0;
  }
}

size_t Repeated(const XmlAttributes& attributes) {
  const std::string_view text = attributes.Get("number-columns-repeated");
  size_t number = 1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return std::clamp<size_t>(number, 1, 1U << 20);
}

class OdfStylesSink : public XmlSink {
 public:
  explicit OdfStylesSink(OdfStyles* styles) : styles_(styles) {}
  void Start(std::string_view name, const XmlAttributes& attributes) override {
    styles_->Start(name, attributes);
  }
  void End(std::string_view name) override { styles_->End(name); }
  void Text(std::string_view /*utf8*/) override {}

 private:
  OdfStyles* styles_;
};

}  // namespace

bool IsOdfShape(std::string_view element) {
  static constexpr std::string_view kShapes[] = {"custom-shape", "rect",   "ellipse",  "circle",
                                                 "polygon",      "path",   "polyline", "line",
                                                 "connector",    "caption"};
  return std::find(std::begin(kShapes), std::end(kShapes), element) != std::end(kShapes);
}

void OdfStyles::Read(Bytes xml) {
  OdfStylesSink sink(this);
  ParseXml(xml, &sink);
  open_.clear();
}

void OdfStyles::Start(std::string_view name, const XmlAttributes& attributes) {
  if (name == "font-face" || name == "font-decl") {
    if (faces_.size() < kMostOdfStyles) {
      faces_[std::string(attributes.Get("name"))] = FirstFamily(attributes.Get("font-family"));
    }
  } else if (name == "style" || name == "default-style") {
    open_.clear();
    const std::string_view family = attributes.Get("family");
    if (!family.empty() && styles_.size() < kMostOdfStyles) {
      open_ = StyleKey(family, name == "style" ? attributes.Get("name") : std::string_view());
      styles_[open_] = {{}, std::string(attributes.Get("parent-style-name"))};
    }
  } else if (!open_.empty() && (name == "text-properties" || name == "properties")) {
    Look& look = styles_[open_].look;
    if (const std::string_view color = attributes.Get("color"); !color.empty()) {
      look.white = IsNearlyWhite(color) ? 1 : 0;
    }
    if (const std::string_view opacity = attributes.Get("opacity"); !opacity.empty()) {
      constexpr int kSeen = 5;  // per cent
      look.hidden = std::atoi(std::string(opacity.substr(0, 8)).c_str()) < kSeen ? 1 : look.hidden;
    }
    if (const std::string_view size = attributes.Get("font-size"); !size.empty()) {
      look.tiny = IsTiny(size) ? 1 : 0;
    }
    Ground(attributes, &look);
    if (std::string font = FontOf(attributes); !font.empty()) {
      look.font = std::move(font);
    }
    if (const std::string_view display = attributes.Get("display"); !display.empty()) {
      look.hidden = display == "none" ? 1 : 0;
    }
    const std::string_view transform = attributes.Get("text-transform");
    const std::string_view variant = attributes.Get("font-variant");
    if (transform == "uppercase" || variant == "small-caps") {
      look.capitals = 1;
    } else if (!transform.empty() || !variant.empty()) {
      look.capitals = 0;
    }
  } else if (!open_.empty() && (name == "paragraph-properties" || name == "table-cell-properties" ||
                                name == "graphic-properties")) {
    Ground(attributes, &styles_[open_].look);
  }
}

void OdfStyles::End(std::string_view name) {
  if (name == "style" || name == "default-style") {
    open_.clear();
  }
}

std::string OdfStyles::FontOf(const XmlAttributes& attributes) const {
  const std::string_view name = attributes.Get("font-name");
  for (const OdfStyles* one = this; !name.empty() && one != nullptr; one = one->shared_) {
    if (const auto face = one->faces_.find(name); face != one->faces_.end()) {
      return face->second.empty() ? std::string(name) : face->second;
    }
  }
  return name.empty() ? FirstFamily(attributes.Get("font-family")) : std::string(name);
}

const OdfStyles::Style* OdfStyles::Find(const std::string& key) const {
  for (const OdfStyles* one = this; one != nullptr; one = one->shared_) {
    if (const auto style = one->styles_.find(key); style != one->styles_.end()) {
      return &style->second;
    }
  }
  return nullptr;
}

OdfStyles::Look OdfStyles::Of(std::string_view family, std::string_view style) const {
  Look look;
  std::string name(style);
  const auto take = [&look](const Look& from) {
    if (look.font.empty()) {
      look.font = from.font;
    }
    if (look.capitals < 0) {
      look.capitals = from.capitals;
    }
    for (int8_t Look::*part : {&Look::hidden, &Look::white, &Look::tiny, &Look::colored}) {
      look.*part = look.*part < 0 ? from.*part : look.*part;
    }
  };
  for (int i = 0; i < kMostOdfAncestors && !name.empty(); ++i) {
    const Style* const found = Find(StyleKey(family, name));
    if (found == nullptr) {
      break;
    }
    take(found->look);
    name = found->parent;
  }
  if (const Style* const base = Find(StyleKey(family, "")); base != nullptr) {
    take(base->look);
  }
  return look;
}

void OdfRuns::Push(std::string_view family, std::string_view style) {
  if (levels_.size() >= kDeepestRun) {
    ++deeper_;
    return;
  }
  Level level = levels_.empty() ? Level() : levels_.back();
  std::string key = StyleKey(family, style);
  auto known = known_.find(key);
  if (known == known_.end()) {
    known = known_.emplace(std::move(key), styles_->Of(family, style)).first;
  }
  const OdfStyles::Look& look = known->second;
  if (!look.font.empty()) {
    level.font = marks_->NumberOf(look.font);
  }
  if (look.capitals >= 0) {
    level.capitals = look.capitals == 1;
  }
  const auto take = [](int8_t said, bool* to) { *to = said < 0 ? *to : said == 1; };
  take(look.hidden, &level.hidden);
  take(look.white, &level.white);
  take(look.tiny, &level.tiny);
  take(look.colored, &level.colored);
  levels_.push_back(level);
}

// Its own, the row's, the column's, or the one that cells have by default.
std::string_view OdfRuns::CellStyle(const XmlAttributes& attributes) {
  const size_t column = column_;
  column_ += Repeated(attributes);
  const std::string_view own = attributes.Get("style-name");
  if (!own.empty()) {
    return own;
  }
  if (!row_style_.empty()) {
    return row_style_;
  }
  const auto one = std::find_if(columns_.begin(), columns_.end(),
                                [column](const auto& stretch) { return column < stretch.first; });
  return one == columns_.end() || one->second.empty() ? std::string_view("Default") : one->second;
}

void OdfRuns::Start(std::string_view name, const XmlAttributes& attributes) {
  if (name == "table") {
    columns_.clear();
  } else if (name == "table-column" && columns_.size() < kMostColumns) {
    const size_t before = columns_.empty() ? 0 : columns_.back().first;
    columns_.emplace_back(before + Repeated(attributes), attributes.Get("default-cell-style-name"));
  } else if (name == "table-row") {
    row_style_ = attributes.Get("default-cell-style-name");
    column_ = 0;
  }
  const std::string_view family = FamilyOf(name);
  if (family == "table-cell") {
    Push(family, CellStyle(attributes));
  } else if (family == "paragraph" && attributes.Get("style-name").empty()) {
    // Of its cell or shape; alone it is in the style that text has by default.
    Push(levels_.empty() ? family : "", levels_.empty() ? "Standard" : "");
  } else if (family == "text" && attributes.Get("style-name").empty()) {
    Push("", "");
  } else if (family == "graphic" && OfPresentation(attributes)) {
    Push("presentation", attributes.Get("style-name"));
  } else if (!family.empty()) {
    Push(family, attributes.Get("style-name"));
  }
}

void OdfRuns::End(std::string_view name) {
  if (FamilyOf(name).empty()) {
    return;
  }
  if (deeper_ > 0) {
    --deeper_;
  } else if (!levels_.empty()) {
    levels_.pop_back();
  }
}

uint32_t OdfRuns::font() {
  if (levels_.empty()) {
    return 0;
  }
  const Level& level = levels_.back();
  return level.capitals ? marks_->InCapitals(level.font) : level.font;
}

}  // namespace gatepost::decode
