// The letters of Vietnamese in ten encodings, and the code pages through which their bytes are
// seen. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gatepost::text {

constexpr size_t kEncodings = 10;
extern const std::array<std::string_view, kEncodings> kEncodingNames;
// kEncodings: no such name.
size_t EncodingNamed(std::string_view name);
// Of names with blanks between, as bits.
uint32_t EncodingsNamed(std::string_view names);
// What the label of a charset may mean ("x-viet-tcvn5712": "tcvn3 vn1"); "" nothing of before
// Unicode.
std::string_view EncodingsOfLabel(std::string_view label);
// In these a capital with a tone has the code of its small letter.
bool LosesCase(size_t encoding);

// A letter and how many bytes of the word it took (1 or 2); c == 0: no letter of the encoding.
struct LegacyLetter {
  char32_t c;
  size_t bytes;
};
// REQUIRES: i < word.size(), encoding < kEncodings.
LegacyLetter LetterAt(std::string_view word, size_t i, size_t encoding);

// Code pages that have shown legacy bytes as characters. windows-1252 includes what windows-1254
// has otherwise, and U+F000 + byte of symbol fonts.
enum class Page : uint8_t {
  kWindows1252,
  kWindows1250,
  kLatin2,
  kMacintosh,
  kWindows1258,
  kLatin9
};
constexpr size_t kPages = 6;
// The byte a character stands for; -1 none.
int ByteIn(Page page, char32_t c);

inline bool IsAsciiLetter(int byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}
// Controls that VISCII and VN1 use as letters.
inline bool IsLetterControl(int byte) {
  return byte > 0 && byte < 0x20 && !(byte >= '\t' && byte <= '\r') && byte != 0x1B;
}
// The ASCII signs that BKHCM1 uses for the capitals D with stroke, A circumflex acute, and Y with
// four tones.
inline bool IsBkhcmSign(int byte) {
  return byte == 0x5E || byte == 0x60 || (byte >= 0x7B && byte <= 0x7E);
}

}  // namespace gatepost::text
