// Rows of tables.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_table.h"

#include <string>

#include "src/base/bytes.h"

namespace gatepost::text {

void TableRows::EndCell(const Sink& visible) {
  if (row_open_ && cell_open_ && cells_.size() < 100) {
    cells_.push_back({cell_begin_, visible.text.size()});
  }
  cell_open_ = false;
}

void TableRows::EndRow(size_t tag_at, Sink* visible) {
  const bool empty = cells_.empty() || cells_.front().begin == visible->text.size();
  const bool picture =
      row_open_ && empty && count_ >= kFewestModules && dark_ > 0 && dark_ < count_;
  rows_ = picture ? rows_ + 1 : 0;
  best_rows_ = std::max(best_rows_, rows_);
  if (row_open_ && cells_.size() > 1 && cells_.back().end - cells_.front().begin <= kLongestRow) {
    std::string joined;
    size_t filled = 0;
    for (const Cell& cell : cells_) {
      std::string text = visible->text.substr(cell.begin, cell.end - cell.begin);
      std::replace(text.begin(), text.end(), '\n', ' ');
      const std::string_view trimmed = AsciiTrim(text);
      if (trimmed.empty()) {
        continue;
      }
      joined += (filled++ == 0 ? "" : " | ") + std::string(trimmed);
    }
    if (filled > 1) {
      visible->BlockEnd(tag_at);
      visible->Put(joined, tag_at);
      visible->BlockEnd(tag_at);
    }
  }
  row_open_ = false;  // a row that holds a table of its own is not joined
  cells_.clear();
}

}  // namespace gatepost::text
