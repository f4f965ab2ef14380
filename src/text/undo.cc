// The reading of a text with the tricks undone. Most texts have none: a scan over bytes says so
// before anything is built.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/utf8.h"
#include "src/text/tricks.h"
#include "src/text/undo_letters.h"
#include "src/text/unicode.h"

namespace gatepost::text {

namespace {

constexpr uint32_t kLongestStampLine = 12;  // code points
constexpr size_t kMostStampLines = 16;
constexpr size_t kMostLetterLines = 400;  // one letter each
constexpr uint32_t kMostSplitLetters = 16;
constexpr size_t kLongestSplitLine = 120;  // bytes
// RFC 5322 2.1.1 allows 998 bytes; Postfix puts CRLF and a blank into what is longer.
constexpr size_t kRelayedLine = 900;
constexpr std::string_view kSoftHyphen = "\xC2\xAD";
constexpr std::string_view kReplaced = "\xEF\xBF\xBD";

struct Line {
  size_t begin = 0;
  size_t end = 0;
  bool soft = false;    // goes on in the next
  bool broken = false;  // goes on in the next, in the middle of a word
  bool split = false;   // a stamp with signs inside its words
};

// A line of capitals with signs inside its words ("TỐ*I M/ẬT"): a stamp that somebody split. Honest
// lines are told by their second letter, so this costs next to nothing.
bool IsSplitStamp(std::string_view line) {
  uint32_t letters = 0;
  size_t signs_since = 0;  // behind the last letter, no blank among them
  bool split = false;
  for (size_t i = 0; i < line.size();) {
    const char32_t c = NextCodePoint(line, &i);
    if (IsMarkOrNothing(c)) {
      continue;
    }
    if (IsTextBlank(c)) {
      signs_since = 0;
    } else if (!IsWordLetter(c)) {
      if (c >= '0' && c <= '9') {
        return false;
      }
      ++signs_since;
    } else {
      if (ToLower(c) == c || ++letters > kMostSplitLetters) {
        return false;
      }
      split = split || (signs_since > 0 && letters > 1);
      signs_since = 0;
    }
  }
  return split && letters >= kFewestSpaced;
}

// One letter, or capitals only: what a stamp leaves of itself in a narrow box.
struct StampLine {
  uint32_t letters = 0;
  uint32_t length = 0;
  bool stamp = false;  // letters and blanks only
  bool capitals = false;
};

StampLine Measure(std::string_view line) {
  StampLine out;
  out.stamp = true;
  out.capitals = true;
  for (size_t i = 0; i < line.size() && out.stamp;) {
    const char32_t c = NextCodePoint(line, &i);
    if (IsMarkOrNothing(c)) {
      continue;
    }
    if (IsTextBlank(c)) {
      out.length += out.letters > 0 ? 1U : 0U;
      continue;
    }
    out.stamp = IsWordLetter(c) && ++out.length <= kLongestStampLine;
    ++out.letters;
    out.capitals = out.capitals && ToLower(c) != c;
    // Neither one letter nor capitals only: nearly every line ends here.
    out.stamp = out.stamp && (out.letters == 1 || out.capitals);
  }
  out.stamp = out.stamp && out.letters > 0;
  return out;
}

class Undoer {
 public:
  Undoer(std::string_view text, const std::vector<uint32_t>& soft_lines) : text_(text) {
    Split(soft_lines);
  }

  Reading Run() {
    const bool sign = HasSign(text_);
    FindColumns();
    FindSplits();
    const bool broken = FindBroken();
    any_spaced_ = HasSpacedLetters(text_);
    if (!sign && !any_spaced_ && !broken && columns_.empty() && !any_split_) {
      return {};
    }
    size_t next_column = 0;
    for (size_t first = 0; first < lines_.size();) {
      size_t last = first + 1;
      while (last < lines_.size() && GoesOn(last - 1)) {
        ++last;
      }
      if (next_column < columns_.size() && columns_[next_column].first < last) {
        last = std::max(last, columns_[next_column].second);
        while (last < lines_.size() && GoesOn(last - 1)) {
          ++last;
        }
        PutParagraph(first, last, &next_column);
      } else {
        PutParagraph(first, last, &next_column);
      }
      first = last;
    }
    if (!changed_) {
      return {};
    }
    out_.pieces.push_back(
        {static_cast<uint32_t>(out_.utf8.size()), static_cast<uint32_t>(text_.size())});
    return std::move(out_);
  }

 private:
  void Split(const std::vector<uint32_t>& soft_lines) {
    size_t next_soft = 0;
    for (size_t at = 0; at <= text_.size();) {
      const size_t end = std::min(text_.find('\n', at), text_.size());
      Line line{at, end};
      if (next_soft < soft_lines.size() && soft_lines[next_soft] == lines_.size()) {
        line.soft = true;
        ++next_soft;
      }
      lines_.push_back(line);
      at = end + 1;
    }
  }

  // Runs of lines that hold a letter each, or capitals only.
  void FindColumns() {
    size_t first = 0;
    StampLine all;
    const auto flush = [&](size_t last) {
      const bool single = all.letters == last - first;
      const size_t fewest = single ? kFewestSpaced : 2;
      const size_t most = single ? kMostLetterLines : kMostStampLines;
      if (last - first >= fewest && last - first <= most && (single || all.capitals)) {
        columns_.push_back({first, last});
      }
    };
    for (size_t i = 0; i <= lines_.size(); ++i) {
      StampLine line;
      if (i < lines_.size() && lines_[i].end - lines_[i].begin <= kLongestStampLine * 12) {
        line = Measure(text_.substr(lines_[i].begin, lines_[i].end - lines_[i].begin));
      }
      const bool fits = line.stamp && (line.letters == 1 || line.capitals);
      if (!fits) {
        if (all.stamp) {
          flush(i);
        }
        all = {};
        first = i + 1;
        continue;
      }
      if (!all.stamp) {
        all = line;
        first = i;
        continue;
      }
      all.letters += line.letters;
      all.capitals = all.capitals && line.capitals;
    }
  }

  void FindSplits() {
    for (Line& line : lines_) {
      line.split = line.end - line.begin <= kLongestSplitLine &&
                   IsSplitStamp(text_.substr(line.begin, line.end - line.begin));
      any_split_ = any_split_ || line.split;
    }
  }

  bool GoesOn(size_t line) const { return lines_[line].soft || lines_[line].broken; }

  bool FindBroken() {
    bool any = false;
    for (size_t i = 0; i + 1 < lines_.size(); ++i) {
      Line& line = lines_[i];
      const std::string_view s = text_.substr(line.begin, line.end - line.begin);
      const std::string_view next =
          text_.substr(lines_[i + 1].begin, lines_[i + 1].end - lines_[i + 1].begin);
      const bool hyphen = s.size() > kSoftHyphen.size() && !next.empty() &&
                          s.substr(s.size() - kSoftHyphen.size()) == kSoftHyphen;
      const bool relayed =
          s.size() >= kRelayedLine && s.back() != ' ' && next.size() > 1 && next[0] == ' ';
      line.broken = hyphen || relayed;
      any = any || line.broken;
    }
    return any;
  }

  // Of an entity, a shift, an override or what was replaced.
  static bool HasSign(std::string_view s) {
    return s.find('&') != std::string_view::npos || s.find('+') != std::string_view::npos ||
           s.find("\xE2\x80\xAE") != std::string_view::npos ||
           s.find(kReplaced) != std::string_view::npos;
  }

  bool MayHaveTrick(std::string_view s) const {
    return HasSign(s) || (any_spaced_ && HasSpacedLetters(s));
  }

  void PutParagraph(size_t first, size_t last, size_t* next_column) {
    const size_t column = *next_column;
    while (*next_column < columns_.size() && columns_[*next_column].first < last) {
      ++*next_column;
    }
    const bool has_column = *next_column > column;
    bool broken = false;
    bool split = false;
    for (size_t i = first; i < last; ++i) {
      broken = broken || (i + 1 < last && lines_[i].broken);
      split = split || lines_[i].split;
    }
    const std::string_view whole =
        text_.substr(lines_[first].begin, lines_[last - 1].end - lines_[first].begin);
    if (!has_column && !broken && !split && !MayHaveTrick(whole)) {
      PutLineEnds(first, last, false);
      return;
    }
    Glyphs glyphs;
    glyphs.reserve(whole.size());
    for (size_t i = 0; i < whole.size();) {
      const auto source = static_cast<uint32_t>(lines_[first].begin + i);
      const char32_t c = NextCodePoint(whole, &i);
      glyphs.push_back({c, source});
    }
    bool changed = false;
    if (has_column) {
      JoinColumns(first, column, *next_column, &glyphs);
      out_.columns = true;
      changed = true;
    }
    if (broken && !has_column) {
      JoinBroken(first, &glyphs);
      out_.broken = true;
      changed = true;
    }
    if (UndoReplacements(&glyphs)) {
      out_.replaced = true;
      changed = true;
    }
    if (UndoReversal(&glyphs)) {
      out_.reversed = true;
      changed = true;
    }
    if (UndoEntities(&glyphs)) {
      out_.entities = true;
      changed = true;
    }
    if (UndoUtf7(&glyphs)) {
      out_.utf7 = true;
      changed = true;
    }
    if (UndoSpacing(&glyphs)) {
      out_.spaced = true;
      changed = true;
    }
    if (split && !has_column && !broken && JoinSplit(first, &glyphs)) {
      out_.spaced = true;
      changed = true;
    }
    if (!changed) {
      PutLineEnds(first, last, false);
      return;
    }
    changed_ = true;
    for (const Glyph& glyph : glyphs) {
      Put(glyph);
    }
    PutLineEnds(first, last, true);
  }

  // The lines of a column go onto its first line; their line ends follow.
  void JoinColumns(size_t first_line, size_t column, size_t end, Glyphs* glyphs) {
    Glyphs out;
    size_t line = first_line;
    size_t owed = 0;
    for (const Glyph& glyph : *glyphs) {
      if (glyph.c != '\n') {
        out.push_back(glyph);
        continue;
      }
      while (column < end && columns_[column].second <= line) {
        ++column;
      }
      if (column < end && line >= columns_[column].first && line + 1 < columns_[column].second) {
        ++owed;
      } else {
        for (; owed > 0; --owed) {
          out.push_back({'\n', glyph.source});
        }
        out.push_back(glyph);
      }
      ++line;
    }
    for (; owed > 0; --owed) {
      out.push_back({'\n', static_cast<uint32_t>(lines_[line].end)});
    }
    glyphs->swap(out);
  }

  // A broken line goes on at once, without the blank that begins the next one; the line end follows
  // behind the next.
  void JoinBroken(size_t first_line, Glyphs* glyphs) {
    Glyphs out;
    size_t line = first_line;
    size_t owed = 0;
    bool joined = false;
    for (const Glyph& glyph : *glyphs) {
      if (joined && glyph.c == ' ') {
        continue;
      }
      joined = false;
      if (glyph.c != '\n') {
        out.push_back(glyph);
        continue;
      }
      if (line < lines_.size() && lines_[line].broken) {
        ++owed;
        joined = true;
      } else {
        out.push_back(glyph);
        for (; owed > 0; --owed) {
          out.push_back({'\n', glyph.source});
        }
      }
      ++line;
    }
    for (; owed > 0; --owed) {
      out.push_back({'\n', static_cast<uint32_t>(lines_[line].end)});
    }
    glyphs->swap(out);
  }

  // Signs between two letters go, on the lines that were split.
  bool JoinSplit(size_t first_line, Glyphs* glyphs) {
    Glyphs out;
    size_t line = first_line;
    size_t letter_end = 0;  // in out, behind the last letter with its marks; 0: a blank came since
    for (const Glyph& glyph : *glyphs) {
      const bool letter = IsWordLetter(glyph.c);
      if (letter && letter_end > 0 && line < lines_.size() && lines_[line].split) {
        out.resize(letter_end, glyph);
      }
      out.push_back(glyph);
      if (letter || (IsMarkOrNothing(glyph.c) && letter_end + 1 == out.size())) {
        letter_end = out.size();
      } else if (IsTextBlank(glyph.c) || glyph.c == '\n') {
        letter_end = 0;
      }
      line += glyph.c == '\n' ? 1U : 0U;
    }
    const bool changed = out.size() != glyphs->size();
    glyphs->swap(out);
    return changed;
  }

  // The '\n' of the lines [first, last): those inside only when the paragraph was left out.
  void PutLineEnds(size_t first, size_t last, bool written) {
    for (size_t i = written ? last - 1 : first; i < last; ++i) {
      if (i + 1 < lines_.size()) {
        Put({'\n', static_cast<uint32_t>(lines_[i].end)});
      }
    }
  }

  void Put(const Glyph& glyph) {
    const auto view = static_cast<uint32_t>(out_.utf8.size());
    if (out_.pieces.empty() ||
        glyph.source - out_.pieces.back().source != view - out_.pieces.back().view) {
      out_.pieces.push_back({view, glyph.source});
    }
    AppendUtf8(glyph.c, &out_.utf8);
  }

  std::string_view text_;
  std::vector<Line> lines_;
  std::vector<std::pair<size_t, size_t>> columns_;  // line numbers, half open
  Reading out_;
  bool any_split_ = false;
  bool any_spaced_ = false;
  bool changed_ = false;
};

}  // namespace

Reading UndoTricks(std::string_view utf8, const std::vector<uint32_t>& soft_lines) {
  return Undoer(utf8, soft_lines).Run();
}

}  // namespace gatepost::text
