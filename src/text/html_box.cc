// Declarations to what can be seen. Sizes and clips hide what is inside for good; colour, font
// size, visibility, indent and line height are handed down and may be set anew.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_box.h"

#include "src/text/html_tokens.h"

namespace gatepost::text {

namespace {

bool IsNothing(const Cascade& cascade, Property property) {
  const Declaration* one = cascade.Get(property);
  return one != nullptr && one->length.number <= 1 && one->length.number > -1 &&
         (one->length.unit == Length::Unit::kPixels || one->length.unit == Length::Unit::kNone ||
          one->length.number == 0);
}

// A property that applies to some kinds of boxes only.
struct Kind {
  bool in_line = false;   // a stretch of a line: no sizes, no transforms, no indent
  bool of_table = false;  // never smaller than what it holds
  bool out_of_flow = false;
};

Kind KindOf(const Cascade& cascade, const Box& box) {
  Kind kind;
  const Declaration* display = cascade.Get(Property::kDisplay);
  kind.of_table = display != nullptr ? static_cast<Display>(display->word) == Display::kTable
                                     : (box.tag & (TagKind::kCell | TagKind::kOfTable)) != 0 ||
                                           box.node.name == "table";
  const Declaration* position = cascade.Get(Property::kPosition);
  kind.out_of_flow = position != nullptr && position->word == 2;
  kind.in_line = !box.block && !box.whole_in_line && !box.is_item &&
                 (box.tag & TagKind::kReplaced) == 0 && !kind.of_table && !kind.out_of_flow &&
                 !cascade.Is(Property::kFloat);
  return kind;
}

// Is there nothing left of it along an axis, of which the rest is cut off?
bool IsCutToNothing(const Cascade& cascade, Viewer viewer) {
  if (!cascade.Is(Property::kOverflow)) {
    return false;
  }
  const auto nothing = [&](Property size, Property most, Property least) {
    const Declaration* min = cascade.Get(least);
    const bool wins = viewer == Viewer::kBrowser && min != nullptr && min->length.number > 1;
    return !wins && (IsNothing(cascade, size) || IsNothing(cascade, most));
  };
  const bool padded = viewer == Viewer::kBrowser && cascade.Is(Property::kPadding);
  return !padded && (nothing(Property::kWidth, Property::kMaxWidth, Property::kMinWidth) ||
                     nothing(Property::kHeight, Property::kMaxHeight, Property::kMinHeight));
}

// Does a size, a clip, a place or a filter hide it for good?
bool IsTakenOut(const Cascade& cascade, const Kind& kind, Viewer viewer) {
  if (viewer == Viewer::kOutlook) {
    return false;
  }
  if (cascade.Is(Property::kOpacity) || cascade.Is(Property::kInDoubt) ||
      cascade.Is(Property::kClip) ||
      (cascade.Is(Property::kPosition) && cascade.Is(Property::kOffset))) {
    return true;
  }
  const bool browser = viewer == Viewer::kBrowser;
  return (cascade.Is(Property::kClipRect) && (!browser || kind.out_of_flow)) ||
         (cascade.Is(Property::kMargin) && !(browser && kind.of_table)) ||
         (cascade.Is(Property::kTransform) && !(browser && kind.in_line)) ||
         (!(browser && (kind.in_line || kind.of_table)) && IsCutToNothing(cascade, viewer));
}

void ApplyFontSize(const Length& length, Look* look) {
  using Unit = Length::Unit;
  const double now = look->font_pixels;
  const double next = length.unit == Unit::kEm        ? now * length.number
                      : length.unit == Unit::kPercent ? now * length.number / 100
                      : length.unit == Unit::kRem     ? 16 * length.number
                                                      : length.number;
  look->font_pixels = static_cast<float>(next < 0 ? now : next);
}

void ApplyColorTo(const Color& color, Look* look) {
  if (color.rgb != kNoColor) {
    look->color = Blend(color, look->background);
  }
}

void ApplyBackgroundTo(const Color& color, Look* look) {
  if (color.rgb != kNoColor) {
    look->background = Blend(color, look->background);
  }
}

void ApplyLook(const Cascade& cascade, const Kind& kind, Viewer viewer, Look* look) {
  const bool outlook = viewer == Viewer::kOutlook;
  if (const Declaration* display = cascade.Get(Property::kDisplay)) {
    look->none = static_cast<Display>(display->word) == Display::kNone;
  }
  if (const Declaration* visibility = cascade.Get(Property::kVisibility);
      visibility != nullptr && !outlook) {
    look->invisible = visibility->word != 0;
  }
  if (const Declaration* size = cascade.Get(Property::kFontSize)) {
    ApplyFontSize(size->length, look);
  }
  // Word drops what it does not understand.
  if (const Declaration* background = cascade.Get(Property::kBackground);
      background != nullptr && (!outlook || background->color.plain)) {
    ApplyBackgroundTo(background->color, look);
  }
  if (const Declaration* color = cascade.Get(Property::kColor);
      color != nullptr && (!outlook || color->color.plain)) {
    ApplyColorTo(color->color, look);
  }
  if (outlook) {
    look->none = look->none || cascade.Is(Property::kMsoHide);
    return;
  }
  if (const Declaration* line = cascade.Get(Property::kLineHeight);
      line != nullptr && viewer != Viewer::kBrowser) {
    look->thin = line->word != 0;
  }
  if (const Declaration* indent = cascade.Get(Property::kTextIndent);
      indent != nullptr && !(viewer == Viewer::kBrowser && kind.in_line)) {
    look->indented = indent->word != 0;
  }
  look->shadowed = look->shadowed || cascade.Is(Property::kShadow);
  look->hidden = look->hidden || IsTakenOut(cascade, kind, viewer);
}

}  // namespace

void Inherit(const Box& parent, Box* box) {
  box->Look::Inherit(parent);
  for (size_t i = 0; i < box->others.size(); ++i) {
    box->others[i].Inherit(parent.others[i]);
  }
  box->maybe_shown = parent.maybe_shown;
  box->outlook_hides = parent.outlook_hides;
  box->pre = parent.pre;
  box->right_to_left = parent.right_to_left;
  box->font = parent.font;
  box->letters = parent.letters;
  box->capitals = parent.capitals;
  box->words = parent.words;
  box->is_item = parent.flex;
}

void ApplyColor(const Color& color, Box* box) {
  ApplyColorTo(color, box);
  for (Look& look : box->others) {
    ApplyColorTo(color, &look);
  }
}

void ApplyBackground(const Color& color, Box* box) {
  ApplyBackgroundTo(color, box);
  for (Look& look : box->others) {
    ApplyBackgroundTo(color, &look);
  }
}

void ApplyForOthers(const Cascade& cascade, const Cascade& plain, Box* box) {
  const Kind kind = KindOf(cascade, *box);
  for (size_t i = 0; i < box->others.size(); ++i) {
    const bool unstyled = kOtherViewers[i] == Viewer::kPlain;
    ApplyLook(unstyled ? plain : cascade, kind, kOtherViewers[i], &box->others[i]);
  }
}

void Apply(const Cascade& cascade, Box* box) {
  if (const Declaration* display = cascade.Get(Property::kDisplay)) {
    const auto how = static_cast<Display>(display->word);
    box->block = how == Display::kBlock || how == Display::kFlex || how == Display::kTable;
    box->flex = how == Display::kFlex;
    box->whole_in_line = how == Display::kInlineBox;
  }
  ApplyLook(cascade, {}, Viewer::kAny, box);
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
}

}  // namespace gatepost::text
