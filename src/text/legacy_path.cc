// Two questions: which encodings does a text use at all (cautious), and which of them does each
// word use (a Viterbi path; its states are the encodings found, and "as it stands").
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/legacy_path.h"

#include <algorithm>
#include <array>

#include "src/text/legacy.h"

namespace gatepost::text {

namespace {

constexpr size_t kSample = 300;       // different words that decide for the whole
constexpr size_t kBlockWords = 40;    // a block of lines ends with so many marked words
constexpr uint32_t kBlockLines = 12;  // or so many lines
constexpr uint8_t kAsItIs = kEncodings;

// What does not fit costs; all in eighths of a word.
constexpr int kCommon = 4;
constexpr int kInvalid = -12;
constexpr int kUnknown = -6;
constexpr int kFont = 16;
constexpr int kSwitch = 22;
constexpr int kSwitchAtLine = 10;
constexpr int kSwitchAtFont = 4;
constexpr int kOther = 8;

// The different words of a stretch, without those that are all signs.
std::vector<uint32_t> Different(const LegacyWords& text, size_t begin, size_t end, size_t most) {
  std::vector<uint32_t> kinds;
  for (size_t w = begin; w < end; ++w) {
    if (!text.kinds[text.words[w].kind].signs) {
      kinds.push_back(text.words[w].kind);
    }
  }
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  kinds.resize(std::min(kinds.size(), most));
  return kinds;
}

int Gain(const WordKind& kind, uint8_t state, uint8_t font) {
  if (kind.signs) {
    return font == state ? kFont : 0;
  }
  if (state == kAsItIs) {
    const int other = font == kOtherFont ? kOther : 0;
    if (kind.unicode) {
      return kind.as_it_is ? 12 : 4;
    }
    return (kind.as_it_is ? 8 : kUnknown) + other;
  }
  const bool valid = ((kind.valid >> state) & 1U) != 0;
  const bool common = ((kind.common >> state) & 1U) != 0;
  const int gain = valid ? 8 + (common ? kCommon : 0) : kInvalid;
  return gain + (font == state && !kind.unicode ? kFont : 0);
}

// "150.000 ®" and "(§)", but no bullet and no number of a section ("§ 5").
bool IsStroke(const LegacyWords& text, const MarkedWord& word, uint8_t state) {
  if (((text.kinds[word.kind].stroke >> state) & 1U) == 0) {
    return false;
  }
  const bool section = text.text.compare(word.begin, word.end - word.begin, "§") == 0;
  const char next = word.end < text.text.size() ? text.text[word.end] : '\n';
  return !section || std::string_view(",;:.)/-").find(next) != std::string_view::npos;
}

// Lines together that show an encoding of their own.
uint32_t UsedInBlocks(const LegacyWords& text) {
  uint32_t used = 0;
  const std::vector<MarkedWord>& words = text.words;
  for (size_t begin = 0; begin < words.size();) {
    size_t end = begin;
    // A line with enough words stands for itself; shorter ones (cells) stand together.
    size_t line_end = begin;
    while (end < words.size() && end - begin < kBlockWords &&
           words[end].line - words[begin].line < kBlockLines) {
      line_end = end;
      while (line_end < words.size() && words[line_end].line == words[end].line &&
             line_end - begin < 2 * kBlockWords) {
        ++line_end;
      }
      const bool first = end == begin;
      end = line_end;
      if (first && end - begin >= 8) {
        break;
      }
    }
    const std::vector<uint32_t> kinds = Different(text, begin, end, kSample);
    size_t as_it_is = 0;
    for (const uint32_t k : kinds) {
      as_it_is += text.kinds[k].as_it_is ? 1U : 0U;
    }
    const size_t encoding = DecideEncoding(text, begin, end, kinds, 4, 85);
    if (encoding < kEncodings) {
      size_t valid = 0;
      for (const uint32_t k : kinds) {
        valid += (text.kinds[k].valid >> encoding) & 1U;
      }
      // Vietnamese Unicode has syllables of its own; the lead must not be chance.
      used |= valid >= as_it_is + 3 ? 1U << encoding : 0U;
    }
    begin = end;
  }
  return used;
}

}  // namespace

uint32_t EncodingsUsed(const LegacyWords& text, uint32_t hints, const FontEncodings& fonts) {
  if (text.words.empty()) {
    return 0;
  }
  uint32_t used = 0;
  const std::vector<uint32_t> all = Different(text, 0, text.words.size(), text.kinds.size());
  const std::vector<uint32_t> sample(
      all.begin(), all.begin() + static_cast<ptrdiff_t>(std::min(kSample, all.size())));
  const size_t whole = DecideEncoding(text, 0, text.words.size(), sample, 3, 75);
  used |= whole < kEncodings ? 1U << whole : 0U;
  size_t hinted = kEncodings;  // the one that explains most
  size_t most = 0;
  for (size_t e = 0; e < kEncodings; ++e) {
    size_t valid = 0;
    size_t as_it_is = 0;
    for (const uint32_t k : sample) {
      valid += (text.kinds[k].valid >> e) & 1U;
      as_it_is += text.kinds[k].as_it_is ? 1U : 0U;
    }
    if (((hints >> e) & 1U) != 0 && valid > std::max(as_it_is, most) &&
        valid * 4 >= sample.size() * 3) {
      hinted = e;
      most = valid;
    }
  }
  used |= hinted < kEncodings ? 1U << hinted : 0U;
  for (size_t e = 0; e < kEncodings; ++e) {
    size_t named = 0;
    size_t valid = 0;
    for (size_t w = 0; w < fonts.size(); ++w) {
      if (fonts[w] == e) {
        ++named;
        valid += (text.kinds[text.words[w].kind].valid >> e) & 1U;
      }
    }
    used |= valid > 0 && valid * 2 >= named ? 1U << e : 0U;
  }
  // Blocks only where there is something that the encodings found do not explain.
  size_t unexplained = 0;
  for (const uint32_t k : all) {
    const WordKind& kind = text.kinds[k];
    unexplained += !kind.unicode && (kind.valid & used) == 0 && kind.valid != 0 ? 1U : 0U;
  }
  return unexplained >= 4 ? used | UsedInBlocks(text) : used;
}

std::vector<uint8_t> AssignEncodings(const LegacyWords& text, uint32_t used,
                                     const FontEncodings& fonts) {
  std::vector<uint8_t> states;
  for (uint8_t e = 0; e < kEncodings; ++e) {
    if (((used >> e) & 1U) != 0) {
      states.push_back(e);
    }
  }
  states.push_back(kAsItIs);
  const size_t n = text.words.size();
  const size_t s = states.size();
  // from[w * s + k]: the state before that the best path into state k of word w came from.
  std::vector<uint8_t> from(n * s);
  std::vector<int64_t> best(s, 0);
  std::vector<int64_t> next(s);
  for (size_t w = 0; w < n; ++w) {
    const WordKind& kind = text.kinds[text.words[w].kind];
    const uint8_t font = w < fonts.size() ? fonts[w] : kNoFont;
    const bool new_font = w > 0 && w < fonts.size() && fonts[w - 1] != font;
    const size_t top =
        static_cast<size_t>(std::max_element(best.begin(), best.end()) - best.begin());
    const bool new_line = w > 0 && text.words[w].line != text.words[w - 1].line;
    const int cost = new_font ? kSwitchAtFont : new_line ? kSwitchAtLine : kSwitch;
    const int64_t change = best[top] - cost;
    for (size_t k = 0; k < s; ++k) {
      const bool stays = best[k] >= change;
      from[w * s + k] = static_cast<uint8_t>(stays ? k : top);
      next[k] = (stays ? best[k] : change) + Gain(kind, states[k], font);
    }
    best.swap(next);
  }
  std::vector<uint8_t> out(n, kAsItIs);
  size_t k = static_cast<size_t>(std::max_element(best.begin(), best.end()) - best.begin());
  for (size_t w = n; w-- > 0;) {
    const WordKind& kind = text.kinds[text.words[w].kind];
    // Signs that make no syllable are signs; but what stands alone as d with stroke is the dong.
    const bool stays = kind.unicode || (kind.signs && ((kind.valid >> states[k]) & 1U) == 0 &&
                                        !IsStroke(text, text.words[w], states[k]));
    out[w] = stays ? kAsItIs : states[k];
    k = from[w * s + k];
  }
  return out;
}

}  // namespace gatepost::text
