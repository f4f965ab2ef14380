// Undoing tricks with letters: overrides, references, UTF-7 runs, letters set apart.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/undo_letters.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "src/base/bytes.h"
#include "src/text/html_entities.h"
#include "src/text/tricks.h"
#include "src/text/unicode.h"

namespace gatepost::text {

namespace {

constexpr size_t kLongestGap = 6;      // code points between letters that are set apart
constexpr size_t kLongestShift = 200;  // base64 digits of one UTF-7 run
constexpr int kEntityRounds = 3;

bool IsAsciiLetter(char32_t c) { return (c | 0x20U) >= 'a' && (c | 0x20U) <= 'z'; }

bool IsDigit(char32_t c) { return c >= '0' && c <= '9'; }

// What may stand between letters that are set apart: blanks and any sign, but no '\n'.
bool IsGap(char32_t c) {
  if (c < 0x80) {
    return c != '\n' && !IsAsciiLetter(c) && !IsDigit(c);
  }
  return (CharKindOf(c) &
          (CharKind::kLetter | CharKind::kMark | CharKind::kInvisible | CharKind::kStyled)) == 0;
}

int Base64Digit(char32_t c) {
  return c >= 'A' && c <= 'Z'   ? static_cast<int>(c - 'A')
         : c >= 'a' && c <= 'z' ? static_cast<int>(c - 'a') + 26
         : IsDigit(c)           ? static_cast<int>(c - '0') + 52
         : c == '+'             ? 62
         : c == '/'             ? 63
                                : -1;
}

// The run of UTF-7 at text[at] == '+': what it says, and how long it is. 0: no run that says
// something plausible.
size_t ReadShift(const Glyphs& text, size_t at, std::u32string* out) {
  size_t i = at + 1;
  uint32_t bits = 0;
  unsigned count = 0;
  std::u32string units;
  bool beyond = false;
  while (i < text.size() && i - at <= kLongestShift && Base64Digit(text[i].c) >= 0) {
    bits = (bits << 6U) | static_cast<uint32_t>(Base64Digit(text[i].c));
    count += 6;
    if (count >= 16) {
      count -= 16;
      const char32_t unit = (bits >> count) & 0xFFFFU;
      const bool plausible = (unit >= 0x20 && unit < 0x250) || (unit >= 0x1E00 && unit < 0x2070) ||
                             (unit >= 0x300 && unit < 0x530) || unit == '\n' || unit == '\r';
      if (!plausible) {
        return 0;
      }
      // Nobody encodes a letter of ASCII but to hide it.
      beyond = beyond || unit >= 0x80 || unit == '<' || unit == '>' || IsAsciiLetter(unit);
      units.push_back(unit < 0x20 ? U' ' : unit);
    }
    ++i;
  }
  // The rest of the bits is padding: fewer than six, all nil.
  if (units.empty() || count >= 6 || (bits & ((1U << count) - 1U)) != 0 || !beyond ||
      i >= text.size() || text[i].c != '-') {
    return 0;
  }
  *out = std::move(units);
  return i + 1 - at;
}

bool UndoEntitiesOnce(Glyphs* text) {
  Glyphs out;
  bool changed = false;
  for (size_t i = 0; i < text->size();) {
    size_t took = 0;
    std::string decoded;
    if ((*text)[i].c == '&') {
      std::string window;
      for (size_t k = i; k < text->size() && k < i + 40 && (*text)[k].c < 0x80; ++k) {
        window.push_back(static_cast<char>((*text)[k].c));
      }
      took = ReadCharacterReference(window, 0, &decoded);
    }
    if (took == 0) {
      out.push_back((*text)[i++]);
      continue;
    }
    for (size_t k = 0; k < decoded.size();) {
      const char32_t c = NextCodePoint(decoded, &k);
      out.push_back({c == '\n' ? U' ' : c, (*text)[i].source});
    }
    i += took;
    changed = true;
  }
  if (changed) {
    text->swap(out);
  }
  return changed;
}

// Letters with their marks turn round together.
void Reverse(Glyphs* text, size_t from) {
  std::reverse(text->begin() + static_cast<std::ptrdiff_t>(from), text->end());
  size_t marks = from;
  for (size_t i = from; i < text->size(); ++i) {
    if (!IsMarkOrNothing((*text)[i].c)) {
      std::reverse(text->begin() + static_cast<std::ptrdiff_t>(marks),
                   text->begin() + static_cast<std::ptrdiff_t>(i) + 1);
      marks = i + 1;
    }
  }
}

// Letters that stand apart, of one line, become words. A gap that is wider than the run's
// narrowest, or blank where the others are not, parts two words.
class Joiner {
 public:
  explicit Joiner(const Glyphs& text) : text_(text) {}

  bool Run(Glyphs* out) {
    size_t i = 0;
    while (i < text_.size()) {
      const size_t end = ReadRun(i);
      if (letters_.size() >= kFewestSpaced) {
        WriteRun(out);
        changed_ = true;
        i = end;
        continue;
      }
      // Not a run: the word passes, or the one sign.
      const size_t from = i;
      while (i < text_.size() && IsInWord(text_[i].c)) {
        ++i;
      }
      out->insert(out->end(), text_.begin() + static_cast<std::ptrdiff_t>(from),
                  text_.begin() + static_cast<std::ptrdiff_t>(std::max(i, from + 1)));
      i = std::max(i, from + 1);
    }
    return changed_;
  }

 private:
  struct Letter {
    size_t begin;
    size_t end;      // behind its marks
    size_t gap_end;  // behind the gap that follows
  };

  // The single letters from `i` on; returns where the last one ends.
  size_t ReadRun(size_t i) {
    letters_.clear();
    char32_t mark = 0;  // all gaps that have one have the same
    while (i < text_.size() && IsWordLetter(text_[i].c)) {
      Letter letter{i, i + 1, 0};
      while (letter.end < text_.size() && IsMarkOrNothing(text_[letter.end].c)) {
        ++letter.end;
      }
      letter.gap_end = letter.end;
      while (letter.gap_end < text_.size() && IsGap(text_[letter.gap_end].c) &&
             letter.gap_end - letter.end < kLongestGap) {
        ++letter.gap_end;
      }
      const bool line_end = letter.end >= text_.size() || text_[letter.end].c == '\n';
      if (letter.gap_end == letter.end && !line_end && !IsClosing(text_[letter.end].c)) {
        break;  // a word of several letters
      }
      letters_.push_back(letter);
      const char32_t own = MarkOf(letter);
      if (letter.gap_end == letter.end || (own != 0 && mark != 0 && own != mark)) {
        return letter.end;
      }
      mark = own == 0 ? mark : own;
      i = letter.gap_end;
    }
    // What follows is no letter alone: the gap stays outside.
    return letters_.empty() ? i : letters_.back().end;
  }

  static bool IsInWord(char32_t c) { return IsWordLetter(c) || IsMarkOrNothing(c) || IsDigit(c); }

  // The one sign (no blank) of a gap; 0: none, 1: several.
  char32_t MarkOf(const Letter& letter) const {
    char32_t mark = 0;
    for (size_t i = letter.end; i < letter.gap_end; ++i) {
      if (!IsTextBlank(text_[i].c)) {
        mark = mark == 0 || mark == text_[i].c ? text_[i].c : 1;
      }
    }
    return mark;
  }

  static bool IsClosing(char32_t c) {
    return c == ')' || c == ']' || c == '}' || c == '"' || c == '!' || c == '?' || c == ';' ||
           c == '<' || c == '>' || c == 0x201D || c == 0xBB;
  }

  bool AllBlank(const Letter& letter) const {
    for (size_t i = letter.end; i < letter.gap_end; ++i) {
      if (!IsTextBlank(text_[i].c)) {
        return false;
      }
    }
    return true;
  }

  void WriteRun(Glyphs* out) {
    size_t narrowest = kLongestGap + 1;
    bool marked = false;  // some gap has a dot or the like
    for (size_t k = 0; k + 1 < letters_.size(); ++k) {
      narrowest = std::min(narrowest, letters_[k].gap_end - letters_[k].end);
      marked = marked || !AllBlank(letters_[k]);
    }
    for (size_t k = 0; k < letters_.size(); ++k) {
      for (size_t i = letters_[k].begin; i < letters_[k].end; ++i) {
        out->push_back(text_[i]);
      }
      if (k + 1 < letters_.size() && (letters_[k].gap_end - letters_[k].end > narrowest ||
                                      (marked && AllBlank(letters_[k])))) {
        out->push_back({U' ', text_[letters_[k].end].source});
      }
    }
  }

  const Glyphs& text_;
  std::vector<Letter> letters_;
  bool changed_ = false;
};

}  // namespace

bool IsWordLetter(char32_t c) {
  const uint8_t kind = CharKindOf(c);
  return ((kind & CharKind::kLetter) != 0 && (kind & CharKind::kScriptMask) != CharKind::kWide) ||
         (kind & CharKind::kStyled) != 0;
}

bool IsMarkOrNothing(char32_t c) {
  return c >= 0x80 && (CharKindOf(c) & (CharKind::kMark | CharKind::kInvisible)) != 0;
}

bool IsTextBlank(char32_t c) {
  return c == ' ' || c == '\t' || (c >= 0x80 && (CharKindOf(c) & CharKind::kBlank) != 0);
}

namespace {

// Does a line hold kFewestSpaced letters in a row, each alone between gaps? Nothing is stored.
bool LineHasSpacedLetters(std::string_view s) {
  static constexpr std::array<bool, 256> kAsciiLetters = [] {
    std::array<bool, 256> letters{};
    for (unsigned c = 'a'; c <= 'z'; ++c) {
      letters[c] = letters[c - 32] = true;
    }
    return letters;
  }();
  size_t in_row = 0;   // single letters so far
  size_t letters = 0;  // of the token being read
  size_t gap = 0;
  bool broken = false;  // the token has something that is no letter
  for (size_t i = 0; i < s.size();) {
    const auto byte = static_cast<unsigned char>(s[i]);
    char32_t c = byte;
    if (byte < 0x80) {
      const size_t begin = i;
      while (i < s.size() && kAsciiLetters[static_cast<unsigned char>(s[i])]) {
        ++i;
      }
      if (i > begin) {
        letters += i - begin;
        gap = 0;
        continue;
      }
      ++i;
    } else {
      c = NextCodePoint(s, &i);
      if (IsMarkOrNothing(c)) {
        continue;
      }
      if (IsWordLetter(c)) {
        ++letters;
        gap = 0;
        continue;
      }
    }
    if (c != '\n' && !IsGap(c)) {
      if (letters == 1 && !broken && in_row + 1 >= kFewestSpaced) {
        return true;
      }
      in_row = 0;
      letters = 0;
      broken = IsDigit(c);
      continue;
    }
    if (letters > 0 || broken) {
      in_row = letters == 1 && !broken ? in_row + 1 : 0;
      if (in_row >= kFewestSpaced) {
        return true;
      }
    }
    letters = 0;
    broken = false;
    if (c == '\n' || ++gap > kLongestGap) {
      in_row = 0;
    }
  }
  return letters == 1 && !broken && in_row + 1 >= kFewestSpaced;
}

// Letters of ASCII without one beside them, eight bytes at a time: fewer than kFewestSpaced say
// that a line of ASCII has none in a row. Bytes from 80 up count as what they are to this: no
// letters.
size_t CountLoneLetters(std::string_view line) {
  constexpr uint64_t kOnes = 0x0101010101010101ULL;
  constexpr uint64_t kHigh = kOnes * 0x80;
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  size_t lone = 0;
  uint64_t before = 0;   // is the byte before this block a letter? In the highest bit of a byte
  uint64_t pending = 0;  // is the last letter of the block before alone so far?
  const auto count = [&](uint64_t block) {
    const uint64_t lower = (block | kOnes * 0x20) & ~kHigh;
    const uint64_t letters =
        (lower + kOnes * (0x80 - 'a')) & ~(lower + kOnes * (0x80 - 'z' - 1)) & ~block & kHigh;
    lone += pending & ~(letters >> 7);
    const uint64_t alone = letters & ~(letters << 8 | before) & ~(letters >> 8);
    pending = alone >> 63;
    lone += static_cast<size_t>(__builtin_popcountll(alone & (kHigh >> 8)));
    before = letters >> 63 << 7;
  };
  uint64_t block = 0;
  size_t at = 0;
  for (; at + sizeof block <= line.size(); at += sizeof block) {
    std::memcpy(&block, line.data() + at, sizeof block);
    count(block);
  }
  block = 0;
  std::memcpy(&block, line.data() + at, line.size() - at);
  count(block);
  return lone + pending;
}

}  // namespace

// The scan every text pays for. What stands in a row stands on one line.
bool HasSpacedLetters(std::string_view s) {
  for (size_t at = 0; at < s.size();) {
    const size_t end = std::min(s.find('\n', at), s.size());
    const std::string_view line = s.substr(at, end - at);
    if ((CountLoneLetters(line) >= kFewestSpaced || !IsAscii(line)) && LineHasSpacedLetters(line)) {
      return true;
    }
    at = end + 1;
  }
  return false;
}

bool UndoUtf7(Glyphs* text) {
  Glyphs out;
  bool changed = false;
  for (size_t i = 0; i < text->size();) {
    std::u32string units;
    const size_t took = (*text)[i].c == '+' ? ReadShift(*text, i, &units) : 0;
    if (took == 0) {
      out.push_back((*text)[i++]);
      continue;
    }
    for (const char32_t c : units) {
      out.push_back({c, (*text)[i].source});
    }
    i += took;
    changed = true;
  }
  if (changed) {
    text->swap(out);
  }
  return changed;
}

// What a reader cannot read it shows as U+FFFD, or not at all.
bool UndoReplacements(Glyphs* text) {
  constexpr char32_t kReplacement = 0xFFFD;
  Glyphs out;
  for (size_t i = 0; i < text->size(); ++i) {
    const bool inside = (*text)[i].c == kReplacement && !out.empty() && out.back().c > ' ';
    if (!inside) {
      out.push_back((*text)[i]);
    }
  }
  const bool changed = out.size() != text->size();
  if (changed) {
    text->swap(out);
  }
  return changed;
}

bool UndoEntities(Glyphs* text) {
  bool changed = false;
  for (int round = 0; round < kEntityRounds && UndoEntitiesOnce(text); ++round) {
    changed = true;
  }
  return changed;
}

// A right-to-left override shows what follows backwards; a left-to-right one inside it does not.
bool UndoReversal(Glyphs* text) {
  struct Level {
    size_t from;
    bool reversed;  // against the level around it
    bool right_to_left;
    bool isolate;
  };
  Glyphs out;
  std::vector<Level> levels;
  size_t dropped = 0;  // levels beyond the deepest
  bool changed = false;
  const auto close = [&] {
    if (levels.back().reversed) {
      Reverse(&out, levels.back().from);
      changed = true;
    }
    levels.pop_back();
  };
  for (const Glyph& glyph : *text) {
    const char32_t c = glyph.c;
    const bool opens = (c >= 0x202A && c <= 0x202E && c != 0x202C) || (c >= 0x2066 && c <= 0x2068);
    if (opens) {
      if (levels.size() >= kDeepestOverride) {
        ++dropped;
        continue;
      }
      const bool around = !levels.empty() && levels.back().right_to_left;
      const bool now = c == 0x202E || (c != 0x202D && around && c != 0x202A && c != 0x2066);
      levels.push_back({out.size(), now != around, now, c >= 0x2066});
      continue;
    }
    if (c == 0x202C || c == 0x2069) {
      if (dropped > 0) {
        --dropped;
      } else if (!levels.empty() && levels.back().isolate == (c == 0x2069)) {
        close();
      }
      continue;
    }
    if (c == '\n') {
      while (!levels.empty()) {
        close();
      }
      dropped = 0;
    }
    out.push_back(glyph);
  }
  while (!levels.empty()) {
    close();
  }
  if (changed) {
    text->swap(out);
  }
  return changed;
}

bool UndoSpacing(Glyphs* text) {
  Glyphs joined;
  if (!Joiner(*text).Run(&joined)) {
    return false;
  }
  text->swap(joined);
  return true;
}

}  // namespace gatepost::text
