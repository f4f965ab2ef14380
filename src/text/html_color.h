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
};

// Names, #rgb, #rgba, #rrggbb, #rrggbbaa, rgb(), rgba(), hsl(), hsla(), and bgcolor=ffffff.
// "transparent" is alpha 0. Case does not matter.
Color ReadColor(std::string_view text);
// `over` as it looks on `under`; odd where either is.
int64_t Blend(const Color& over, int64_t under);
// Would an eye fail to tell these apart? Both known, and no channel differs by more than 24.
bool LookAlike(int64_t a, int64_t b);

}  // namespace gatepost::text
