// CSS colours, as far as one can tell text from what is behind it.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace gatepost::text {

constexpr int64_t kNoColor = -1;   // not said
constexpr int64_t kOddColor = -2;  // a picture, a gradient, a name we do not know

struct Color {
  int64_t rgb = kNoColor;  // 0xRRGGBB
  uint8_t alpha = 255;
  bool plain = false;    // every program that shows mail understands it, the oldest too
  bool invalid = false;  // a browser drops it, at least where a page follows today's standards
};

// Names, #rgb, #rgba, #rrggbb, #rrggbbaa, rgb(), rgba(), hsl(), hsla(), and bgcolor=ffffff.
// "transparent" is alpha 0. Case does not matter.
Color ReadColor(std::string_view text);
// A colour (small letters) that is not computed here: oklch(), color-mix()...
bool IsUnknownColor(std::string_view lower);
// The system's colours that are light as a rule: Canvas, Window.
bool IsLightOfSystem(std::string_view lower);
// `over` as it looks on `under`; odd where either is.
int64_t Blend(const Color& over, int64_t under);
// Would an eye fail to tell these apart? Both known, and no channel differs by more than 24.
bool LookAlike(int64_t a, int64_t b);

}  // namespace gatepost::text
