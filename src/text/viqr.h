// VIQR (RFC 1456): Vietnamese in ASCII, "Tie^'ng Vie^.t".
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/text/legacy.h"

namespace gatepost::text {

// Cautious: at least three different words with two signs (a shape and a tone, or dd and one), or
// four with any sign among other syllables; some with both on one vowel. One with any sign when the
// message has VIQR elsewhere. Nine in ten of such words syllables. What is not ASCII is passed
// over.
bool IsViqr(std::string_view utf8, bool expected);
// A word that is no syllable keeps its full stops, question marks and apostrophes (addresses do).
// `names` is left to the caller. VIQ* (a star for the horn) and \-escapes are read too.
LegacyText DecodeViqr(std::string_view utf8);

}  // namespace gatepost::text
