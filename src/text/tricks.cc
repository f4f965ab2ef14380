// Signs of tricks in one pass over a text. Undoing them is in undo.cc.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/tricks.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/text/unicode.h"

namespace gatepost::text {

namespace {

constexpr uint32_t kMostMarksOfWriting = 5;  // Vietnamese has two, pointed Hebrew four
constexpr uint32_t kShortestWord = 3;
constexpr uint32_t kSelectorsInARow = 4;
constexpr uint32_t kBlockRow = 15;  // block characters in a line
constexpr uint32_t kQuadrants = 2;
constexpr uint32_t kQuadrantRow = 7;
constexpr uint32_t kBlockRows = 9;  // lines of them: a QR code has at least 11 of half blocks

bool IsBlockCharacter(char32_t c) {
  return (c >= 0x2580 && c <= 0x259F) || c == 0x25A0 || c == 0x25A1 || c == 0x25AA || c == 0x25AB ||
         c == 0x2B1B || c == 0x2B1C || (c >= 0x25FB && c <= 0x25FE) || (c >= 0x2800 && c < 0x2900);
}

class Survey {
 public:
  TextSigns Run(std::string_view text) {
    for (size_t i = 0; i < text.size();) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if (byte < 0x80) {
        ++i;
        Ascii(byte);
        continue;
      }
      Wide(NextCodePoint(text, &i));
    }
    EndLine();
    EndWord();
    if (best_rows_ >= kBlockRows) {
      signs_.blocks = best_rows_;
    }
    return signs_;
  }

 private:
  void Ascii(unsigned char byte) {
    marks_ = 0;
    selector_run_ = 0;
    in_flag_ = false;
    const auto lower = static_cast<unsigned char>(byte | 0x20U);
    if (lower >= 'a' && lower <= 'z') {
      if (between_) {
        ++signs_.invisible;
        between_ = false;
      }
      letter_before_ = true;
      ++letters_;
      latin_ = true;
      return;
    }
    between_ = false;
    letter_before_ = false;
    EndWord();
    if (byte == '\n') {
      EndLine();
    }
  }

  void Wide(char32_t c) {
    const uint8_t kind = CharKindOf(c);
    if ((kind & CharKind::kInvisible) != 0) {
      Invisible(c);
      return;
    }
    if ((kind & CharKind::kMark) != 0) {
      if (++marks_ == kMostMarksOfWriting + 1) {
        ++signs_.mark_flood;
      }
      return;
    }
    marks_ = 0;
    selector_run_ = 0;
    in_flag_ = c == 0x1F3F4;
    if (IsBlockCharacter(c)) {
      ++blocks_;
      quadrants_ += c >= 0x2596 && c <= 0x259F ? 1U : 0U;
    }
    if ((kind & CharKind::kLetter) == 0 && (kind & CharKind::kStyled) == 0) {
      between_ = false;
      letter_before_ = false;
      EndWord();
      return;
    }
    ++letters_;
    const uint8_t script = kind & CharKind::kScriptMask;
    const bool latin = script == CharKind::kLatin;
    latin_ = latin_ || latin;
    alike_ = alike_ || (script == CharKind::kAlike && LatinLookAlike(c) < 0x80);
    styled_ += (kind & CharKind::kStyled) != 0 ? 1U : 0U;
    full_width_ += c >= 0xFF21 && c <= 0xFF5A ? 1U : 0U;
    if (latin && between_) {
      ++signs_.invisible;
    }
    between_ = false;
    letter_before_ = latin;
  }

  void Invisible(char32_t c) {
    if (c == 0xAD) {
      return;
    }
    between_ = letter_before_;
    if (c == 0x202D || c == 0x202E) {
      ++signs_.overrides;
    } else if (c >= 0xE0020 && c <= 0xE007F) {
      signs_.tags += in_flag_ ? 0U : 1U;
    } else if ((c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF)) {
      signs_.selectors += ++selector_run_ == kSelectorsInARow ? kSelectorsInARow
                          : selector_run_ > kSelectorsInARow  ? 1U
                                                              : 0U;
    }
  }

  void EndWord() {
    if (letters_ >= kShortestWord) {
      signs_.mixed_script += latin_ && alike_ ? 1U : 0U;
      signs_.styled += styled_ >= kShortestWord ? 1U : 0U;
      signs_.full_width += full_width_ >= kShortestWord ? 1U : 0U;
    }
    letters_ = 0;
    styled_ = 0;
    full_width_ = 0;
    latin_ = false;
    alike_ = false;
  }

  void EndLine() {
    // Four modules a character, which bars and shades do not need.
    const bool quarters = quadrants_ >= kQuadrants && blocks_ >= kQuadrantRow;
    rows_ = blocks_ >= kBlockRow || quarters ? rows_ + 1 : 0;
    best_rows_ = std::max(best_rows_, rows_);
    blocks_ = 0;
    quadrants_ = 0;
  }

  TextSigns signs_;
  uint32_t letters_ = 0;
  uint32_t styled_ = 0;
  uint32_t full_width_ = 0;
  uint32_t marks_ = 0;
  uint32_t selector_run_ = 0;
  uint32_t blocks_ = 0;
  uint32_t quadrants_ = 0;
  uint32_t rows_ = 0;
  uint32_t best_rows_ = 0;
  bool latin_ = false;
  bool alike_ = false;
  bool letter_before_ = false;
  bool between_ = false;
  bool in_flag_ = false;
};

}  // namespace

TextSigns SurveyText(std::string_view utf8) { return Survey().Run(utf8); }

namespace {

// A row through a corner mark of a code: runs as 1 : 1 : 3 : 1 : 1 (ISO/IEC 18004, 7.3.2).
struct CornerRow {
  size_t at = 0;
  size_t unit = 0;
  uint32_t rows = 1;  // so many under one another
};

// Those of a line. At most 16, a line has two.
std::vector<CornerRow> CornerRows(std::string_view line) {
  constexpr size_t kMost = 16;
  std::vector<CornerRow> out;
  std::array<size_t, 5> last{};  // lengths of the runs before `i`
  size_t begin = 0;
  for (size_t i = 1; i <= line.size() && out.size() < kMost; ++i) {
    if (i < line.size() && line[i] == line[begin]) {
      continue;
    }
    std::rotate(last.begin(), last.begin() + 1, last.end());
    last.back() = i - begin;
    begin = i;
    const size_t unit = last[0];
    if (unit > 0 && last == std::array<size_t, 5>{unit, unit, 3 * unit, unit, unit}) {
      out.push_back({i - 7 * unit, unit});
    }
  }
  return out;
}

bool IsSign(char c) {
  const char lower = AsciiLower(c);
  return !(lower >= 'a' && lower <= 'z') && !(c >= '0' && c <= '9');
}

// Carries the counts of the row before on. Is some mark three rows high now?
bool GrowCorners(std::string_view line, std::vector<CornerRow>* corners) {
  constexpr uint32_t kHeight = 3;
  std::vector<CornerRow> here = CornerRows(line);
  bool whole = false;
  for (CornerRow& corner : here) {
    for (const CornerRow& before : *corners) {
      if (before.at == corner.at && before.unit == corner.unit) {
        corner.rows = before.rows + 1;
      }
    }
    whole = whole || corner.rows >= kHeight;
  }
  corners->swap(here);
  return whole;
}

}  // namespace

uint32_t DrawnRows(std::string_view text) {
  constexpr size_t kFewestSigns = 21;  // modules of the smallest code
  constexpr uint32_t kFewestTurns = 6;
  constexpr uint32_t kFewestRows = 15;  // some begin or end in the margin, or lie in one colour
  constexpr size_t kFewestKinds = 10;
  constexpr std::string_view kNoBreak = "\xC2\xA0";
  std::string plain;
  uint32_t rows = 0;
  uint32_t best = 0;
  std::vector<CornerRow> corners;
  bool was_quiet = false;
  // Tables of zeros, rulers and numbers in twos have two signs, too: a code has a corner mark, or
  // at least rows of letters and blanks that differ.
  bool has_corner = false;
  std::vector<size_t> kinds;  // of rows
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = AsciiTrim(text.substr(at, end - at));
    at = end + 1;
    if (line.find(kNoBreak) != std::string_view::npos) {
      plain.clear();  // a blank like any other to the eye
      for (size_t i = 0; i < line.size(); ++i) {
        const bool blank = line.substr(i, kNoBreak.size()) == kNoBreak;
        plain.push_back(blank ? ' ' : line[i]);
        i += blank ? 1U : 0U;
      }
      line = AsciiTrim(plain);
    }
    char other = 0;
    uint32_t turns = 0;
    bool two_signs = !line.empty();
    for (size_t i = 1; two_signs && i < line.size(); ++i) {
      if (line[i] != line[0]) {
        two_signs = other == 0 || other == line[i];
        other = line[i];
      }
      turns += line[i] != line[i - 1] ? 1U : 0U;
    }
    // One row below the marks is nearly all light.
    const bool quiet = line.size() < kFewestSigns || turns < kFewestTurns;
    if (!two_signs || (quiet && (rows == 0 || was_quiet))) {
      rows = 0;
      has_corner = false;
      corners.clear();
      kinds.clear();
      continue;
    }
    ++rows;
    was_quiet = quiet;
    has_corner = GrowCorners(line, &corners) || has_corner;
    const size_t kind = std::hash<std::string_view>()(line);
    if (kinds.size() < kFewestKinds && other != 0 && (IsSign(line[0]) || IsSign(other)) &&
        std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
      kinds.push_back(kind);
    }
    best = has_corner || kinds.size() >= kFewestKinds ? std::max(best, rows) : best;
  }
  return best >= kFewestRows ? best : 0;
}

std::string TagText(std::string_view utf8) {
  std::string out;
  for (size_t at = utf8.find("\xF3\xA0"); at != std::string_view::npos;
       at = utf8.find("\xF3\xA0", at + 4)) {
    size_t i = at;
    const char32_t c = NextCodePoint(utf8, &i);
    if (c >= 0xE0020 && c <= 0xE007E) {
      out.push_back(static_cast<char>(c - 0xE0000));
    }
  }
  return out;
}

}  // namespace gatepost::text
