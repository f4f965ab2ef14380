// Which encoding each word of a text is in, given those that the text uses: the cheapest path.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "src/text/legacy_words.h"

namespace gatepost::text {

// What fonts say about each word: an encoding, kNoFont (nothing known) or kOtherFont (a font that
// is not of before Unicode, as far as its name says).
using FontEncodings = std::vector<uint8_t>;
constexpr uint8_t kNoFont = kEncodings;
constexpr uint8_t kOtherFont = kEncodings + 1;

// For each word of words.words an encoding out of `used` (bits), or kEncodings: as it stands.
// A change of encoding costs as much as about three words that do not fit, less at a line's end.
std::vector<uint8_t> AssignEncodings(const LegacyWords& words, uint32_t used,
                                     const FontEncodings& fonts);

// The encodings that a text uses, as bits. `hints`: bits too, see LegacyHints.
uint32_t EncodingsUsed(const LegacyWords& words, uint32_t hints, const FontEncodings& fonts);

}  // namespace gatepost::text
