// Characters as an expression of PCRE2's language writes them: classes, escapes and counts.
// Source of the grammar: pcre2pattern(3), PCRE2 10.42.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>

#include "src/scan/syntax.h"

namespace gatepost::scan {

using ByteSet = std::bitset<256>;

// A place in an expression. What is not understood makes `good` false, for good.
struct ExpressionReader {
  std::string_view text;
  size_t at = 0;
  bool good = true;
  char Peek(size_t ahead) const { return at + ahead < text.size() ? text[at + ahead] : '\0'; }
  bool Next(std::string_view what) const { return text.substr(at, what.size()) == what; }
};

ByteSet ByteRange(unsigned first, unsigned last);
ByteSet ByteSetOf(std::string_view text);
bool IsWordChar(char c);  // \w of ASCII

// What \c stands for, inside and outside of classes. False: it is no set.
bool EscapedSet(char c, CharSet* set);
// At the 'x' of \x: the value; beyond 10FFFF when it cannot be read.
uint32_t ReadHex(ExpressionReader* in);
// At the 'p' of \p.
void SkipProperty(ExpressionReader* in);
// "*", "+", "?", "{2,3}". False: no count stands here.
bool ReadCount(ExpressionReader* in, uint32_t* least, uint32_t* most);
// From '[' to behind ']'. Says too much rather than too little.
CharSet ReadClass(ExpressionReader* in, bool utf8, bool caseless);

}  // namespace gatepost::scan
