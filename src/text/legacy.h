// Vietnamese in the 8-bit and font encodings of before Unicode, and UTF-8 encoded twice: found by
// the fonts named and by its syllables, decoded word by word, its lost capitals repaired. Works on
// text as a single-byte code page shows the bytes (windows-1252 foremost).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/decode/leaf.h"
#include "src/text/view.h"

namespace gatepost::text {

struct LegacyText {
  // Encodings found, the most used first, separated by blanks; "" none, and then all else is empty.
  // Names: "tcvn3", "vni", "viscii", "vps", "vn1", "windows-1258", "bkhcm1", "bkhcm2",
  // "vietware-f", "vietware-x", "viqr", "utf-8-twice".
  std::string names;
  std::string utf8;
  std::vector<MapPiece> pieces;  // utf8 -> the text given
  // Where a font draws small letters as capitals (".VnTimeH"), what a reader sees is not what was
  // typed: utf8 keeps the case of the codes, this is the whole text as drawn, with as many lines.
  // "" the same as utf8.
  std::string drawn;
  std::vector<MapPiece> drawn_pieces;
};

struct LegacyHints {
  // Encodings that a label names or the message's other texts have, with blanks between ("" none):
  // one word in one of them is enough.
  std::string_view encoding;
  // Fonts of runs, ascending, in bytes of the text given. May be wrong: syllables must agree.
  const std::vector<decode::FontRun>* fonts = nullptr;
};

// Reads a text, keeping every '\n'. An encoding is taken for used when the text as a whole shows it
// (at least 3 different words with a letter beyond ASCII, 75 % of such words valid syllables, no
// other reading, Unicode among them, as good), or some lines together do (4 words, 85 %), or the
// name of a font does. Then each word is read in the encoding that it and its neighbours fit, or
// left alone. Ordinary Western text is never taken for Vietnamese. REQUIRES: well-formed UTF-8.
LegacyText ReadLegacy(std::string_view utf8, const LegacyHints& hints);

// Of a text in Unicode: `drawn` alone, with the capitals that a document shows for small letters
// (decode::kDrawnAsCapitals behind the name of a font); empty where none are.
LegacyText DrawCapitals(std::string_view utf8, const std::vector<decode::FontRun>& fonts);

// The encoding a font's name stands for (".VnTime", "ABCDEF+VNI-Helve", "VPS Times"); "" none or
// Unicode. Any case. *capitals: a font that draws small letters as capitals (".VnTimeH").
std::string_view EncodingOfFont(std::string_view font, bool* capitals);

// Is this (in Unicode, any case) a possible Vietnamese syllable? 27 onsets, rimes, the tone rule.
bool IsSyllable(std::u32string_view word);
// One of some two hundred that make half of all running text; lower case.
bool IsCommonSyllable(std::u32string_view word);

}  // namespace gatepost::text
