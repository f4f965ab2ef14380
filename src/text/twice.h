// UTF-8 whose bytes were taken for a single-byte code page and encoded again.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/text/legacy.h"
#include "src/text/legacy_tables.h"

namespace gatepost::text {

// How well the text reads as Vietnamese that was encoded twice, as the page shows it: characters
// gained, less those that fit not. 0: it does not (most runs beyond ASCII would have to be UTF-8).
size_t TwiceScore(std::string_view utf8, Page page);
// Bytes that were lost on the way (A0 and AD, blanks to some) are put back where only one letter
// fits.
LegacyText DecodeTwice(std::string_view utf8, Page page);

}  // namespace gatepost::text
