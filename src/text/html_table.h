// Tables: cells are lines of their own; a row of several is also one line, "a | b". Rows of many
// small empty cells in black and white are a picture, most likely a QR code. Cells that hold a
// letter or two are a word cut in slices: it is read along the rows and down the columns.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
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
  void StartCell(const Sink& visible, bool dark, uint32_t span) {
    cell_open_ = row_open_;
    cell_begin_ = visible.text.size();
    count_ += span;
    dark_ += dark ? span : 0U;
  }
  void EndCell(const Sink& visible);
  void EndRow(size_t tag_at, Sink* visible);
  void EndTable() { EndColumns(); }
  // Words that were cut in slices, and where the last slice stood.
  struct Word {
    std::string text;
    size_t at;
  };
  const std::vector<Word>& words() const { return words_; }
  // Rows that follow one another, each of at least kFewestModules cells, some dark, some not, none
  // with text.
  uint32_t picture_rows() const { return best_rows_; }

 private:
  static constexpr size_t kLongestRow = 2'000;
  static constexpr uint32_t kFewestModules = 21;  // the smallest QR code
  static constexpr size_t kMostWords = 500;
  static constexpr size_t kLongestWord = 400;  // bytes
  void ReadSlices(const Sink& visible, size_t at);
  void EndColumns();
  void AddWord(std::string_view text, size_t at);
  std::vector<Word> words_;
  std::vector<Word> columns_;
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
