// Declarations to what can be seen. Sizes and clips hide what is inside for good; colour, font
// size, visibility, indent and line height are handed down and may be set anew.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_box.h"

namespace gatepost::text {

namespace {

bool IsNothing(const Cascade& cascade, Property property) {
  const Declaration* one = cascade.Get(property);
  return one != nullptr && one->length.number <= 1 && one->length.number > -1 &&
         (one->length.unit == Length::Unit::kPixels || one->length.unit == Length::Unit::kNone ||
          one->length.number == 0);
}

}  // namespace

void Inherit(const Box& parent, Box* box) {
  box->hidden = parent.hidden;
  box->maybe_shown = parent.maybe_shown;
  box->invisible = parent.invisible;
  box->thin = parent.thin;
  box->indented = parent.indented;
  box->outlook_hides = parent.outlook_hides;
  box->pre = parent.pre;
  box->right_to_left = parent.right_to_left;
  box->font_pixels = parent.font_pixels;
  box->color = parent.color;
  box->background = parent.background;
  box->font = parent.font;
  box->letters = parent.letters;
  box->capitals = parent.capitals;
}

void ApplyColor(const Color& color, Box* box) {
  if (color.rgb != kNoColor) {
    box->color = Blend(color, box->background);
  }
}

void ApplyBackground(const Color& color, Box* box) {
  if (color.rgb != kNoColor) {
    box->background = Blend(color, box->background);
  }
}

void Apply(const Cascade& cascade, Box* box) {
  if (const Declaration* display = cascade.Get(Property::kDisplay)) {
    const auto how = static_cast<Display>(display->word);
    box->block = how == Display::kBlock || how == Display::kFlex;
    box->flex = how == Display::kFlex;
    box->whole_in_line = how == Display::kInlineBox;
    box->hidden = box->hidden || how == Display::kNone;
  }
  if (const Declaration* visibility = cascade.Get(Property::kVisibility)) {
    box->invisible = visibility->word != 0;
  }
  if (const Declaration* size = cascade.Get(Property::kFontSize)) {
    using Unit = Length::Unit;
    const Length& length = size->length;
    const double next = length.unit == Unit::kEm        ? box->font_pixels * length.number
                        : length.unit == Unit::kPercent ? box->font_pixels * length.number / 100
                        : length.unit == Unit::kRem     ? 16 * length.number
                                                        : length.number;
    box->font_pixels = next < 0 ? box->font_pixels : next;
  }
  if (const Declaration* background = cascade.Get(Property::kBackground)) {
    ApplyBackground(background->color, box);
  }
  if (const Declaration* color = cascade.Get(Property::kColor)) {
    ApplyColor(color->color, box);
  }
  if (const Declaration* line = cascade.Get(Property::kLineHeight)) {
    box->thin = line->word != 0;
  }
  if (const Declaration* indent = cascade.Get(Property::kTextIndent)) {
    box->indented = indent->word != 0;
  }
  if (const Declaration* outlook = cascade.Get(Property::kMsoHide)) {
    box->outlook_hides = outlook->word != 0;
  }
  if (const Declaration* direction = cascade.Get(Property::kDirection)) {
    box->right_to_left = direction->word != 0;
  }
  if (const Declaration* letters = cascade.Get(Property::kTextTransform)) {
    box->letters = static_cast<LetterCase>(letters->word);
  }
  if (const Declaration* variant = cascade.Get(Property::kFontVariant)) {
    box->capitals = variant->word != 0;
  }
  box->reversed = box->reversed || (box->right_to_left && cascade.Is(Property::kUnicodeBidi));
  const Declaration* position = cascade.Get(Property::kPosition);
  const Declaration* floats = cascade.Get(Property::kFloat);
  box->floats_left = floats != nullptr && floats->word == 1;
  box->floats_right = floats != nullptr && floats->word == 2;
  box->out_of_flow = (position != nullptr && position->word == 2) || cascade.Is(Property::kFloat);
  const Declaration* column = cascade.Get(Property::kOrder);
  const Declaration* row = cascade.Get(Property::kRow);
  const Declaration* left = cascade.Get(Property::kLeft);
  const Declaration* top = cascade.Get(Property::kTop);
  constexpr int64_t kRowStep = 100'000;
  constexpr int64_t kSameLine = 8;  // pixels
  if (column != nullptr || row != nullptr) {
    box->placed = true;
    box->order =
        (column != nullptr ? column->word : 0) + (row != nullptr ? row->word : 0) * kRowStep;
  } else if (left != nullptr && position != nullptr && position->word != 0) {
    box->placed = true;
    box->order = left->word + (top != nullptr ? top->word / kSameLine : 0) * kRowStep;
  }
  box->reverse = cascade.Is(Property::kReverse);
  const bool nothing =
      IsNothing(cascade, Property::kWidth) || IsNothing(cascade, Property::kHeight) ||
      IsNothing(cascade, Property::kMaxWidth) || IsNothing(cascade, Property::kMaxHeight);
  box->hidden = box->hidden || cascade.Is(Property::kOpacity) || cascade.Is(Property::kInDoubt) ||
                cascade.Is(Property::kClip) || cascade.Is(Property::kTransform) ||
                cascade.Is(Property::kMargin) ||
                (cascade.Is(Property::kPosition) && cascade.Is(Property::kOffset)) ||
                (nothing && cascade.Is(Property::kOverflow));
}

}  // namespace gatepost::text
