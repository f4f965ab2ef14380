// Cells of a spreadsheet to lines: the row joined by " | ", then each cell that holds words.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::decode {

// What the text of a workbook may still take, over all its sheets.
struct SheetRoom {
  uint64_t left = 0;
  bool cut = false;
};

class SheetRows {
 public:
  // Appends lines to *text, with marks in them. Both must outlive it.
  SheetRows(SheetRoom* room, std::string* text) : room_(room), text_(text) {}
  // `font` is that of all of `text` (a number of FontMarks) unless marks in it say another.
  void AddCell(std::string text, uint32_t font);
  void EndRow();
  // What is no cell: a name, a message, a formula.
  void Line(const std::string& line);

 private:
  struct Cell {
    std::string text;
    bool number = false;
  };
  SheetRoom* room_;
  std::string* text_;
  std::vector<Cell> cells_;
  bool marks_in_row_ = false;
  bool marked_ = false;  // the line before left a font open
};

}  // namespace gatepost::decode
