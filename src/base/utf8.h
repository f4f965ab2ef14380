// UTF-8 without surprises (RFC 3629): decode one code point, repair a whole string.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/bytes.h"

namespace gatepost {

constexpr char32_t kReplacement = 0xFFFD;

// One decoded unit: the code point and how many bytes it took (at least 1). Ill-formed input gives
// {kReplacement, n} with valid = false, n being the maximal subpart (Unicode 15, table 3-8).
struct Utf8Unit {
  char32_t code_point;
  uint8_t bytes;
  bool valid;
};

// REQUIRES: at < s.size().
Utf8Unit DecodeUtf8(Bytes s, size_t at);
bool IsUtf8(Bytes s);
// Of well-formed UTF-8; otherwise the bytes that continue none.
size_t CountCodePoints(Bytes s);
// Each ill-formed subsequence becomes one U+FFFD.
std::string ToValidUtf8(Bytes s);
// REQUIRES: code_point is a Unicode scalar value; anything else is written as U+FFFD.
void AppendUtf8(char32_t code_point, std::string* out);
// At most max_bytes, cut at a code point's edge, with "..." appended when cut; control characters
// (C0, DEL, C1) become U+FFFD. For terminals, journals and headers of ours.
std::string PrintableUtf8(Bytes s, size_t max_bytes);

}  // namespace gatepost
