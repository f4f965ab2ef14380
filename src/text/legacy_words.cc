// Counting syllables. Each different word is looked at once, whatever the text's length.
// LIMITS: a word longer than 24 bytes is no Vietnamese one.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/legacy_words.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <unordered_map>

#include "src/base/utf8.h"
#include "src/text/charset.h"
#include "src/text/legacy.h"
#include "src/text/unicode.h"

namespace gatepost::text {

namespace {

constexpr size_t kLongest = 24;  // bytes; the longest syllable has 7 letters

// One piece of a word, between what is punctuation in the encoding.
struct Piece {
  std::u32string letters;
  bool marked = false;
};

struct Reading {
  bool valid = false;
  bool common = false;
  uint64_t hash = 0;
};

uint64_t AddToHash(uint64_t hash, char32_t letter) { return hash * 1'000'003 + letter; }

// Of what is no letter in windows-1252: dots, quote marks, dashes, a blank. Such stand between
// words; signs of currencies and fractions do in multi-byte text only.
bool JoinsWords(char byte) {
  return std::string_view("\x84\x85\x91\x92\x93\x94\x95\x96\x97\xA0\xAB\xAD\xB7\xBB").find(byte) !=
         std::string_view::npos;
}

// Is every piece of the word a syllable? `eyes`: bit i, what the page shows for byte i is a letter.
Reading ReadIn(const std::string& word, uint32_t eyes, size_t encoding) {
  Reading out;
  Piece piece;
  bool some = false;
  bool common = true;
  bool cut = false;  // a sign that is no punctuation, and letters before it
  for (size_t i = 0; i <= word.size();) {
    LegacyLetter letter{0, 1};
    if (i < word.size()) {
      letter = LetterAt(word, i, encoding);
      if (letter.c == 0 && ((eyes >> i) & 1U) != 0) {
        return out;  // a letter to the eye, but no letter of this encoding
      }
      piece.marked = piece.marked || (letter.c >= 0x80) || letter.bytes == 2;
    }
    if (letter.c != 0) {
      if (cut) {
        return out;
      }
      piece.letters.push_back(letter.c);
      out.hash = AddToHash(out.hash, letter.c);
    } else {
      if (piece.marked) {
        if (!IsSyllable(piece.letters)) {
          return out;
        }
        std::u32string lower = piece.letters;
        std::transform(lower.begin(), lower.end(), lower.begin(), ToLower);
        common = common && IsCommonSyllable(lower);
        some = true;
      }
      cut = i < word.size() && out.hash != 0 && !JoinsWords(word[i]);
      piece.letters.clear();
      piece.marked = false;
    }
    i += letter.bytes;
  }
  out.valid = some;
  out.common = some && common;
  return out;
}

// The word as it stands: each piece between signs a syllable, and some mark in it.
bool IsSyllableAsItIs(std::string_view utf8) {
  std::u32string letters;
  for (size_t i = 0; i < utf8.size();) {
    letters.push_back(NextCodePoint(utf8, &i));
  }
  std::u32string piece;
  bool some = false;
  letters.push_back(0);
  for (const char32_t c : letters) {
    const bool sign = c < 0xC0 && !IsAsciiLetter(static_cast<int>(c));
    if (!sign) {
      piece.push_back(c);
      continue;
    }
    const std::u32string composed = Compose(piece);
    const bool marked = std::any_of(composed.begin(), composed.end(),
                                    [](char32_t letter) { return letter >= 0x80; });
    if (marked && !IsSyllable(composed)) {
      return false;
    }
    some = some || marked;
    piece.clear();
  }
  return some;
}

// A letter to the eye, as the page shows the byte. Pages of Western letters have letters from C0 on
// (and the two signs of arithmetic, which fonts of before Unicode show as letters), Macintosh has
// quote marks there.
bool IsLetterToEye(Page page, char32_t c, int byte) {
  if (byte < 0 || IsAsciiLetter(byte)) {
    return true;
  }
  if (byte < 0x80 || c == 0xAA || c == 0xB5 || c == 0xBA) {
    return false;
  }
  return (byte >= 0xC0 && page != Page::kMacintosh) ||
         (CharKindOf(c) & (CharKind::kLetter | CharKind::kMark)) != 0;
}

// Nothing beyond ASCII but quote marks and their like at the ends: in no Vietnamese word does one
// of these stand there as a letter, but for capitals of seldom encodings.
bool IsQuoted(std::string_view utf8) {
  constexpr std::u32string_view kBefore = U"«“‘„‚‹…–—•·";
  constexpr std::u32string_view kBehind = U"»”’“‘›…–—•®™©°†‡";
  std::u32string word;
  for (size_t i = 0; i < utf8.size();) {
    word.push_back(NextCodePoint(utf8, &i));
  }
  const auto ascii = [](char32_t c) { return c < 0x80; };
  const auto first = std::find_if(word.begin(), word.end(), ascii);
  const auto last = std::find_if(word.rbegin(), word.rend(), ascii).base();
  return first < last && std::all_of(first, last, ascii) &&
         std::all_of(word.begin(), first,
                     [&](char32_t c) { return kBefore.find(c) != kBefore.npos; }) &&
         std::all_of(last, word.end(), [&](char32_t c) { return kBehind.find(c) != kBehind.npos; });
}

WordKind MakeKind(const std::string& bytes, uint32_t eyes, std::string_view utf8, bool unicode) {
  WordKind kind;
  kind.unicode = unicode;
  kind.too_long = bytes.size() > kLongest || utf8.size() > 3 * kLongest;
  if (kind.too_long) {
    return kind;
  }
  kind.as_it_is = IsSyllableAsItIs(utf8);
  for (size_t i = 0; i < utf8.size();) {
    kind.own = AddToHash(kind.own, NextCodePoint(utf8, &i));
  }
  // Lead bytes from C4 on begin U+0100.
  kind.beyond_latin1 = std::any_of(utf8.begin(), utf8.end(),
                                   [](char c) { return static_cast<unsigned char>(c) >= 0xC4; });
  for (size_t e = 0; e < kEncodings && !unicode; ++e) {
    const Reading reading = ReadIn(bytes, eyes, e);
    kind.valid = static_cast<uint16_t>(kind.valid | (reading.valid ? 1U << e : 0U));
    kind.common = static_cast<uint16_t>(kind.common | (reading.common ? 1U << e : 0U));
    kind.hash[e] = reading.hash;
    const LegacyLetter first = LetterAt(bytes, 0, e);
    const bool stroke = first.bytes == bytes.size() && (first.c == U'đ' || first.c == U'Đ');
    kind.stroke = static_cast<uint16_t>(kind.stroke | (stroke ? 1U << e : 0U));
  }
  return kind;
}

// In a word: letters of ASCII, whatever has a byte beyond it, and letters and marks without one.
bool IsWordLetter(char32_t c, int byte) {
  if (byte >= 0) {
    return IsAsciiLetter(byte) || byte >= 0x80 || IsLetterControl(byte);
  }
  return (c >= 0xC0 && c < 0x2000) || (c >= 0x3040 && c < 0xE000) || c >= 0xF900;
}

// From a word's begin to that of the next that has something beyond ASCII; counts line ends.
size_t SkipAsciiWords(std::string_view s, size_t from, uint32_t* line) {
  size_t word = from;
  for (size_t i = from; i < s.size(); ++i) {
    const int byte = static_cast<unsigned char>(s[i]);
    if (IsAsciiLetter(byte)) {
      continue;
    }
    if (byte >= 0x80 || IsLetterControl(byte)) {
      return word;
    }
    *line += byte == '\n' ? 1U : 0U;
    word = i + 1;
  }
  return s.size();
}

// Met once where TCVN3 and VNI are met a hundred times.
bool IsSeldom(size_t encoding) {
  return encoding != 0 && encoding != 2 && kEncodingNames[encoding] != "windows-1258";
}

// The word of ASCII letters that ends at `end` or begins at `begin`; "" none: the line ends, or
// what is there has other letters.
std::string_view WordBefore(std::string_view s, size_t end) {
  size_t begin = end;
  while (begin > 0 && IsAsciiLetter(static_cast<unsigned char>(s[begin - 1]))) {
    --begin;
  }
  const bool whole = begin == 0 || static_cast<unsigned char>(s[begin - 1]) < 0x80;
  return whole ? s.substr(begin, end - begin) : "";
}

std::string_view WordBehind(std::string_view s, size_t begin) {
  size_t end = begin;
  while (end < s.size() && IsAsciiLetter(static_cast<unsigned char>(s[end]))) {
    ++end;
  }
  const bool whole = end == s.size() || static_cast<unsigned char>(s[end]) < 0x80;
  return whole ? s.substr(begin, end - begin) : "";
}

struct Neighbours {
  size_t syllables = 0;
  size_t foreign = 0;

  void Count(std::string_view word) {
    const bool capitals = std::all_of(word.begin(), word.end(), [](char c) { return c < 'a'; });
    if (word.size() < 2 || (capitals && word.size() < 5)) {
      return;  // initials and short names of offices stand in every language
    }
    const bool syllable = word.size() <= 6 && IsSyllable(std::u32string(word.begin(), word.end()));
    ++(syllable ? syllables : foreign);
  }
};

// Vietnamese words stand among words without marks that are syllables too; by chance, words of
// French or Danish are syllables in some encoding, but not the ASCII words around them. A seldom
// encoding whose words are not such that every text has (`common`) needs five, and none such beside
// them. Words without any letter of ASCII, as multi-byte text shows them, are few in Vietnamese.
bool IsAtHome(const LegacyWords& text, size_t begin, size_t end, size_t encoding, bool common) {
  constexpr size_t kLooked = 2'000;
  Neighbours around;
  size_t valid = 0;
  size_t with_ascii = 0;
  for (size_t w = begin; w < std::min(end, begin + kLooked); ++w) {
    const MarkedWord& word = text.words[w];
    const WordKind& kind = text.kinds[word.kind];
    if (((kind.valid >> encoding) & 1U) == 0 || kind.signs || kind.hash[encoding] == kind.own) {
      continue;
    }
    ++valid;
    const std::string_view bytes = text.text.substr(word.begin, word.end - word.begin);
    with_ascii += std::any_of(bytes.begin(), bytes.end(),
                              [](char c) { return IsAsciiLetter(static_cast<unsigned char>(c)); })
                      ? 1U
                      : 0U;
    if (word.begin > 0 && text.text[word.begin - 1] == ' ') {
      around.Count(WordBefore(text.text, word.begin - 1));
    }
    if (word.end < text.text.size() && text.text[word.end] == ' ') {
      around.Count(WordBehind(text.text, word.end + 1));
    }
  }
  if (IsSeldom(encoding) && !common && (around.foreign > 0 || valid < 5)) {
    return false;
  }
  return with_ascii * 3 >= valid * 2 && around.foreign <= around.syllables + valid / 2;
}

}  // namespace

LegacyWords CollectWords(std::string_view utf8, Page page, size_t kinds) {
  LegacyWords out;
  out.text = utf8;
  out.page = page;
  std::unordered_map<std::string_view, uint32_t> seen;
  std::string bytes;
  uint32_t eyes = 0;  // see ReadIn
  size_t begin = 0;
  uint32_t line = 0;
  bool beyond = false;   // something beyond ASCII
  bool letters = false;  // something that is a letter to the eye
  bool unicode = false;
  for (size_t i = 0; i <= utf8.size();) {
    if (bytes.empty() && !unicode) {
      i = SkipAsciiWords(utf8, i, &line);
    }
    const size_t at = i;
    const char32_t c = i < utf8.size() ? NextCodePoint(utf8, &i) : (++i, U'\n');
    const int byte = c < 0x80 ? static_cast<int>(c) : ByteIn(page, c);
    out.differs = out.differs || (page != Page::kWindows1252 && c >= 0x100 && byte >= 0 &&
                                  byte != ByteIn(Page::kWindows1252, c));
    if (IsWordLetter(c, byte)) {
      if (bytes.empty() && !unicode) {
        begin = at;
      }
      const bool eye = IsLetterToEye(page, c, byte);
      if (byte < 0) {
        unicode = true;
      } else if (bytes.size() <= kLongest) {
        eyes |= eye ? 1U << bytes.size() : 0U;
        bytes.push_back(static_cast<char>(byte));
      }
      beyond = beyond || byte >= 0x80 || byte < 0x20;
      letters = letters || eye;
      continue;
    }
    if (beyond) {
      const std::string_view word = utf8.substr(begin, at - begin);
      const auto [found, added] = seen.emplace(word, static_cast<uint32_t>(out.kinds.size()));
      if (added) {
        if (out.kinds.size() >= kinds) {
          return out;
        }
        out.kinds.push_back(MakeKind(bytes, eyes, word, unicode));
        out.kinds.back().signs = !letters || IsQuoted(word);
      }
      out.words.push_back(
          {static_cast<uint32_t>(begin), static_cast<uint32_t>(at), found->second, line});
    }
    line += c == '\n' ? 1U : 0U;
    bytes.clear();
    eyes = 0;
    beyond = letters = unicode = false;
  }
  return out;
}

size_t DecideEncoding(const LegacyWords& words, size_t begin, size_t end,
                      const std::vector<uint32_t>& kinds, size_t least, size_t percent) {
  struct Score {
    size_t valid = 0;
    size_t common = 0;
    size_t changed = 0;  // that read otherwise than as they stand
    uint64_t hash = 0;
  };
  std::array<Score, kEncodings> scores;
  size_t as_it_is = 0;
  for (const uint32_t k : kinds) {
    const WordKind& kind = words.kinds[k];
    as_it_is += kind.as_it_is ? 1U : 0U;
    for (size_t e = 0; e < kEncodings; ++e) {
      if (((kind.valid >> e) & 1U) != 0) {
        ++scores[e].valid;
        scores[e].common += (kind.common >> e) & 1U;
        scores[e].changed += kind.hash[e] != kind.own ? 1U : 0U;
        scores[e].hash += kind.hash[e] * 0x9E3779B97F4A7C15ULL;
      }
    }
  }
  const size_t total = kinds.size();
  size_t best = 0;
  for (size_t e = 1; e < kEncodings; ++e) {
    best = scores[e].valid > scores[best].valid ? e : best;
  }
  const auto enough = [&](size_t e) {
    const Score& score = scores[e];
    return score.valid >= least && score.valid * 100 >= total * percent && score.valid > as_it_is &&
           score.changed >= (e == 0 || e == 2 ? 1 : 2);
  };
  if (total < least || !enough(best)) {
    return kEncodings;
  }
  // One word more means little where the commonest words say otherwise: in a short text two
  // encodings may both make syllables, but only one makes those that every text has. TCVN3 and VNI
  // are met a hundred times as often as the others.
  const auto weight = [&](size_t e) {
    return 2 * scores[e].valid + 3 * scores[e].common + (e == 0 || e == 2 ? 2U : 0U);
  };
  for (size_t e = 0; e < kEncodings; ++e) {
    if (enough(e) && weight(e) > weight(best)) {
      best = e;
    }
  }
  const size_t margin = total < 6 ? 7 : total < 8 ? 4 : total < 12 ? 2 : 1;
  for (size_t e = 0; e < kEncodings; ++e) {
    const bool other = e != best && scores[e].valid * 100 >= total * percent &&
                       scores[e].hash != scores[best].hash;
    // VN1 shares the small letters with TCVN3, and differs in capitals that TCVN3 has not.
    if (other && weight(e) + margin > weight(best) && best + e != 1) {
      return kEncodings;
    }
  }
  return IsAtHome(words, begin, end, best, scores[best].common * 5 >= scores[best].valid)
             ? best
             : kEncodings;
}

}  // namespace gatepost::text
