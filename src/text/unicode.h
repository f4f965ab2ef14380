// Unicode behind one door: what each form makes of a code point, and composition.
// LIMITS: tables cover U+0000..1FFFF; above, only tags, selectors and letters are told apart.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/text/view.h"

namespace gatepost::text {

// What a form does with a code point. `code` holds, in its low 15 bits, one of
//   0 keep as it is, 1 drop, 2..127 write this ASCII byte (32: a blank), 128.. pool[code - 128];
// bit 15: the code point may compose or reorder with what stands before it, go through Compose.
struct FormTable {
  static constexpr uint16_t kKeep = 0;
  static constexpr uint16_t kDrop = 1;
  static constexpr uint16_t kPool = 128;
  static constexpr uint16_t kUnsafe = 0x8000;
  std::array<uint8_t, 128> ascii{};  // 0: drop; 32: a blank; '\n' stays
  std::vector<uint16_t> code;        // kTableEnd entries
  std::vector<std::u32string> pool;
  uint16_t CodeOf(char32_t c) const;
};
constexpr char32_t kTableEnd = 0x20000;

// For kNfc and every form after it. Built on first use; const afterwards.
const FormTable& TableOf(Form form);
// Builds all tables now (a worker's parent does, so that workers share them).
void PrepareUnicode();

// The canonical composition (NFC) of a short sequence, Vietnamese ones by table. Tones typed before
// the circumflex, breve or horn are taken as if typed after it, as they look the same.
std::u32string Compose(std::u32string_view sequence);
// NFC of a whole text; `pieces`, when given, receives the way back (empty: nothing changed).
std::string ToNfc(std::string_view utf8, std::vector<MapPiece>* pieces);

// Look-alike in Latin letters, or c: our own table first, then what UTS #39 (ICU's confusables)
// maps to one ASCII letter. Latin letters with strokes and the like stay as they are: they are
// writing.
char32_t LatinLookAlike(char32_t c);

// What a code point is to a writer of tricks; a table, made once.
struct CharKind {
  static constexpr uint8_t kScriptMask = 0x07;
  static constexpr uint8_t kLatin = 1;
  static constexpr uint8_t kAlike = 2;  // Cyrillic, Greek and the others with Latin look-alikes
  static constexpr uint8_t kOther = 3;
  static constexpr uint8_t kWide = 4;  // Han, kana, Hangul: a letter is a word's worth
  static constexpr uint8_t kLetter = 0x08;
  static constexpr uint8_t kMark = 0x10;
  static constexpr uint8_t kInvisible = 0x20;  // what Form::kNfc drops
  static constexpr uint8_t kStyled = 0x40;     // a Latin letter in fancy dress, not full-width
  static constexpr uint8_t kBlank = 0x80;
};
uint8_t CharKindOf(char32_t c);
bool IsLatinLetter(char32_t c);
// Renders as nothing: the set of Form::kNfc but U+00AD, which may show as a hyphen.
bool IsZeroWidth(char32_t c);
char32_t ToLower(char32_t c);
char32_t ToUpper(char32_t c);

// REQUIRES: s is well-formed and at < s.size(). Advances at.
inline char32_t NextCodePoint(std::string_view s, size_t* at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
  const size_t i = *at;
  const char32_t lead = byte(i);
  if (lead < 0x80) {
    *at = i + 1;
    return lead;
  }
  if (lead < 0xE0) {
    *at = i + 2;
    return ((lead & 0x1FU) << 6) | (byte(i + 1) & 0x3FU);
  }
  if (lead < 0xF0) {
    *at = i + 3;
    return ((lead & 0x0FU) << 12) | ((byte(i + 1) & 0x3FU) << 6) | (byte(i + 2) & 0x3FU);
  }
  *at = i + 4;
  return ((lead & 0x07U) << 18) | ((byte(i + 1) & 0x3FU) << 12) | ((byte(i + 2) & 0x3FU) << 6) |
         (byte(i + 3) & 0x3FU);
}

}  // namespace gatepost::text
