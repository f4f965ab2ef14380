// The words of a text as bytes of a code page, and in which encodings each is a Vietnamese
// syllable. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/text/legacy_tables.h"

namespace gatepost::text {

// What one different word is; words that repeat share it.
struct WordKind {
  uint16_t valid = 0;          // bit e: every piece of it is a syllable in encoding e
  uint16_t common = 0;         // bit e: and a common one
  bool unicode = false;        // has a letter that no byte of the page shows
  bool as_it_is = false;       // a syllable (with a mark) as it stands
  bool beyond_latin1 = false;  // has a letter from U+0100 on
  bool too_long = false;       // for Vietnamese
  // No letter to the eye ("®·"), or no letter but those of ASCII between quote marks ("«name»",
  // "Name®"): decides nothing, follows its neighbours.
  bool signs = false;
  uint16_t stroke = 0;  // bit e: d with stroke and nothing else ("®": dong), in encoding e
  uint64_t hash[kEncodings] = {};  // of what each encoding makes of it
  uint64_t own = 0;                // of the word as it stands
};

// A word with something beyond ASCII; words of ASCII letters alone say nothing and are left out.
struct MarkedWord {
  uint32_t begin = 0;  // in the text
  uint32_t end = 0;
  uint32_t kind = 0;  // into kinds
  uint32_t line = 0;
};

struct LegacyWords {
  std::string_view text;  // the caller's
  Page page = Page::kWindows1252;
  std::vector<MarkedWord> words;
  std::vector<WordKind> kinds;
  bool differs = false;  // some character has another byte than in windows-1252, or none there
};

// At most `kinds` different words are looked at; the text behind them is not.
LegacyWords CollectWords(std::string_view utf8, Page page, size_t kinds);

// The encoding that a set of kinds (each once, none of them signs) of the words [begin, end) shows;
// kEncodings: none. `least` words, `percent` of all valid, more than as they stand, no other
// reading as good, and the ASCII words beside them mostly syllables too.
size_t DecideEncoding(const LegacyWords& words, size_t begin, size_t end,
                      const std::vector<uint32_t>& kinds, size_t least, size_t percent);

}  // namespace gatepost::text
