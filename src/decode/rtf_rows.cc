// Tables of RTF: each cell is a line, and so is the row.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <string>
#include <utility>

#include "src/decode/rtf_reader.h"

namespace gatepost::decode {

void RtfReader::EndCell() {
  if (reading_ == RtfReading::kHtml) {
    return;
  }
  EndLine(&body);
  if (group().target == RtfTarget::kBody && cell_mark_ <= body.size()) {
    cells_.push_back(body.substr(cell_mark_));
    cell_mark_ = body.size();
    marked_in_ = nullptr;
  }
}

void RtfReader::EndRow() {
  std::string joined;
  size_t filled = 0;
  for (std::string& cell : cells_) {
    std::string line(AsciiTrim(cell));
    for (char& c : line) {
      c = c == '\n' ? ' ' : c;
    }
    filled += line.empty() ? 0 : 1;
    joined += (joined.empty() ? "" : " | ") + line;
  }
  if (filled > 1) {
    body += joined + "\n";
  }
  cells_.clear();
  cell_mark_ = body.size();
  marked_in_ = nullptr;
}

}  // namespace gatepost::decode
