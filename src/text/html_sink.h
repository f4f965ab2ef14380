// A text under construction: white space collapses, positions are kept.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/text/view.h"

namespace gatepost::text {

class Sink {
 public:
  void Put(std::string_view bytes, size_t source) {
    if (blank_ && !text.empty() && text.back() != '\n') {
      Map(blank_source_);
      text.push_back(' ');
    }
    blank_ = false;
    Map(source);
    text.append(bytes);
  }
  void Blank(size_t source) {
    if (!blank_) {
      blank_ = true;
      blank_source_ = source;
    }
  }
  bool blank() const { return blank_; }
  // A line end that a block makes: never two, none in front.
  void BlockEnd(size_t source) {
    blank_ = false;
    if (!text.empty() && text.back() != '\n') {
      LineEnd(source);
    }
    if (lines > 0 && (block_ends.empty() || block_ends.back() != lines - 1)) {
      block_ends.push_back(lines - 1);
    }
  }
  void LineEnd(size_t source) {
    blank_ = false;
    Map(source);
    text.push_back('\n');
    ++lines;
  }
  // Words of `given`, as they stand in an attribute or a comment: lines stay lines.
  void PutWords(std::string_view given, size_t source) {
    size_t i = 0;
    while (i < given.size()) {
      if (static_cast<unsigned char>(given[i]) <= ' ') {
        if (given[i] == '\n') {
          BlockEnd(source + i);
        } else {
          Blank(source + i);
        }
        ++i;
        continue;
      }
      size_t run = i;
      while (run < given.size() && static_cast<unsigned char>(given[run]) > ' ') {
        ++run;
      }
      Put(given.substr(i, run - i), source + i);
      i = run;
    }
  }

  std::string text;
  std::vector<MapPiece> pieces;
  std::vector<uint32_t> block_ends;  // numbers of '\n'
  uint32_t lines = 0;

 private:
  void Map(size_t source) {
    const auto view = static_cast<uint32_t>(text.size());
    const auto at = static_cast<uint32_t>(source);
    if (pieces.empty() || at - pieces.back().source != view - pieces.back().view) {
      pieces.push_back({view, at});
    }
  }
  bool blank_ = false;
  size_t blank_source_ = 0;
};

}  // namespace gatepost::text
