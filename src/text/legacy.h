// Vietnamese in the 8-bit and font encodings of before Unicode, and UTF-8 encoded twice: found by
// its syllables, decoded, its lost capitals repaired. Works on text as windows-1252 shows the
// bytes. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/text/view.h"

namespace gatepost::text {

struct LegacyText {
  std::string utf8;
  std::vector<MapPiece> pieces;  // utf8 -> the text given
};

// Name of the encoding ("tcvn3", "vni", "viscii", "vps", "vn1", "windows-1258", "bkhcm1", "bkhcm2",
// "vietware-f", "vietware-x", "viqr", "utf-8-twice"), "" none. Decides for the text as a whole: at
// least 3 different words with a letter beyond ASCII, 75 % of such words valid syllables, and no
// other reading (Unicode itself among them) as good. Ordinary Western text is never taken for
// Vietnamese. `hint`: the encoding of the same message's other texts; then one word is enough. ""
// none.
std::string FindLegacy(std::string_view utf8, std::string_view hint);

// REQUIRES: encoding is one of the above. Keeps every '\n'.
LegacyText DecodeLegacy(std::string_view utf8, std::string_view encoding);

// Is this (in Unicode, any case) a possible Vietnamese syllable? 27 onsets, rimes, the tone rule.
bool IsSyllable(std::u32string_view word);

}  // namespace gatepost::text
