// Tables: cells are lines of their own; a row of several is also one line, "a | b". Rows of many
// small empty cells in black and white are a picture, most likely a QR code.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "src/text/html_sink.h"

namespace gatepost::text {

class TableRows {
 public:
  void StartRow() {
    cells_.clear();
    row_open_ = true;
    count_ = 0;
    dark_ = 0;
  }
  void StartCell(const Sink& visible, bool dark) {
    cell_open_ = row_open_;
    cell_begin_ = visible.text.size();
    ++count_;
    dark_ += dark ? 1U : 0U;
  }
  void EndCell(const Sink& visible);
  void EndRow(size_t tag_at, Sink* visible);
  // Rows that follow one another, each of at least kFewestModules cells, some dark, some not, none
  // with text.
  uint32_t picture_rows() const { return best_rows_; }

 private:
  static constexpr size_t kLongestRow = 2'000;
  static constexpr uint32_t kFewestModules = 21;  // the smallest QR code
  struct Cell {
    size_t begin;
    size_t end;
  };
  std::vector<Cell> cells_;
  bool row_open_ = false;
  bool cell_open_ = false;
  size_t cell_begin_ = 0;
  uint32_t count_ = 0;
  uint32_t dark_ = 0;
  uint32_t rows_ = 0;
  uint32_t best_rows_ = 0;
};

}  // namespace gatepost::text
