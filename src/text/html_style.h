// CSS declarations as far as they hide, reverse or add text, and name fonts and URLs.
// LIMITS: no layout: a box is judged by what it says of itself; of calc() and variables we know
// only that they may hide.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/text/html_color.h"

namespace gatepost::text {

enum class Property : uint8_t {
  kDisplay,
  kVisibility,
  kOpacity,
  kFontSize,
  kColor,
  kBackground,
  kWidth,
  kHeight,
  kMaxWidth,
  kMaxHeight,
  kOverflow,
  kPosition,  // 2: out of the flow
  kFloat,
  kOffset,  // left, top, right, bottom, inset: 1 far out
  kMargin,  // 1: far out
  kTextIndent,
  kClip,
  kTransform,
  kLineHeight,
  kMsoHide,
  kDirection,
  kUnicodeBidi,
  kContent,
  kFontFamily,
  kTextTransform,
  kInDoubt,      // 1: some value that is computed elsewhere may hide it
  kFontVariant,  // 1: small letters are drawn as (small) capitals
  kOrder,        // order, or the column of a grid
  kRow,          // of a grid
  kReverse,      // 1: a flex box with its items from the end
  kLeft,         // in pixels
  kTop,
  kClipRect,  // 1: clip, which needs a box out of the flow
  kMinWidth,
  kMinHeight,
  kPadding,    // 1: above, below or all round
  kShadow,     // 1: letters have a shadow, an outline or their background's picture in them
  kAnimation,  // 1: what holds is not what is shown in the end
};
constexpr size_t kPropertyCount = 38;

// kFlex is a block whose children are boxes in a row, kInlineBox stands in a line as a whole,
// kTable is a table or a part of one, which is never smaller than what it holds.
enum class Display : int64_t { kInline, kBlock, kNone, kFlex, kInlineBox, kTable };
enum class LetterCase : int64_t { kAsTyped, kUpper, kLower, kCapitalized };

struct Length {
  double number = 0;
  enum class Unit : uint8_t { kPixels, kEm, kRem, kPercent, kNone } unit = Unit::kNone;
  bool exact = false;  // as CSS wants it: with a unit, and nothing behind it
};

// `word`: Display for kDisplay, LetterCase for kTextTransform, 1 for hidden, clipped, out of flow,
// far out, reversed; colours and lengths have their own fields.
struct Declaration {
  Property property = Property::kDisplay;
  bool important = false;
  bool doubt = false;  // computed where it is shown, or not valid: this is what it may come to
  int64_t word = 0;
  Color color;
  Length length;
  // kContent: the strings; "\x01name\x01" stands for attr(name). kFontFamily: the first font.
  std::string text;
};

struct Declarations {
  std::vector<Declaration> list;
  std::vector<std::string> fonts;
  std::vector<std::string> urls;
  std::vector<std::string>
      words;  // strings that are shown by way of other rules: variables, quotes
};
// Comments are skipped, escapes undone. Total.
Declarations ReadDeclarations(std::string_view css);

// CSS escapes ("\64 isplay") undone, comments dropped.
std::string PlainCss(std::string_view css);

// The declarations that win, by importance, specificity and order.
class Cascade {
 public:
  // Inline declarations: specificity kInline.
  static constexpr uint32_t kInline = 1U << 24U;
  void Add(const Declaration* declaration, uint32_t specificity, uint32_t order);
  const Declaration* Get(Property property) const {
    const size_t i = static_cast<size_t>(property);
    return (set_ >> i & 1U) != 0 ? winners_[i] : nullptr;
  }
  bool Is(Property property) const {
    const Declaration* one = Get(property);
    return one != nullptr && one->word != 0;
  }
  bool empty() const { return set_ == 0; }

 private:
  uint64_t set_ = 0;
  std::array<const Declaration*, kPropertyCount> winners_;
  std::array<uint64_t, kPropertyCount> ranks_;
};

}  // namespace gatepost::text
