// Fonts of before Unicode often had one place for a letter's small and capital form; which one is
// meant, the ASCII letters beside it tell, or the words beside it. What a font draws as capitals is
// a second text: its letters were typed small.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/legacy_decode.h"

#include <algorithm>

#include "src/text/legacy_writer.h"
#include "src/text/unicode.h"

namespace gatepost::text {

namespace {

constexpr size_t kBkhcm1 = 6;

struct Letter {
  char32_t c;
  size_t source;
  bool in_word;
  bool lost_case;  // small here, but maybe a capital
  bool capital;    // its font draws capitals
};

enum class Case : int8_t { kUnknown, kSmall, kCapitals };

// What the ASCII letters of a word tell. Capitals of something that is no syllable (UBND, TP, 3COM)
// say nothing about the words beside it.
struct WordCase {
  size_t begin = 0;
  size_t end = 0;
  Case own = Case::kUnknown;
  Case told = Case::kUnknown;  // to its neighbours
};

WordCase CaseOf(const std::vector<Letter>& line, size_t begin, size_t end) {
  WordCase word{begin, end};
  size_t capitals = 0;
  std::u32string letters;
  for (size_t i = begin; i < end; ++i) {
    const char32_t c = line[i].c;
    if (c >= 'a' && c <= 'z') {
      word.own = word.told = Case::kSmall;
      return word;
    }
    capitals += c >= 'A' && c <= 'Z' ? 1U : 0U;
    letters.push_back(c);
  }
  if (capitals >= 2) {
    word.own = Case::kCapitals;
    word.told = IsSyllable(letters) ? Case::kCapitals : Case::kUnknown;
  }
  return word;
}

void RepairCase(std::vector<Letter>* line) {
  std::vector<WordCase> words;
  for (size_t i = 0; i < line->size(); ++i) {
    if (!(*line)[i].in_word) {
      continue;
    }
    size_t end = i;
    while (end < line->size() && (*line)[end].in_word) {
      ++end;
    }
    words.push_back(CaseOf(*line, i, end));
    i = end;
  }
  Case next = Case::kUnknown;
  std::vector<Case> after(words.size(), Case::kUnknown);
  for (size_t w = words.size(); w-- > 0;) {
    after[w] = next;
    next = words[w].told != Case::kUnknown ? words[w].told : next;
  }
  Case before = Case::kUnknown;
  for (size_t w = 0; w < words.size(); ++w) {
    const WordCase& word = words[w];
    // A word that does not tell is in capitals when none of its neighbours is small.
    const bool between = (before == Case::kCapitals || after[w] == Case::kCapitals) &&
                         before != Case::kSmall && after[w] != Case::kSmall;
    const bool is_unit = word.begin > 0 && (*line)[word.begin - 1].c >= '0' &&
                         (*line)[word.begin - 1].c <= '9';  // 1.000d: dong
    before = word.told != Case::kUnknown ? word.told : before;
    if (word.own == Case::kCapitals || (word.own == Case::kUnknown && between && !is_unit)) {
      for (size_t i = word.begin; i < word.end; ++i) {
        if ((*line)[i].lost_case) {
          (*line)[i].c = ToUpper((*line)[i].c);
        }
      }
    }
  }
}

// A word's characters: what it is as bytes, and where each stood.
struct Spelling {
  std::string bytes;
  std::vector<char32_t> characters;
  std::vector<size_t> sources;
};

Spelling Spell(std::string_view utf8, size_t begin, size_t end, Page page) {
  Spelling out;
  for (size_t i = begin; i < end;) {
    out.sources.push_back(i);
    const char32_t c = NextCodePoint(utf8, &i);
    const int byte = c < 0x80 ? static_cast<int>(c) : ByteIn(page, c);
    out.characters.push_back(c);
    out.bytes.push_back(byte < 0 ? '?' : static_cast<char>(byte));
  }
  return out;
}

// The letters of one word, decoded. What is no letter of the encoding stays.
void AppendWord(const Spelling& word, size_t encoding, std::vector<Letter>* line) {
  for (size_t i = 0; i < word.bytes.size();) {
    const LegacyLetter letter = LetterAt(word.bytes, i, encoding);
    const auto byte = static_cast<unsigned char>(word.bytes[i]);
    if (letter.c == 0) {
      const bool symbol = word.characters[i] >= 0xF000 && byte < 0x80;
      line->push_back(
          {symbol ? byte : word.characters[i], word.sources[i], byte >= 0xC0, false, false});
    } else {
      line->push_back({letter.c, word.sources[i], true,
                       LosesCase(encoding) && (byte >= 0x80 || letter.bytes == 2), false});
    }
    i += letter.bytes;
  }
}

// BKHCM1 has six capitals at ASCII signs. A word with some of them is taken where it becomes a
// syllable that has them as a capital should stand: at its head, or among capitals.
bool IsBkhcmWord(const Spelling& word, std::u32string* letters) {
  size_t signs = 0;
  size_t small = 0;
  for (size_t i = 0; i < word.bytes.size(); ++i) {
    const LegacyLetter letter = LetterAt(word.bytes, i, kBkhcm1);
    if (letter.c == 0) {
      return false;
    }
    const bool sign = IsBkhcmSign(static_cast<unsigned char>(word.bytes[i]));
    signs += sign ? 1U : 0U;
    if (sign && i > 0 && small > 0) {
      return false;
    }
    small += !sign && ToUpper(letter.c) != letter.c ? 1U : 0U;
    letters->push_back(letter.c);
  }
  const bool inside =
      word.bytes.size() > 1 && !IsBkhcmSign(static_cast<unsigned char>(word.bytes[0]));
  return signs > 0 && word.bytes.size() > 1 && (!inside || small == 0) && IsSyllable(*letters);
}

class Decoder {
 public:
  Decoder(std::string_view utf8, const LegacyWords& words, const std::vector<uint8_t>& encodings,
          const CapitalRanges& capitals)
      : utf8_(utf8),
        words_(words),
        encodings_(encodings),
        capitals_(capitals),
        writer_(&out_),
        drawn_(&out_.drawn, &out_.drawn_pieces) {}

  LegacyText Run() {
    bool bkhcm = false;
    for (const uint8_t encoding : encodings_) {
      bkhcm = bkhcm || encoding == kBkhcm1;
    }
    size_t w = 0;
    for (size_t i = 0; i < utf8_.size();) {
      while (w < words_.words.size() && words_.words[w].begin < i) {
        ++w;
      }
      if (w < words_.words.size() && words_.words[w].begin == i && encodings_[w] < kEncodings) {
        const size_t end = bkhcm ? BkhcmEnd(i) : 0;
        if (end > words_.words[w].end) {
          i = end;
          continue;
        }
        const Spelling word = Spell(utf8_, i, words_.words[w].end, words_.page);
        AppendWord(word, encodings_[w], &line_);
        i = words_.words[w].end;
        continue;
      }
      if (bkhcm && (i == 0 || !InWord(static_cast<unsigned char>(utf8_[i - 1])))) {
        const size_t end = BkhcmEnd(i);
        if (end > i) {
          i = end;
          continue;
        }
      }
      Plain(&i);
    }
    Flush();
    writer_.Finish(utf8_.size());
    if (!capitals_.empty()) {
      drawn_.Finish(utf8_.size());
    }
    if (out_.drawn == out_.utf8) {
      out_.drawn.clear();
      out_.drawn_pieces.clear();
    }
    return std::move(out_);
  }

 private:
  static bool InWord(unsigned char byte) { return IsAsciiLetter(byte) || byte >= 0x80; }

  // Takes a word with signs of BKHCM1 at `begin`; its end, or 0: none there.
  size_t BkhcmEnd(size_t begin) {
    size_t end = begin;
    bool signs = false;
    while (end < utf8_.size() && end - begin < 24) {
      const auto byte = static_cast<unsigned char>(utf8_[end]);
      if (!InWord(byte) && !IsBkhcmSign(byte)) {
        break;
      }
      signs = signs || IsBkhcmSign(byte);
      ++end;
    }
    if (!signs ||
        (end < utf8_.size() && (static_cast<unsigned char>(utf8_[end]) & 0xC0U) == 0x80)) {
      return 0;
    }
    std::u32string letters;
    const Spelling word = Spell(utf8_, begin, end, words_.page);
    if (!IsBkhcmWord(word, &letters)) {
      return 0;
    }
    AppendWord(word, kBkhcm1, &line_);
    return end;
  }

  void Plain(size_t* i) {
    const size_t source = *i;
    const char32_t c = NextCodePoint(utf8_, i);
    if (c == '\n') {
      Flush();
      writer_.Put(c, source);
      if (!capitals_.empty()) {
        drawn_.Put(c, source);
      }
      return;
    }
    // Symbol fonts: ASCII too stands at U+F000 + byte.
    const bool symbol = c >= 0xF020 && c < 0xF080;
    const char32_t seen = symbol ? c - 0xF000 : c;
    line_.push_back(
        {seen, source, IsAsciiLetter(static_cast<int>(seen)) || seen >= 0xC0, false, false});
  }

  void Flush() {
    bool capitals = false;
    for (Letter& letter : line_) {
      while (range_ < capitals_.size() && capitals_[range_].second <= letter.source) {
        ++range_;
      }
      letter.capital = range_ < capitals_.size() && capitals_[range_].first <= letter.source;
      capitals = capitals || letter.capital;
    }
    std::vector<Letter> drawn = capitals ? line_ : std::vector<Letter>();
    for (Letter& letter : drawn) {
      letter.c = letter.capital ? ToUpper(letter.c) : letter.c;
      letter.lost_case = letter.lost_case && !letter.capital;
    }
    Write(&line_, &writer_);
    if (!capitals_.empty()) {
      Write(capitals ? &drawn : &line_, &drawn_);
    }
    line_.clear();
  }

  static void Write(std::vector<Letter>* line, LegacyWriter* writer) {
    const bool lost = std::any_of(line->begin(), line->end(),
                                  [](const Letter& letter) { return letter.lost_case; });
    if (lost) {
      RepairCase(line);
    }
    for (const Letter& letter : *line) {
      writer->Put(letter.c, letter.source);
    }
  }

  std::string_view utf8_;
  const LegacyWords& words_;
  const std::vector<uint8_t>& encodings_;
  const CapitalRanges& capitals_;
  LegacyText out_;
  LegacyWriter writer_;
  LegacyWriter drawn_;
  std::vector<Letter> line_;
  size_t range_ = 0;
};

}  // namespace

LegacyText DecodeWords(std::string_view utf8, const LegacyWords& words,
                       const std::vector<uint8_t>& encodings, const CapitalRanges& capitals) {
  return Decoder(utf8, words, encodings, capitals).Run();
}

}  // namespace gatepost::text
