// An expression of PCRE2's language to a small tree: which characters, in which order, how often.
// It says too much rather than too little (look-around is nothing, a back-reference anything), so
// that whoever looks for what every match must contain never loses a match.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::scan {

constexpr uint32_t kEndless = UINT32_MAX;  // of repeats and widths

// Sums and products of widths and counts, which stay kEndless.
inline uint32_t AddWidths(uint32_t a, uint32_t b) {
  return a == kEndless || b == kEndless || a > kEndless - b ? kEndless : a + b;
}
inline uint32_t MultiplyWidth(uint32_t a, uint32_t n) {
  if (a == 0 || n == 0) {
    return 0;
  }
  return a == kEndless || n == kEndless || a > (kEndless - 1) / n ? kEndless : a * n;
}

// What one character may be. In an expression of UTF-8 characters `bytes` tells of those below 80,
// and a bit above stands for one byte of a sequence that was written out.
struct CharSet {
  std::bitset<256> bytes;
  bool wide = false;  // characters of several bytes, too
};

// The tree says in which case an expression was written, not in which it matches: that is either.
std::bitset<256> InAnyCase(const std::bitset<256>& bytes);

struct SyntaxNode {
  enum class Kind : uint8_t { kEmpty, kChars, kConcat, kAlternate, kRepeat };
  Kind kind = Kind::kEmpty;
  CharSet chars;                   // kChars
  std::vector<uint32_t> children;  // kConcat, kAlternate, kRepeat (one): nodes before this one
  uint32_t least = 1;              // kRepeat
  uint32_t most = 1;               // kRepeat; kEndless: without end
};

struct Syntax {
  bool understood = false;        // false: nothing below holds
  bool exotic = false;            // has what Hyperscan does not know
  std::vector<SyntaxNode> nodes;  // children first; the last is the whole
  std::string relaxed;            // the expression without what Hyperscan does not know; matches
                                  // wherever the expression does
};

// Total, without recursion. The expression is one that PCRE2 compiles; `utf8` and `caseless` are
// the options it is compiled with.
Syntax ParseSyntax(std::string_view expression, bool utf8, bool caseless);

}  // namespace gatepost::scan
