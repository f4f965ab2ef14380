// CSS declarations, as little of them as hiding needs.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_style.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <unordered_map>

#include "src/base/bytes.h"
#include "src/text/html_length.h"
#include "src/text/html_values.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostDeclarations = 500;  // of one rule
constexpr size_t kLongestValue = 4'000;    // of those that are looked into

enum class Kind : uint8_t {
  kNone,
  kDisplay,
  kVisibility,
  kOpacity,
  kFilter,
  kFontSize,
  kFont,
  kFontFamily,
  kColor,
  kBackground,
  kBackgroundImage,
  kLength,
  kOverflow,
  kPosition,
  kFloat,
  kOffset,
  kMargin,
  kTextIndent,
  kClip,
  kTransform,
  kLineHeight,
  kScale,
  kTranslate,
  kZoom,
  kMask,
  kMsoHide,
  kDirection,
  kUnicodeBidi,
  kContent,
  kTextTransform,
  kFontVariant,
  kUrls,
  kWords,
  kOrder,
  kGridArea,
  kReverse,
};
struct Known {
  Kind kind;
  Property property;
};

const std::unordered_map<std::string_view, Known>& KnownProperties() {
  using P = Property;
  static const std::unordered_map<std::string_view, Known> known = {
      {"display", {Kind::kDisplay, P::kDisplay}},
      {"visibility", {Kind::kVisibility, P::kVisibility}},
      {"content-visibility", {Kind::kVisibility, P::kVisibility}},
      {"opacity", {Kind::kOpacity, P::kOpacity}},
      {"filter", {Kind::kFilter, P::kOpacity}},
      {"font-size", {Kind::kFontSize, P::kFontSize}},
      {"font", {Kind::kFont, P::kFontSize}},
      {"font-family", {Kind::kFontFamily, P::kFontFamily}},
      {"color", {Kind::kColor, P::kColor}},
      {"-webkit-text-fill-color", {Kind::kColor, P::kColor}},
      {"background-color", {Kind::kBackground, P::kBackground}},
      {"background", {Kind::kBackground, P::kBackground}},
      {"background-image", {Kind::kBackgroundImage, P::kBackground}},
      {"list-style-image", {Kind::kUrls, P::kDisplay}},
      {"src", {Kind::kUrls, P::kDisplay}},
      {"width", {Kind::kLength, P::kWidth}},
      {"height", {Kind::kLength, P::kHeight}},
      {"max-width", {Kind::kLength, P::kMaxWidth}},
      {"max-height", {Kind::kLength, P::kMaxHeight}},
      {"overflow", {Kind::kOverflow, P::kOverflow}},
      {"overflow-x", {Kind::kOverflow, P::kOverflow}},
      {"overflow-y", {Kind::kOverflow, P::kOverflow}},
      {"position", {Kind::kPosition, P::kPosition}},
      {"float", {Kind::kFloat, P::kFloat}},
      {"left", {Kind::kOffset, P::kOffset}},
      {"top", {Kind::kOffset, P::kOffset}},
      {"right", {Kind::kOffset, P::kOffset}},
      {"bottom", {Kind::kOffset, P::kOffset}},
      {"inset", {Kind::kOffset, P::kOffset}},
      {"margin", {Kind::kMargin, P::kMargin}},
      {"margin-left", {Kind::kMargin, P::kMargin}},
      {"margin-top", {Kind::kMargin, P::kMargin}},
      {"text-indent", {Kind::kTextIndent, P::kTextIndent}},
      {"clip", {Kind::kClip, P::kClip}},
      {"clip-path", {Kind::kClip, P::kClip}},
      {"-webkit-clip-path", {Kind::kClip, P::kClip}},
      {"transform", {Kind::kTransform, P::kTransform}},
      {"-webkit-transform", {Kind::kTransform, P::kTransform}},
      {"line-height", {Kind::kLineHeight, P::kLineHeight}},
      {"scale", {Kind::kScale, P::kTransform}},
      {"translate", {Kind::kTranslate, P::kTransform}},
      {"zoom", {Kind::kZoom, P::kInDoubt}},
      {"mask", {Kind::kMask, P::kInDoubt}},
      {"mask-image", {Kind::kMask, P::kInDoubt}},
      {"-webkit-mask", {Kind::kMask, P::kInDoubt}},
      {"-webkit-mask-image", {Kind::kMask, P::kInDoubt}},
      {"inset-inline-start", {Kind::kOffset, P::kOffset}},
      {"inset-block-start", {Kind::kOffset, P::kOffset}},
      {"margin-inline-start", {Kind::kMargin, P::kMargin}},
      {"mso-hide", {Kind::kMsoHide, P::kMsoHide}},
      {"direction", {Kind::kDirection, P::kDirection}},
      {"unicode-bidi", {Kind::kUnicodeBidi, P::kUnicodeBidi}},
      {"text-transform", {Kind::kTextTransform, P::kTextTransform}},
      {"font-variant", {Kind::kFontVariant, P::kFontVariant}},
      {"font-variant-caps", {Kind::kFontVariant, P::kFontVariant}},
      {"quotes", {Kind::kWords, P::kContent}},
      {"list-style", {Kind::kWords, P::kContent}},
      {"list-style-type", {Kind::kWords, P::kContent}},
      {"symbols", {Kind::kWords, P::kContent}},
      {"additive-symbols", {Kind::kWords, P::kContent}},
      {"prefix", {Kind::kWords, P::kContent}},
      {"suffix", {Kind::kWords, P::kContent}},
      {"order", {Kind::kOrder, P::kOrder}},
      {"-webkit-order", {Kind::kOrder, P::kOrder}},
      {"-ms-flex-order", {Kind::kOrder, P::kOrder}},
      {"grid-column", {Kind::kOrder, P::kOrder}},
      {"grid-column-start", {Kind::kOrder, P::kOrder}},
      {"grid-row", {Kind::kOrder, P::kRow}},
      {"grid-row-start", {Kind::kOrder, P::kRow}},
      {"grid-area", {Kind::kGridArea, P::kRow}},
      {"flex-direction", {Kind::kReverse, P::kReverse}},
      {"-webkit-flex-direction", {Kind::kReverse, P::kReverse}},
      {"flex-flow", {Kind::kReverse, P::kReverse}},
      {"content", {Kind::kContent, P::kContent}}};
  return known;
}

// The sizes that have names, relative to 16 pixels; "inherit" and unknown ones say nothing.
bool ReadFontSize(std::string_view value, Length* out) {
  if (ReadLength(value, out)) {
    return true;
  }
  static const std::unordered_map<std::string_view, double> names = {
      {"xx-small", 9}, {"x-small", 10},  {"small", 13},   {"medium", 16}, {"large", 18},
      {"x-large", 24}, {"xx-large", 32}, {"smaller", 13}, {"larger", 19}, {"initial", 16}};
  const auto found = names.find(value);
  if (found == names.end()) {
    return false;
  }
  *out = {found->second, Length::Unit::kPixels};
  return true;
}

// background: the colour among its words, odd where there is a picture.
Color ReadBackground(std::string_view value) {
  if (value.find("url(") != std::string_view::npos ||
      value.find("gradient(") != std::string_view::npos) {
    return {kOddColor, 255};
  }
  const Color whole = ReadColor(value);
  if (whole.rgb != kOddColor) {
    return whole;
  }
  Color out;
  for (size_t at = 0; at < value.size();) {
    const size_t end = std::min(value.find(' ', at), value.size());
    const Color one = ReadColor(value.substr(at, end - at));
    if (one.rgb >= 0) {
      return one;
    }
    at = end + 1;
  }
  out.rgb = kOddColor;
  return out;
}

LetterCase CaseOf(std::string_view value) {
  const auto has = [&](std::string_view word) { return value.find(word) != value.npos; };
  return has("uppercase")    ? LetterCase::kUpper
         : has("lowercase")  ? LetterCase::kLower
         : has("capitalize") ? LetterCase::kCapitalized
                             : LetterCase::kAsTyped;
}

// small-caps, all-small-caps, petite-caps, all-petite-caps, unicase
bool DrawsCapitals(std::string_view value) {
  return value.find("-caps") != value.npos || value == "unicase";
}

class Reader {
 public:
  explicit Reader(Declarations* out) : out_(*out) {}

  void Read(std::string_view name, std::string_view given) {
    if (name.substr(0, 2) == "--") {
      AddWords(given);  // var() may show it anywhere
      return;
    }
    const auto found = KnownProperties().find(name);
    if (found == KnownProperties().end() || out_.list.size() >= kMostDeclarations) {
      return;
    }
    given = given.substr(0, kLongestValue);
    Declaration one;
    one.property = found->second.property;
    std::string value = AsciiLower(given);
    const size_t important = value.rfind('!');
    if (important != std::string::npos && value.find("important", important) != std::string::npos) {
      one.important = true;
      value.resize(important);
      given = given.substr(0, important);
    }
    const std::string_view lower = AsciiTrim(value);
    const bool important_one = one.important;
    if (name == "left" || name == "right" || name == "top") {
      AddPlace(name == "top" ? Property::kTop : Property::kLeft, lower, important_one,
               name == "right");
    }
    if (Fill(found->second.kind, lower, AsciiTrim(given), &one)) {
      out_.list.push_back(std::move(one));
    }
    // A picture instead of what the element holds.
    const bool replaced =
        found->second.kind == Kind::kContent && lower.find("url(") != std::string_view::npos;
    if (replaced) {
      AddInDoubt({Kind::kMask, Property::kInDoubt}, important_one);
    } else if (IsComputed(lower)) {
      AddInDoubt(found->second, important_one);
    }
  }

 private:
  static constexpr size_t kMostWords = 200;

  // The strings of a value, joined.
  void AddWords(std::string_view given) {
    if (given.find_first_of("\"'") == std::string_view::npos || out_.words.size() >= kMostWords) {
      return;
    }
    std::string words = ReadContent(given.substr(0, kLongestValue));
    if (words.size() > 2 && words.find('\x01') == std::string::npos) {
      out_.words.push_back(std::move(words));
    }
  }

  void AddPlace(Property property, std::string_view value, bool important, bool from_right) {
    Declaration one;
    one.property = property;
    one.important = important;
    constexpr double kFarthest = 5'000;
    if (ReadLength(value, &one.length) && std::abs(one.length.number) < kFarthest) {
      const bool pixels = one.length.unit == Length::Unit::kPixels;
      one.word =
          static_cast<int64_t>(one.length.number * (pixels ? 1 : 10) * (from_right ? -1 : 1));
      out_.list.push_back(std::move(one));
    }
  }

  static int64_t NumberAt(std::string_view value) {
    const int64_t number = std::atoi(std::string(value.substr(0, 12)).c_str());
    return std::clamp<int64_t>(number, -10'000, 10'000);
  }

  // Beside what can be read of it: that it hides.
  void AddInDoubt(const Known& known, bool important) {
    const Kind kind = known.kind;
    if (kind == Kind::kFontFamily || kind == Kind::kContent || kind == Kind::kUrls ||
        kind == Kind::kTextTransform || kind == Kind::kFontVariant || kind == Kind::kDirection ||
        kind >= Kind::kWords) {
      return;
    }
    Declaration one;
    one.doubt = true;
    one.important = important;
    // These hide together with others only.
    const bool partly = kind == Kind::kLength || kind == Kind::kOverflow ||
                        kind == Kind::kPosition || kind == Kind::kOffset || kind == Kind::kFloat;
    one.property = partly ? known.property : Property::kInDoubt;
    one.word = kind == Kind::kPosition ? 2 : 1;
    one.length = {0, Length::Unit::kPixels};
    out_.list.push_back(std::move(one));
  }

  // False: nothing to keep.
  bool Fill(Kind kind, std::string_view value, std::string_view given, Declaration* one) {
    switch (kind) {
      case Kind::kDisplay:
        return FillDisplay(value, one);
      case Kind::kVisibility:
        one->word = value == "hidden" || value == "collapse" ? 1 : 0;
        return value == "hidden" || value == "collapse" || value == "visible" ||
               value == "initial" || value == "unset";
      case Kind::kOpacity:
        one->word = ReadLength(value, &one->length) && one->length.number < 0.05 ? 1 : 0;
        return true;
      case Kind::kFilter:
        one->word = value.find("opacity(0)") != std::string_view::npos ||
                            value.find("opacity(0%)") != std::string_view::npos ||
                            value.find("alpha(opacity=0)") != std::string_view::npos
                        ? 1
                        : 0;
        return one->word == 1;
      case Kind::kFontSize:
        return ReadFontSize(value, &one->length);
      case Kind::kFont:
        return FillFont(value, given, one);
      case Kind::kFontFamily:
        return FillFamily(given, one);
      case Kind::kColor:
        one->color = ReadColor(value);
        return one->color.rgb != kNoColor;
      case Kind::kBackground:
        AddUrls(given, &out_.urls);
        one->color = ReadBackground(value);
        return one->color.rgb != kNoColor;
      case Kind::kBackgroundImage:
        AddUrls(given, &out_.urls);
        one->color.rgb = kOddColor;
        return value != "none";
      case Kind::kLength:
        return ReadLength(value, &one->length);
      case Kind::kOverflow:
        one->word = value == "visible" ? 0 : 1;
        return true;
      case Kind::kPosition:
        one->word = value == "absolute" || value == "fixed" ? 2 : value == "relative" ? 1 : 0;
        return true;
      case Kind::kFloat:
        one->word = value == "none" ? 0 : 1;
        return value != "inherit" && value != "unset";
      case Kind::kOffset:
        one->word = HasFarOut(value, true) ? 1 : 0;
        return one->word == 1;
      case Kind::kMargin:
        one->word = HasFarOut(value, false) ? 1 : 0;
        return true;
      case Kind::kTextIndent:
        one->word = HasFarOut(value, true) ? 1 : 0;
        return true;
      case Kind::kClip:
        one->word = ClipsAll(value) ? 1 : 0;
        return true;
      case Kind::kTransform:
        one->word = TransformHides(value) ? 1 : 0;
        return true;
      case Kind::kLineHeight:
        one->word = ReadLength(value, &one->length) && one->length.number < 1.5 &&
                            (one->length.unit == Length::Unit::kPixels || one->length.number < 0.1)
                        ? 1
                        : 0;
        return true;
      case Kind::kScale:
        one->word = TransformHides("scale(" + std::string(value) + ")") ? 1 : 0;
        return true;
      case Kind::kTranslate:
        one->word = HasFarOut(value, true) ? 1 : 0;
        return one->word == 1;
      case Kind::kZoom:
        one->doubt = true;
        one->word = 1;
        return ReadLength(value, &one->length) && one->length.number < 0.2;
      case Kind::kMask:
        one->doubt = true;
        one->word = 1;
        return value.find('(') != std::string_view::npos;
      case Kind::kMsoHide:
        one->word = value == "all" ? 1 : 0;
        return true;
      case Kind::kDirection:
        one->word = value == "rtl" ? 1 : 0;
        return true;
      case Kind::kUnicodeBidi:
        one->word = value.find("override") != std::string_view::npos ? 1 : 0;
        return true;
      case Kind::kContent:
        AddUrls(given, &out_.urls);
        one->text = ReadContent(given);
        return true;
      case Kind::kTextTransform:
        one->word = static_cast<int64_t>(CaseOf(value));
        return value != "inherit" && value != "unset";
      case Kind::kFontVariant:
        one->word = DrawsCapitals(value) ? 1 : 0;
        return value != "inherit" && value != "unset";
      case Kind::kUrls:
        AddUrls(given, &out_.urls);
        return false;
      case Kind::kWords:
        AddWords(given);
        return false;
      case Kind::kOrder:
        one->word = NumberAt(value);
        return true;
      case Kind::kGridArea: {  // row / column / ...
        one->word = NumberAt(value);
        const size_t slash = value.find('/');
        if (slash != std::string_view::npos) {
          Declaration column;
          column.property = Property::kOrder;
          column.important = one->important;
          column.word = NumberAt(AsciiTrim(value.substr(slash + 1)));
          out_.list.push_back(std::move(column));
        }
        return one->word != 0;
      }
      case Kind::kReverse:
        one->word = value.find("reverse") != std::string_view::npos ? 1 : 0;
        return true;
      case Kind::kNone:
        break;
    }
    return false;
  }

  static bool FillDisplay(std::string_view value, Declaration* one) {
    constexpr std::string_view kBlocks = " block flex grid list-item ";
    constexpr std::string_view kInlines =
        " none inline inline-block inline-flex inline-grid inline-table contents run-in flow-root "
        "initial unset revert ruby compact -webkit-box -ms-flexbox -webkit-flex "
        "-webkit-inline-box ";
    const std::string word = " " + std::string(value.substr(0, value.find(' '))) + " ";
    const bool block =
        value.substr(0, 5) == "table" || kBlocks.find(word) != std::string_view::npos;
    const bool column = value.substr(0, 12) == "table-column";  // its content never shows
    one->word = static_cast<int64_t>(value == "none" || column ? Display::kNone
                                     : block                   ? Display::kBlock
                                                               : Display::kInline);
    // A browser drops what it does not know, and what was said before holds.
    return block || kInlines.find(word) != std::string_view::npos;
  }

  bool FillFamily(std::string_view given, Declaration* one) {
    const size_t before = out_.fonts.size();
    AddFonts(given, &out_.fonts);
    if (out_.fonts.size() > before) {
      one->text = out_.fonts[before];
    }
    return !one->text.empty() && !AsciiEqualsIgnoreCase(one->text, "inherit");
  }

  void AddFamily(std::string_view given, bool important) {
    Declaration one;
    one.property = Property::kFontFamily;
    one.important = important;
    if (FillFamily(given, &one)) {
      out_.list.push_back(std::move(one));
    }
  }

  // font: [style] [variant] size[/line-height] family
  bool FillFont(std::string_view value, std::string_view given, Declaration* one) {
    Declaration variant;
    variant.property = Property::kFontVariant;
    variant.important = one->important;
    variant.word = value.find("small-caps") != value.npos ? 1 : 0;
    if (value != "inherit" && value != "unset") {
      out_.list.push_back(std::move(variant));
    }
    const size_t quote = given.find_first_of("\"'");
    if (quote != std::string_view::npos) {
      AddFamily(given.substr(quote), one->important);
    }
    for (size_t at = 0; at < value.size();) {
      const size_t end = std::min(value.find(' ', at), value.size());
      const std::string_view word = value.substr(at, end - at);
      Length length;
      const bool weight = word.size() == 3 && word.substr(1) == "00";
      if (!weight && ReadLength(word, &length)) {
        one->length = length;
        const size_t family = value.find_first_not_of(' ', end);
        if (quote == std::string_view::npos && family != std::string_view::npos) {
          AddFamily(given.substr(family), one->important);
        }
        return true;
      }
      at = end + 1;
    }
    return false;
  }

  Declarations& out_;
};

}  // namespace

Declarations ReadDeclarations(std::string_view css) {
  Declarations out;
  const bool plain = css.find("/*") == std::string_view::npos && css.find('\\') == css.npos;
  const std::string copy = plain ? std::string() : PlainCss(css);
  const std::string_view text = plain ? css : std::string_view(copy);
  Reader reader(&out);
  std::string name;
  size_t at = 0;
  while (at < text.size()) {
    // ';' inside quotes and parentheses does not end it.
    size_t end = text.find_first_of(";\"'(", at);
    while (end != std::string_view::npos && text[end] != ';') {
      const char close = text[end] == '(' ? ')' : text[end];
      end = text.find(close, end + 1);
      end = end == std::string_view::npos ? end : text.find_first_of(";\"'(", end + 1);
    }
    end = std::min(end, text.size());
    const std::string_view one = text.substr(at, end - at);
    const size_t colon = one.find(':');
    if (colon != std::string_view::npos) {
      const std::string_view given = AsciiTrim(one.substr(0, colon));
      if (given.size() <= 40) {
        name = AsciiLower(given);
        reader.Read(name, AsciiTrim(one.substr(colon + 1)));
      }
    }
    at = end + 1;
  }
  return out;
}

}  // namespace gatepost::text
