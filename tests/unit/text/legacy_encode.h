// Unicode to the encodings of before Unicode, for tests: the same table, the other way round.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <map>

#include "src/base/utf8.h"
#include "src/text/charset.h"
#include "src/text/legacy_tables.h"
#include "src/text/unicode.h"

namespace gatepost::text {

namespace encode {

struct Row {
  char32_t letter;
  std::array<uint16_t, kEncodings> code;
};
inline constexpr Row kRows[] = {
#include "src/text/vietnamese_tables.inc"
};

// RFC 1456 section 3: the letter, its shape, its tone.
inline std::string Viqr(char32_t c) {
  if (c == U'đ' || c == U'Đ') {
    return c == U'đ' ? "dd" : "DD";
  }
  constexpr std::u32string_view kShaped = U"ăâêôơưĂÂÊÔƠƯ";
  constexpr std::array<const char*, 12> kShapes = {"a(", "a^", "e^", "o^", "o+", "u+",
                                                   "A(", "A^", "E^", "O^", "O+", "U+"};
  constexpr std::u32string_view kTones = U"\u0300\u0301\u0303\u0309\u0323";
  constexpr std::string_view kToneSigns = "`'~?.";
  std::string bases = "aeiouyAEIOUY";
  for (size_t i = 0; i < kShaped.size() + bases.size(); ++i) {
    const bool shaped = i < kShaped.size();
    const char32_t base = shaped ? kShaped[i] : static_cast<char32_t>(bases[i - kShaped.size()]);
    const std::string spelt = shaped ? kShapes[i] : std::string(1, bases[i - kShaped.size()]);
    if (base == c) {
      return spelt;
    }
    for (size_t t = 0; t < kTones.size(); ++t) {
      if (Compose(std::u32string{base, kTones[t]}) == std::u32string(1, c)) {
        return spelt + kToneSigns[t];
      }
    }
  }
  return "?";
}

}  // namespace encode

// NFC Vietnamese to bytes. `encoding` is one of LegacyText::names' but "utf-8-twice". A letter that
// the encoding has not becomes '?'. TCVN3, VPS and Vietware-F write some capitals as small letters.
inline std::string EncodeLegacy(std::string_view utf8, std::string_view encoding) {
  const size_t e = EncodingNamed(encoding);
  std::map<char32_t, uint16_t> codes;
  for (const encode::Row& row : encode::kRows) {
    if (e < kEncodings) {
      codes[row.letter] = row.code[e];
    }
  }
  std::string out;
  for (size_t i = 0; i < utf8.size();) {
    const char32_t c = NextCodePoint(utf8, &i);
    const auto found = codes.find(c);
    if (c < 0x80) {
      out.push_back(static_cast<char>(c));
    } else if (e >= kEncodings) {
      out += encode::Viqr(c);
    } else if (found == codes.end()) {
      out.push_back('?');
    } else {
      if (found->second > 0xFF) {
        out.push_back(static_cast<char>(found->second >> 8U));
      }
      out.push_back(static_cast<char>(found->second & 0xFFU));
    }
  }
  return out;
}

// Each byte as the character that windows-1252 shows.
inline std::string SeenAsWindows1252(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    AppendUtf8(Windows1252(static_cast<unsigned char>(c)), &out);
  }
  return out;
}

}  // namespace gatepost::text
