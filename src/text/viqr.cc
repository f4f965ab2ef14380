// VIQR. A full stop or question mark at a word's end is punctuation unless the vowel has a '^'.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/viqr.h"

#include <set>
#include <string>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/text/unicode.h"

namespace gatepost::text {

namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

char32_t ShapeOf(char letter, char mark) {
  const char lower = AsciiLower(letter);
  if (mark == '^' && (lower == 'a' || lower == 'e' || lower == 'o')) {
    return 0x302;
  }
  if (mark == '(' && lower == 'a') {
    return 0x306;
  }
  return mark == '+' && (lower == 'o' || lower == 'u') ? 0x31B : 0;
}

char32_t ToneOf(char mark) {
  switch (mark) {
    case '`':
      return 0x300;
    case '\'':
      return 0x301;
    case '~':
      return 0x303;
    case '?':
      return 0x309;
    case '.':
      return 0x323;
    default:
      return 0;
  }
}

struct Read {
  char32_t c;
  size_t bytes;
};

Read ReadLetter(std::string_view s, size_t at) {
  const char letter = s[at];
  if ((letter == 'd' || letter == 'D') && at + 1 < s.size() &&
      (s[at + 1] == 'd' || s[at + 1] == 'D')) {
    return {letter == 'd' ? U'đ' : U'Đ', 2};
  }
  if (std::string_view("aeiouyAEIOUY").find(letter) == std::string_view::npos) {
    return {static_cast<unsigned char>(letter), 1};
  }
  std::u32string sequence(1, static_cast<char32_t>(letter));
  size_t i = at + 1;
  const char32_t shape = i < s.size() ? ShapeOf(letter, s[i]) : 0;
  if (shape != 0) {
    sequence.push_back(shape);
    ++i;
  }
  const char32_t tone = i < s.size() ? ToneOf(s[i]) : 0;
  const bool at_end = i + 1 >= s.size() || !IsLetter(s[i + 1]);
  const bool sentence = at_end && (tone == 0x309 || tone == 0x323);
  if (tone != 0 && (shape != 0 || !sentence)) {
    sequence.push_back(tone);
    ++i;
  }
  const std::u32string composed = Compose(sequence);
  return composed.size() == 1 ? Read{composed[0], i - at}
                              : Read{static_cast<unsigned char>(letter), 1};
}

}  // namespace

bool IsViqr(std::string_view ascii) {
  size_t carets = 0;
  for (size_t at = ascii.find('^'); at != std::string_view::npos && carets < 5;
       at = ascii.find('^', at + 1)) {
    ++carets;
  }
  if (carets < 5) {
    return false;
  }
  std::set<std::u32string> good;
  std::set<std::u32string> bad;
  for (size_t i = 0; i < ascii.size() && good.size() + bad.size() < 200;) {
    std::u32string word;
    bool with_tone = false;
    while (i < ascii.size() && IsLetter(ascii[i])) {
      const Read read = ReadLetter(ascii, i);
      with_tone = with_tone || read.bytes == 3;
      word.push_back(read.c);
      i += read.bytes;
    }
    if (with_tone) {
      (IsSyllable(word) ? good : bad).insert(word);
    }
    i += word.empty() ? 1U : 0U;
  }
  return good.size() >= 5 && good.size() >= 9 * bad.size();
}

LegacyText DecodeViqr(std::string_view ascii) {
  LegacyText out;
  out.pieces.push_back({0, 0});
  for (size_t i = 0; i < ascii.size();) {
    if (out.pieces.back().source - out.pieces.back().view != i - out.utf8.size()) {
      out.pieces.push_back({static_cast<uint32_t>(out.utf8.size()), static_cast<uint32_t>(i)});
    }
    const Read read =
        IsLetter(ascii[i]) ? ReadLetter(ascii, i) : Read{static_cast<unsigned char>(ascii[i]), 1};
    AppendUtf8(read.c, &out.utf8);
    i += read.bytes;
  }
  out.pieces.push_back(
      {static_cast<uint32_t>(out.utf8.size()), static_cast<uint32_t>(ascii.size())});
  return out;
}

}  // namespace gatepost::text
