// LIMITS: 256 frames deep; rows within more than three rows are not joined again (each joining
// repeats the text).
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/flow.h"

#include <algorithm>
#include <utility>

#include "src/base/bytes.h"

namespace gatepost::decode {

namespace {

constexpr size_t kDeepest = 256;
constexpr size_t kJoinedRows = 3;

}  // namespace

Flow::Flow() { frames_.emplace_back(); }

void Flow::Push(Kind kind) {
  if (frames_.size() >= kDeepest) {
    return;
  }
  Unmark();
  frames_.emplace_back();
  frames_.back().kind = kind;
  rows_ += kind == Kind::kRow ? 1 : 0;
}

bool Flow::Pop(Kind kind, Frame* out) {
  if (frames_.back().kind != kind) {
    return false;
  }
  EndParagraph();
  Unmark();
  *out = std::move(frames_.back());
  frames_.pop_back();
  rows_ -= kind == Kind::kRow ? 1 : 0;
  return true;
}

void Flow::EndParagraph() {
  Frame& frame = frames_.back();
  if (!IsBlankBesidesMarks(frame.paragraph)) {
    frame.text += frame.paragraph;
    frame.text.push_back('\n');
  }
  frame.paragraph.clear();
  Unmark();
  frame.text += frame.after;
  frame.after.clear();
}

void Flow::EndCell() {
  Frame cell;
  if (Pop(Kind::kCell, &cell)) {
    Frame& above = frames_.back();
    if (above.kind == Kind::kRow) {
      above.cells.push_back(std::move(cell.text));
    } else {
      above.text += cell.text;
    }
  }
}

void Flow::EndRow() {
  Frame row;
  if (!Pop(Kind::kRow, &row)) {
    return;
  }
  std::string& out = frames_.back().text;
  size_t filled = 0;
  for (const std::string& cell : row.cells) {
    filled += cell.empty() ? 0 : 1;
  }
  if (filled > 1 && rows_ < kJoinedRows) {
    std::string joined;
    for (const std::string& cell : row.cells) {
      if (!joined.empty()) {
        joined += " | ";
      }
      std::string line(AsciiTrim(cell));
      std::replace(line.begin(), line.end(), '\n', ' ');
      joined += line;
    }
    out += joined;
    out.push_back('\n');
  }
  for (const std::string& cell : row.cells) {
    out += cell;
  }
  out += row.text;
}

void Flow::EndBox() {
  Frame box;
  if (!Pop(Kind::kBox, &box)) {
    return;
  }
  if (frames_.back().kind == Kind::kBox) {
    // A shape's box around the box of its content: the same text, not a second one.
    frames_.back().after += box.text;
    return;
  }
  // Word writes each text box twice, for new readers and for old ones.
  std::string plain = WithoutMarks(box.text);
  if (plain != last_box_) {
    frames_.back().after += box.text;
    last_box_ = std::move(plain);
  }
}

std::string Flow::Take() {
  while (frames_.size() > 1) {
    switch (frames_.back().kind) {
      case Kind::kRow:
        EndRow();
        break;
      case Kind::kCell:
        EndCell();
        break;
      default:
        EndBox();
        break;
    }
  }
  EndParagraph();
  std::string text = std::move(frames_.back().text);
  frames_.clear();
  frames_.emplace_back();
  last_box_.clear();
  Unmark();
  return text;
}

}  // namespace gatepost::decode
