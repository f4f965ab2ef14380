// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/sheet_rows.h"

#include <algorithm>
#include <utility>

#include "src/base/utf8.h"
#include "src/decode/font_marks.h"

namespace gatepost::decode {

void SheetRows::Line(const std::string& line) {
  if (IsBlankBesidesMarks(line)) {
    return;
  }
  if (line.size() + 1 > room_->left) {
    room_->cut = true;
    return;
  }
  room_->left -= line.size() + 1;
  if (marked_) {
    FontMarks::Append(0, text_);
  }
  marked_ = line.find('\xff') != std::string::npos;
  *text_ += line;
  text_->push_back('\n');
}

void SheetRows::AddCell(std::string text, uint32_t font) {
  if (text.empty()) {
    return;
  }
  Cell cell;
  cell.number = text.find_first_not_of("0123456789.-+E") == std::string::npos;
  if (!cell.number && (font != 0 || (!cells_.empty() && marks_in_row_))) {
    FontMarks::Append(font, &cell.text);
    marks_in_row_ = true;
  }
  cell.text += text;
  cells_.push_back(std::move(cell));
}

void SheetRows::EndRow() {
  if (cells_.size() > 1) {
    std::string joined;
    for (const Cell& cell : cells_) {
      joined += (joined.empty() ? "" : " | ") + cell.text;
    }
    Line(joined);
  }
  for (const Cell& cell : cells_) {
    // A number alone on a line tells nothing that the row did not.
    if (cells_.size() == 1 || !cell.number) {
      Line(cell.text);
    }
  }
  cells_.clear();
  marks_in_row_ = false;
}

}  // namespace gatepost::decode
