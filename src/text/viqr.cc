// VIQR. A full stop or question mark at a word's end is punctuation unless the vowel has a '^'.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/viqr.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/text/legacy_writer.h"
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
  return (mark == '+' || mark == '*') && (lower == 'o' || lower == 'u') ? 0x31B : 0;
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

// Behind a '.' or '?' at `at - 1`: does a sentence end there? A small letter or another sign that
// follows says that it was a tone.
bool EndsSentence(std::string_view s, size_t at) {
  if (at < s.size() && (IsLetter(s[at]) || std::string_view(",;:.?!)").find(s[at]) < 7)) {
    return false;
  }
  while (at < s.size() && s[at] == ' ') {
    ++at;
  }
  return at >= s.size() || !(s[at] >= 'a' && s[at] <= 'z');
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
  const bool sentence = (tone == 0x309 || tone == 0x323) && EndsSentence(s, i + 1);
  if (tone != 0 && (shape != 0 || !sentence)) {
    sequence.push_back(tone);
    ++i;
  }
  const std::u32string composed = Compose(sequence);
  return composed.size() == 1 ? Read{composed[0], i - at}
                              : Read{static_cast<unsigned char>(letter), 1};
}

struct Word {
  std::u32string letters;
  size_t bytes = 0;
  size_t signs = 0;
  bool shaped = false;  // a vowel with both marks
  bool stops = true;    // no signs but full stops, question marks and apostrophes
};

// From a letter on; empty where there is none.
Word ReadWord(std::string_view s, size_t at) {
  Word word;
  while (at + word.bytes < s.size() && IsLetter(s[at + word.bytes])) {
    const Read read = ReadLetter(s, at + word.bytes);
    word.shaped = word.shaped || read.bytes == 3;
    word.stops = word.stops &&
                 (read.bytes == 1 ||
                  (read.bytes == 2 && std::string_view(".?'").find(s[at + word.bytes + 1]) < 3));
    word.signs += read.bytes - 1;
    word.letters.push_back(read.c);
    word.bytes += read.bytes;
  }
  return word;
}

// A vowel with both marks ("e^'"), without which no text is VIQR unless somebody says so. Nearly
// all mail ends here.
bool HasShapeAndTone(std::string_view s) {
  static constexpr std::array<bool, 256> kMarks = [] {
    std::array<bool, 256> marks{};
    for (const char mark : {'^', '(', '+', '*'}) {
      marks[static_cast<unsigned char>(mark)] = true;
    }
    return marks;
  }();
  for (size_t i = 1; i + 1 < s.size(); ++i) {
    const char mark = s[i];
    if (kMarks[static_cast<unsigned char>(mark)] && ShapeOf(s[i - 1], mark) != 0 &&
        ToneOf(s[i + 1]) != 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool IsViqr(std::string_view utf8, bool expected) {
  if (expected ? utf8.find_first_of("^(+*`'~") == std::string_view::npos : !HasShapeAndTone(utf8)) {
    return false;
  }
  // Of words with a sign, and of those with two: good ones are syllables.
  std::set<std::u32string> good;
  std::set<std::u32string> bad;
  std::set<std::u32string> strong;
  std::set<std::u32string> weak;
  std::set<std::u32string> foreign;  // of ASCII letters alone, and no syllables
  bool shaped = false;
  // What so many words say the rest of the text does not change.
  constexpr size_t kMostWords = 2'000;
  for (size_t i = 0; i < utf8.size() && strong.size() + weak.size() < 200 &&
                     good.size() + bad.size() + foreign.size() < kMostWords;) {
    const Word word = ReadWord(utf8, i);
    i += std::max<size_t>(word.bytes, 1);
    if (word.letters.size() < 2) {
      continue;  // of regular expressions and formulas as well: "o+.", "e^."
    }
    const bool is_good = IsSyllable(word.letters);
    if (word.signs >= 2) {
      (is_good ? strong : weak).insert(word.letters);
      shaped = shaped || (is_good && word.shaped);
    }
    if (word.signs >= 1) {
      (is_good ? good : bad).insert(word.letters);
    } else if (!is_good) {
      foreign.insert(word.letters);
    }
  }
  if (expected) {
    return !good.empty() && good.size() >= 9 * bad.size();
  }
  if (!shaped) {
    return false;
  }
  // A short text (a subject, three names) must be Vietnamese in the words around, too.
  return (strong.size() >= 3 && strong.size() >= 9 * weak.size()) ||
         (good.size() >= 4 && good.size() >= 9 * bad.size() && good.size() >= 2 * foreign.size());
}

LegacyText DecodeViqr(std::string_view utf8) {
  LegacyText out;
  LegacyWriter writer(&out);
  size_t plain = 0;     // where a stretch that stays begins
  size_t word_end = 0;  // of one that was looked at
  for (size_t i = 0; i < utf8.size();) {
    const bool letter = IsLetter(utf8[i]);
    if (letter && i >= word_end) {
      // "yahoo.com" and "we're" have signs too, but make no syllable.
      const Word word = ReadWord(utf8, i);
      word_end = i + word.bytes;
      if (word.signs == 0 || (word.stops && !IsSyllable(word.letters))) {
        i = word_end;
        continue;
      }
    }
    const Read read = letter ? ReadLetter(utf8, i) : Read{0, 1};
    // "\\." is a full stop that is no tone (RFC 1456, 3.2).
    const bool escape = utf8[i] == '\\' && i + 1 < utf8.size() && i > 0 && IsLetter(utf8[i - 1]) &&
                        std::string_view("^(+*`'?~.").find(utf8[i + 1]) != std::string_view::npos;
    if (read.bytes > 1 || escape) {
      writer.Copy(utf8.substr(plain, i - plain), plain);
      if (!escape) {
        writer.Put(read.c, i);
      }
      plain = i + read.bytes;
    }
    i += read.bytes;
  }
  writer.Copy(utf8.substr(plain), plain);
  writer.Finish(utf8.size());
  return out;
}

}  // namespace gatepost::text
