// Byte strings and half-open ranges into them. Mail is bytes, not text: std::string_view here
// carries bytes of no particular encoding unless a name says utf8.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatepost {

using Bytes = std::string_view;

// Half-open [begin, end) in bytes of a buffer that the context names. Messages are below 4 GiB.
struct Range {
  uint32_t begin = 0;
  uint32_t end = 0;
  uint32_t size() const { return end - begin; }
  bool empty() const { return begin == end; }
  friend bool operator==(const Range&, const Range&) = default;
};

// REQUIRES: r lies in whole.
inline Bytes Slice(Bytes whole, Range r) { return whole.substr(r.begin, r.end - r.begin); }

// ASCII only; bytes above 7F stay as they are. No locale is ever asked.
char AsciiLower(char c);
std::string AsciiLower(Bytes s);
bool AsciiEqualsIgnoreCase(Bytes a, Bytes b);
bool AsciiStartsWithIgnoreCase(Bytes s, Bytes prefix);
// Without blanks and tabs (and CR, LF) at both ends.
Bytes AsciiTrim(Bytes s);
bool IsAscii(Bytes s);
// The place of the first byte from 80 up at or behind `from`; the size: there is none.
size_t AsciiEnd(Bytes s, size_t from);
std::string Hex(Bytes s);

}  // namespace gatepost
