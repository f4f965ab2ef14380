// The properties of CSS that are looked at, and how the value of each is read.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "src/text/html_style.h"

namespace gatepost::text {

// How a value is read. From kWords on none can hide anything.
enum class PropertyKind : uint8_t {
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
  kContain,
  kAll,
  kFill,
  kFillOpacity,
  kTextTransform,
  kFontVariant,
  kUrls,
  kWords,
  kOrder,
  kGridArea,
  kReverse,
  kPadding,
  kShadow,
  kBackgroundClip,
  kAnimation,
};

struct KnownProperty {
  PropertyKind kind;
  Property property;  // what the value says something of
};

// By its name in small letters; null: it is none of those.
const KnownProperty* FindProperty(std::string_view name);

}  // namespace gatepost::text
