// Hidden text in the lines that it stands in: as a reader without styles sees them, and as those do
// who understand less of a page, or more, than whoever hides most of it. What they may see is read
// with the line and by itself.
// LIMITS: 20,000 stretches of hidden text have a place in a line; those behind them are hidden text
// only (a block of hidden text is one).
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/bytes.h"
#include "src/text/html_reader.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostInserts = 20'000;
constexpr uint8_t kDoubt = BitOf(Viewer::kInDoubt);
constexpr uint8_t kPictures = BitOf(Viewer::kNoPictures);

bool IsBreak(char c) { return c == ' ' || c == '\n'; }

}  // namespace

// Who may see what stands where we are, though it is hidden.
uint8_t HtmlReader::SeenBy() const {
  uint8_t seen = in_comment_ || flat_hidden_ ? BitOf(Viewer::kInDoubt) : uint8_t{0};
  if (tokens_.in_conditional()) {
    const bool outlook =
        tokens_.in_outlook() && (stack_.empty() || stack_.back().others[1].Shows());
    return static_cast<uint8_t>(seen | (outlook ? BitOf(Viewer::kOutlook) : 0));
  }
  return static_cast<uint8_t>(seen | (stack_.empty() ? 0 : stack_.back().SeenBy()));
}

// A line ends for those who see hidden text.
void HtmlReader::NoteBreak() {
  broke_ = true;
  if (!inserts_.empty() && inserts_.back().visible == visible_.text.size()) {
    inserts_.back().breaks_after = true;
  }
}

// The hidden text from `begin` on stands at the end of the visible one.
void HtmlReader::AddInsert(size_t begin, bool blank, uint8_t seen) {
  const bool inside =
      !tokens_.in_conditional() && !visible_.text.empty() && visible_.text.back() != '\n';
  if ((!inside && seen == 0) || hidden_.text.size() <= begin) {
    return;
  }
  if (!inserts_.empty()) {
    Insert& last = inserts_.back();
    // The next lines of a block go on where it ended.
    if (last.visible == visible_.text.size() && last.seen == seen && seen != kPictures &&
        last.end + 1 >= begin) {
      last.end = hidden_.text.size();
      last.breaks_after = false;
      broke_ = false;
      return;
    }
  }
  if (inserts_.size() < kMostInserts) {
    inserts_.push_back(
        {visible_.text.size(), begin, hidden_.text.size(), blank, seen, inside, broke_, false});
  }
  broke_ = false;
}

void HtmlReader::AddLine(std::string_view line, size_t source, Doubts::Readings* readings) {
  readings->pieces.push_back(
      {static_cast<uint32_t>(readings->text.size()), static_cast<uint32_t>(source)});
  readings->text += std::string(line) + "\n";
}

// visible[line, end) with those of the inserts [first, last) that are seen by `seen`. `glued`:
// though a line ends between them and the rest.
std::string HtmlReader::LineWith(std::string_view visible, size_t line, size_t end, size_t first,
                                 size_t last, uint8_t seen, bool glued) const {
  std::string out;
  size_t done = line;
  for (size_t i = first; i < last; ++i) {
    const Insert& one = inserts_[i];
    if ((one.seen & seen) == 0) {
      continue;
    }
    if (seen == kPictures) {
      // The text of a picture stands in a word, or says nothing of the line.
      const bool before = one.visible > line && !IsBreak(visible[one.visible - 1]) && !one.blank;
      const bool after = one.visible < end && !IsBreak(visible[one.visible]);
      if (!before && !after) {
        continue;
      }
    }
    out += visible.substr(done, one.visible - done);
    done = one.visible;
    if (!out.empty() && out.back() != '\n') {
      out += one.breaks_before && !glued ? "\n" : one.blank && out.back() != ' ' ? " " : "";
    }
    std::string words = hidden_.text.substr(one.begin, one.end - one.begin);
    if (glued) {
      std::replace(words.begin(), words.end(), '\n', ' ');
    }
    out += words;
    out += one.breaks_after && !glued ? "\n" : "";
  }
  out += visible.substr(done, end - done);
  return out;
}

// The inserts by themselves.
std::string HtmlReader::WordsOf(size_t first, size_t last, uint8_t seen) const {
  std::string out;
  for (size_t i = first; i < last; ++i) {
    const Insert& one = inserts_[i];
    if ((one.seen & seen) == 0) {
      continue;
    }
    const bool breaks = one.breaks_before || (!out.empty() && out.back() == '\n');
    out += out.empty() || out.back() == '\n' ? "" : breaks ? "\n" : one.blank ? " " : "";
    out.append(hidden_.text, one.begin, one.end - one.begin);
    out += one.breaks_after ? "\n" : "";
  }
  while (!out.empty() && out.back() == '\n') {
    out.pop_back();
  }
  return out;
}

void HtmlReader::AddMixedLines(const std::string& visible, Doubts::Readings* readings) {
  constexpr uint8_t kAll = 0xFF & ~kPictures;
  size_t next = 0;
  while (next < inserts_.size()) {
    const size_t first = next;
    const size_t at = inserts_[next].visible;
    const size_t end = std::min(visible.find('\n', at), visible.size());
    const size_t before = at == 0 ? std::string::npos : visible.rfind('\n', at - 1);
    const size_t line = before == std::string::npos ? 0 : before + 1;
    std::string full;
    size_t done = line;
    bool mixed = false;  // nothing to tell behind the last word of a line
    bool inside = false;
    uint8_t seen = 0;
    for (; next < inserts_.size() && inserts_[next].visible <= end; ++next) {
      const Insert& insert = inserts_[next];
      seen |= insert.seen;
      inside = inside || insert.inside;
      if (insert.inside && insert.seen != kPictures &&
          (insert.visible < end || (insert.seen & kDoubt) != 0)) {
        mixed = true;
        full += visible.substr(done, insert.visible - done);
        full += insert.blank && insert.visible > done ? " " : "";
        full.append(hidden_.text, insert.begin, insert.end - insert.begin);
        done = insert.visible;
      }
    }
    full += visible.substr(done, end - done);
    std::replace(full.begin(), full.end(), '\n', ' ');
    // As each of the readers sees it, and as one does who sees what any of them may see.
    std::vector<std::string> lines;
    const auto add = [&](std::string text) {
      while (!text.empty() && text.back() == '\n') {
        text.pop_back();
      }
      if (!text.empty() && std::find(lines.begin(), lines.end(), text) == lines.end()) {
        lines.push_back(std::move(text));
      }
    };
    const std::string shown = visible.substr(line, end - line);
    if ((seen & kAll) != 0) {
      add(WordsOf(first, next, kAll));
      add(LineWith(visible, line, end, first, next, kAll, false));
      add(inside ? LineWith(visible, line, end, first, next, kAll, true) : "");
    }
    for (unsigned bit = 1; bit < 0x80; bit <<= 1U) {
      if ((seen & bit) != 0 && seen != bit) {
        add(LineWith(visible, line, end, first, next, static_cast<uint8_t>(bit), false));
      }
    }
    if (seen == kPictures) {
      add(LineWith(visible, line, end, first, next, kPictures, false));
    }
    if (mixed) {
      hidden_.BlockEnd(s_.size());
      hidden_.Put(full, s_.size());
    }
    for (const std::string& text : lines) {
      if (text != shown) {
        AddLine(text, 0, readings);
      }
    }
  }
}

}  // namespace gatepost::text
