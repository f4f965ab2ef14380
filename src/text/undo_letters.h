// Undoing of tricks in a stretch of text that is known to hold some, code point by code point.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace gatepost::text {

struct Glyph {
  char32_t c;
  uint32_t source;  // where it stood, in bytes
};
using Glyphs = std::vector<Glyph>;

bool IsWordLetter(char32_t c);     // not Han and its like, where each letter is alone
bool IsMarkOrNothing(char32_t c);  // a combining mark, or what renders as nothing
bool IsTextBlank(char32_t c);

// Are there kFewestSpaced letters in a row, each alone between gaps? Builds nothing.
bool HasSpacedLetters(std::string_view utf8);

// Each is linear, never adds or removes a '\n', and says whether it changed anything.
bool UndoReversal(Glyphs* text);  // up to kDeepestOverride deep
bool UndoEntities(Glyphs* text);  // up to three times encoded
bool UndoUtf7(Glyphs* text);
bool UndoReplacements(Glyphs* text);  // U+FFFD within a word
bool UndoSpacing(Glyphs* text);

}  // namespace gatepost::text
