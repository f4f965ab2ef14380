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

// Is every piece of the word a syllable?
Reading ReadIn(const std::string& word, size_t encoding) {
  Reading out;
  Piece piece;
  bool some = false;
  bool common = true;
  for (size_t i = 0; i <= word.size();) {
    LegacyLetter letter{0, 1};
    if (i < word.size()) {
      const auto byte = static_cast<unsigned char>(word[i]);
      letter = LetterAt(word, i, encoding);
      if (letter.c == 0 && byte >= 0xC0) {
        return out;  // a letter to the eye, but no letter of this encoding
      }
      piece.marked = piece.marked || (letter.c >= 0x80) || letter.bytes == 2;
    }
    if (letter.c != 0) {
      piece.letters.push_back(letter.c);
      out.hash = out.hash * 1'000'003 + letter.c;
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

WordKind MakeKind(const std::string& bytes, std::string_view utf8, bool unicode) {
  WordKind kind;
  kind.unicode = unicode;
  kind.too_long = bytes.size() > kLongest || utf8.size() > 3 * kLongest;
  if (kind.too_long) {
    return kind;
  }
  kind.as_it_is = IsSyllableAsItIs(utf8);
  // Lead bytes from C4 on begin U+0100.
  kind.beyond_latin1 = std::any_of(utf8.begin(), utf8.end(),
                                   [](char c) { return static_cast<unsigned char>(c) >= 0xC4; });
  for (size_t e = 0; e < kEncodings && !unicode; ++e) {
    const Reading reading = ReadIn(bytes, e);
    kind.valid = static_cast<uint16_t>(kind.valid | (reading.valid ? 1U << e : 0U));
    kind.common = static_cast<uint16_t>(kind.common | (reading.common ? 1U << e : 0U));
    kind.hash[e] = reading.hash;
  }
  return kind;
}

// In a word: letters of ASCII, whatever has a byte beyond it, and letters and marks without one.
bool IsWordLetter(char32_t c, int byte) {
  if (byte >= 0) {
    return IsAsciiLetter(byte) || byte >= 0x80 || IsLetterControl(byte);
  }
  return (c >= 0x100 && c < 0x2000) || (c >= 0x3040 && c < 0xE000) || c >= 0xF900;
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

}  // namespace

LegacyWords CollectWords(std::string_view utf8, Page page, size_t kinds) {
  LegacyWords out;
  out.page = page;
  std::unordered_map<std::string_view, uint32_t> seen;
  std::string bytes;
  size_t begin = 0;
  uint32_t line = 0;
  bool beyond = false;   // something beyond ASCII
  bool letters = false;  // something that is a letter in some encoding
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
      if (byte < 0) {
        unicode = true;
      } else if (bytes.size() <= kLongest) {
        bytes.push_back(static_cast<char>(byte));
      }
      beyond = beyond || byte >= 0x80 || byte < 0x20;
      letters = letters || IsAsciiLetter(byte) || byte >= 0xC0 || byte < 0;
      continue;
    }
    if (beyond) {
      const std::string_view word = utf8.substr(begin, at - begin);
      const auto [found, added] = seen.emplace(word, static_cast<uint32_t>(out.kinds.size()));
      if (added) {
        if (out.kinds.size() >= kinds) {
          return out;
        }
        out.kinds.push_back(MakeKind(bytes, word, unicode));
        out.kinds.back().signs = !letters;
      }
      out.words.push_back(
          {static_cast<uint32_t>(begin), static_cast<uint32_t>(at), found->second, line});
    }
    line += c == '\n' ? 1U : 0U;
    bytes.clear();
    beyond = letters = unicode = false;
  }
  return out;
}

size_t DecideEncoding(const LegacyWords& words, const std::vector<uint32_t>& kinds, size_t least,
                      size_t percent) {
  struct Score {
    size_t valid = 0;
    size_t common = 0;
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
        scores[e].hash += kind.hash[e] * 0x9E3779B97F4A7C15ULL;
      }
    }
  }
  const size_t total = kinds.size();
  size_t best = 0;
  for (size_t e = 1; e < kEncodings; ++e) {
    best = scores[e].valid > scores[best].valid ? e : best;
  }
  if (total < least || scores[best].valid < least || scores[best].valid * 100 < total * percent ||
      as_it_is >= scores[best].valid) {
    return kEncodings;
  }
  // One word more means little where the commonest words say otherwise: in a short text two
  // encodings may both make syllables, but only one makes those that every text has. TCVN3 and VNI
  // are met a hundred times as often as the others.
  const auto weight = [&](size_t e) {
    return 2 * scores[e].valid + 3 * scores[e].common + (e == 0 || e == 2 ? 2U : 0U);
  };
  for (size_t e = 0; e < kEncodings; ++e) {
    const bool enough = scores[e].valid >= least && scores[e].valid * 100 >= total * percent &&
                        scores[e].valid > as_it_is;
    if (enough && weight(e) > weight(best)) {
      best = e;
    }
  }
  const size_t margin = total < 6 ? 7 : total < 8 ? 4 : total < 12 ? 2 : 1;
  for (size_t e = 0; e < kEncodings; ++e) {
    const bool other = e != best && scores[e].valid * 100 >= total * percent &&
                       scores[e].hash != scores[best].hash;
    // VN1 shares the small letters with TCVN3; fonts are what is met.
    if (other && weight(e) + margin > weight(best) && !(best == 0 && e == 1)) {
      return kEncodings;
    }
  }
  return best;
}

}  // namespace gatepost::text
