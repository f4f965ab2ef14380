// CSS lengths, and what clips and transforms leave to see.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/text/html_style.h"

namespace gatepost::text {

// "12px", ".1em", "0". False: no number stands in front. Absolute units become pixels.
bool ReadLength(std::string_view value, Length* out);
// Is any of the lengths in `value` far out of the window to the left or top; `either`: right and
// bottom too? `exact`: may be null; whether that one is valid CSS.
bool HasFarOut(std::string_view value, bool either, bool* exact = nullptr);
// rect(), inset(), circle(), polygon() that leave nothing to see.
bool ClipsAll(std::string_view value);
// scale(0) and its like, and translations out of sight.
bool TransformHides(std::string_view value);
// "f(...) g(...)" and nothing else.
bool IsListOfFunctions(std::string_view value);
// rect() has four values, or is none.
bool HasFourValues(std::string_view value);

// An opacity that leaves nothing to see: 0, 4%.
bool IsNearlyClear(std::string_view value);
// Is any length in it one that takes room?
bool HasSize(std::string_view value);

}  // namespace gatepost::text
