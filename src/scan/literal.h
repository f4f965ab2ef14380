// What every match of an expression must contain: a few literal words, one of which is in each.
// They are words of a folded text, so that obfuscated spellings have one too.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/scan/syntax.h"

namespace gatepost::scan {

// How a text is folded before words are looked for in it, byte by byte.
//   kLower    ASCII capitals to small letters, blanks and line ends to spaces
//   kCompact  that; all signs, blanks and line ends and all bytes from 80 up left out; digits that
//             stand for letters are those letters (0=o 1=i 3=e 4=a 5=s 7=t), l is i
enum class Fold : uint8_t { kLower, kCompact };
constexpr size_t kFoldCount = 2;
constexpr int kDropped = -1;
int FoldByte(Fold fold, unsigned char byte);  // a byte, or kDropped
// Returns whether characters were dropped: then (*kept)[i] is where character i of *folded stands.
bool FoldText(Fold fold, std::string_view text, std::string* folded, std::vector<uint32_t>* kept);

struct Literal {
  std::string text;    // folded; three bytes at least
  uint32_t least = 0;  // a match begins so many bytes before the word's first kept character...
  uint32_t most = 0;   // ... to so many; kEndless
};

struct Required {
  std::vector<Literal> literals;  // empty: none found
  double bits = 0;                // one in 2^bits places of ordinary mail has one
};

Required FindRequired(const Syntax& syntax, Fold fold);

// Leaves of the syntax what matches in a text of bytes below 80 alone; false: nothing does. What is
// left has words where look-alikes of several bytes took them away.
bool KeepAscii(Syntax* syntax);

// How rare a word is in ordinary mail, in bits.
double RarityOf(std::string_view folded);

// Is it better to look for these words than for those?
bool IsWorthMore(const Required& these, const Required& those);

// How dear the search for one match from one place may become.
struct Effort {
  uint32_t most = 0;     // bytes of the longest match; kEndless
  uint32_t endless = 0;  // repeats without end, where several ends must be tried; within another: 2
  double steps = 1;      // what the counted repeats multiply to, at worst
  double positions = 0;  // characters of the expression with its counted repeats written out
};
Effort EffortOf(const Syntax& syntax);

}  // namespace gatepost::scan
