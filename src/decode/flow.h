// Paragraphs, tables and boxes of an office document to lines of text. Table cells come twice: the
// row joined by " | ", then each cell's lines, so that rules see both "label | value" and a stamp
// alone on its line.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/decode/font_marks.h"

namespace gatepost::decode {

class Flow {
 public:
  Flow();
  void Text(std::string_view utf8) {
    if (font_ != marked_) {
      FontMarks::Append(font_, &frames_.back().paragraph);
      marked_ = font_;
    }
    frames_.back().paragraph.append(utf8);
  }
  // The font (a number of FontMarks) of the text that follows. Once it was called, what Take gives
  // holds marks.
  void SetFont(uint32_t number) {
    font_ = number;
    uses_fonts_ = true;
  }
  void LineBreak() { frames_.back().paragraph.push_back('\n'); }
  // Ends the current paragraph; empty ones vanish.
  void EndParagraph();
  void BeginRow() { Push(Kind::kRow); }
  void EndRow();
  void BeginCell() { Push(Kind::kCell); }
  void EndCell();
  // Text that stands apart although it is inside a paragraph: a text box, a note.
  void BeginBox() { Push(Kind::kBox); }
  void EndBox();
  // All text; ends open rows and boxes.
  std::string Take();

 private:
  enum class Kind { kBody, kRow, kCell, kBox };
  struct Frame {
    Kind kind = Kind::kBody;
    std::string text;
    std::string paragraph;
    std::string after;  // boxes of the current paragraph
    std::vector<std::string> cells;
  };
  void Push(Kind kind);
  // False: that frame was never pushed (too deep, or out of place).
  bool Pop(Kind kind, Frame* out);
  // Text that comes next may be put elsewhere than what stands before it now.
  void Unmark() { marked_ = uses_fonts_ ? UINT32_MAX : 0; }

  std::vector<Frame> frames_;
  size_t rows_ = 0;
  std::string last_box_;  // without marks
  uint32_t font_ = 0;
  uint32_t marked_ = 0;
  bool uses_fonts_ = false;
};

}  // namespace gatepost::decode
