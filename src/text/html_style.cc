// CSS declarations, as little of them as hiding needs.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_style.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <unordered_map>

#include "src/base/bytes.h"
#include "src/text/html_length.h"
#include "src/text/html_properties.h"
#include "src/text/html_values.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostDeclarations = 500;  // of one rule
constexpr size_t kLongestValue = 4'000;    // of those that are looked into

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
    const KnownProperty* const known = FindProperty(name);
    if (known == nullptr || out_.list.size() >= kMostDeclarations) {
      return;
    }
    given = given.substr(0, kLongestValue);
    Declaration one;
    one.property = known->property;
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
    if (Fill(known->kind, lower, AsciiTrim(given), &one)) {
      out_.list.push_back(std::move(one));
    }
    // A picture instead of what the element holds.
    const bool replaced =
        known->kind == PropertyKind::kContent && lower.find("url(") != std::string_view::npos;
    if (replaced) {
      AddInDoubt({PropertyKind::kMask, Property::kInDoubt}, important_one);
    } else if ((lower.find('(') != std::string_view::npos &&
                (IsComputed(lower) || IsUnknownColor(lower))) ||
               (known->kind == PropertyKind::kColor && IsLightOfSystem(lower))) {
      AddInDoubt(*known, important_one);
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

  // A size without a unit, which only some readers take for one.
  static bool IsNoSize(const Length& length) {
    constexpr double kSmall = 3;
    return !length.exact && length.unit == Length::Unit::kNone && length.number < kSmall;
  }

  static void FillFarOut(std::string_view value, bool either, Declaration* one) {
    bool exact = true;
    one->word = HasFarOut(value, either, &exact) ? 1 : 0;
    one->doubt = one->word == 1 && !exact;
  }

  // opacity(), and what may leave nothing to read as well.
  bool FillFilter(std::string_view value, Declaration* one) {
    const size_t opacity = value.find("opacity(");
    one->word =
        (opacity != std::string_view::npos &&
         IsNearlyClear(value.substr(opacity + 8, value.find(')', opacity) - opacity - 8))) ||
                value.find("alpha(opacity=0)") != std::string_view::npos
            ? 1
            : 0;
    if (one->word == 0) {
      for (const std::string_view name : {"blur(", "contrast(", "brightness(", "url("}) {
        if (value.find(name) != std::string_view::npos) {
          AddInDoubt({PropertyKind::kMask, Property::kInDoubt}, one->important);
          break;
        }
      }
    }
    return one->word == 1;
  }

  static int64_t NumberAt(std::string_view value) {
    const int64_t number = std::atoi(std::string(value.substr(0, 12)).c_str());
    return std::clamp<int64_t>(number, -10'000, 10'000);
  }

  // Beside what can be read of it: that it hides.
  void AddInDoubt(const KnownProperty& known, bool important) {
    const PropertyKind kind = known.kind;
    if (kind == PropertyKind::kFontFamily || kind == PropertyKind::kContent ||
        kind == PropertyKind::kUrls || kind == PropertyKind::kTextTransform ||
        kind == PropertyKind::kFontVariant || kind == PropertyKind::kDirection ||
        kind >= PropertyKind::kWords) {
      return;
    }
    Declaration one;
    one.doubt = true;
    one.important = important;
    // These hide together with others only.
    const bool partly = kind == PropertyKind::kLength || kind == PropertyKind::kOverflow ||
                        kind == PropertyKind::kPosition || kind == PropertyKind::kOffset ||
                        kind == PropertyKind::kFloat;
    one.property = partly ? known.property : Property::kInDoubt;
    one.word = kind == PropertyKind::kPosition ? 2 : 1;
    one.length = {0, Length::Unit::kPixels};
    out_.list.push_back(std::move(one));
  }

  // False: nothing to keep.
  bool Fill(PropertyKind kind, std::string_view value, std::string_view given, Declaration* one) {
    switch (kind) {
      case PropertyKind::kDisplay:
        return FillDisplay(value, one);
      case PropertyKind::kVisibility:
        one->word = value == "hidden" || value == "collapse" ? 1 : 0;
        return value == "hidden" || value == "collapse" || value == "visible" ||
               value == "initial" || value == "unset";
      case PropertyKind::kOpacity:
        one->word = IsNearlyClear(value) ? 1 : 0;
        // Anything else is no value, and what was said before holds.
        one->doubt =
            one->word == 1 && value.find_first_not_of("0123456789.+-e%") != std::string_view::npos;
        return true;
      case PropertyKind::kFilter:
        return FillFilter(value, one);
      case PropertyKind::kFontSize:
        if (!ReadFontSize(value, &one->length)) {
          return false;
        }
        one->doubt = IsNoSize(one->length);
        return true;
      case PropertyKind::kFont:
        return FillFont(value, given, one);
      case PropertyKind::kFontFamily:
        return FillFamily(given, one);
      case PropertyKind::kColor:
        one->color = ReadColor(value);
        one->doubt = one->color.invalid;
        return one->color.rgb != kNoColor;
      case PropertyKind::kBackground:
        AddUrls(given, &out_.urls);
        one->color = ReadBackground(value);
        return one->color.rgb != kNoColor;
      case PropertyKind::kBackgroundImage:
        AddUrls(given, &out_.urls);
        one->color.rgb = kOddColor;
        return value != "none";
      case PropertyKind::kLength:
        if (!ReadLength(value, &one->length)) {
          return false;
        }
        one->doubt = !one->length.exact && std::abs(one->length.number) <= 1;
        return true;
      case PropertyKind::kOverflow:
        one->word = value == "visible" ? 0 : 1;
        return true;
      case PropertyKind::kPosition:
        one->word = value == "absolute" || value == "fixed" ? 2 : value == "relative" ? 1 : 0;
        return true;
      case PropertyKind::kFloat:
        one->word = value == "none" ? 0 : value == "right" || value == "inline-end" ? 2 : 1;
        return value != "inherit" && value != "unset";
      case PropertyKind::kOffset:
        FillFarOut(value, true, one);
        return one->word == 1;
      case PropertyKind::kMargin:
        FillFarOut(value, false, one);
        return true;
      case PropertyKind::kTextIndent:
        FillFarOut(value, true, one);
        return true;
      case PropertyKind::kClip:
        one->word = ClipsAll(value) ? 1 : 0;
        one->doubt = one->word == 1 && !IsListOfFunctions(value);
        one->doubt = one->doubt || (one->word == 1 && one->property == Property::kClipRect &&
                                    !HasFourValues(value));
        return true;
      case PropertyKind::kTransform:
        one->word = TransformHides(value) ? 1 : 0;
        one->doubt = one->word == 1 && !IsListOfFunctions(value);
        return true;
      case PropertyKind::kLineHeight:
        one->word = ReadLength(value, &one->length) && one->length.number < 1.5 &&
                            (one->length.unit == Length::Unit::kPixels || one->length.number < 0.1)
                        ? 1
                        : 0;
        return true;
      case PropertyKind::kScale:
        one->word = TransformHides("scale(" + std::string(value) + ")") ? 1 : 0;
        return true;
      case PropertyKind::kTranslate:
        one->word = HasFarOut(value, true) ? 1 : 0;
        return one->word == 1;
      case PropertyKind::kZoom:
        one->doubt = true;
        one->word = 1;
        return ReadLength(value, &one->length) && one->length.number < 0.2;
      case PropertyKind::kMask:
        one->doubt = true;
        one->word = 1;
        return value.find('(') != std::string_view::npos;
      case PropertyKind::kMsoHide:
        one->word = value == "all" ? 1 : 0;
        return true;
      case PropertyKind::kDirection:
        one->word = value == "rtl" ? 1 : 0;
        return true;
      case PropertyKind::kUnicodeBidi:
        one->word = value.find("override") != std::string_view::npos ? 1 : 0;
        return true;
      case PropertyKind::kContent:
        AddUrls(given, &out_.urls);
        one->text = ReadContent(given, true);
        return true;
      case PropertyKind::kAll:  // what was said before does not hold, whatever it was
        one->doubt = true;
        one->word = 1;
        return true;
      case PropertyKind::kContain:
        one->doubt = true;
        one->word = 1;
        return value.find("strict") != std::string_view::npos ||
               value.find("size") != std::string_view::npos;
      case PropertyKind::kFill: {  // of SVG, whose background nobody tells
        const Color fill = ReadColor(value);
        one->doubt = true;
        one->word = 1;
        return value == "none" || fill.alpha < 16 || LookAlike(fill.rgb, 0xFFFFFF);
      }
      case PropertyKind::kFillOpacity:
        one->doubt = true;
        one->word = 1;
        return IsNearlyClear(value);
      case PropertyKind::kPadding:
        one->word = HasSize(value) ? 1 : 0;
        return true;
      case PropertyKind::kShadow:
        one->word = value.find("transparent") == std::string_view::npos && HasSize(value) ? 1 : 0;
        return one->word == 1;
      case PropertyKind::kBackgroundClip:
        one->word = value.find("text") != std::string_view::npos ? 1 : 0;
        return one->word == 1;
      case PropertyKind::kAnimation:
        one->word = value == "none" ? 0 : 1;
        return true;
      case PropertyKind::kTextTransform:
        one->word = static_cast<int64_t>(CaseOf(value));
        return value != "inherit" && value != "unset";
      case PropertyKind::kFontVariant:
        one->word = DrawsCapitals(value) ? 1 : 0;
        return value != "inherit" && value != "unset";
      case PropertyKind::kUrls:
        AddUrls(given, &out_.urls);
        return false;
      case PropertyKind::kWords:
        AddWords(given);
        return false;
      case PropertyKind::kOrder:
        one->word = NumberAt(value);
        return true;
      case PropertyKind::kGridArea: {  // row / column / ...
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
      case PropertyKind::kReverse:
        one->word = value.find("reverse") != std::string_view::npos ? 1 : 0;
        return true;
      case PropertyKind::kNone:
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
    const bool table = value.substr(0, 5) == "table";
    const bool flex = word.find("flex") != std::string::npos || word == " grid ";
    one->word = static_cast<int64_t>(value == "none" || column ? Display::kNone
                                     : flex                    ? Display::kFlex
                                     : table                   ? Display::kTable
                                     : block                   ? Display::kBlock
                                     : value.substr(0, 7) == "inline-" || value == "flow-root" ||
                                             value.substr(0, 1) == "-"
                                         ? Display::kInlineBox
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
      if (!weight && ReadLength(word.substr(0, word.find('/')), &length)) {
        one->length = length;
        // Without a family it is no value.
        one->doubt =
            length.number < 3 && (!length.exact || value.find_first_not_of(' ', end) == value.npos);
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
