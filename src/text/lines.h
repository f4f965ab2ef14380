// A decoded text to lines: one kind of line end, quote marks taken off, and which line ends only a
// wrap put there.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/text/view.h"

namespace gatepost::text {

struct LineOptions {
  bool quotes = true;   // take "> " off
  bool flowed = false;  // format=flowed (RFC 3676)
  bool delsp = false;   // ... with DelSp=yes
  bool rejoin = true;   // guess hard wraps
  bool sentences =
      true;  // a line that begins in lower case goes on, unless a full stop is before it
  // How full a line must be, in percent of the block's longest, to be taken as wrapped. Lower for
  // text set in a proportional font (PDF).
  uint32_t fullness = 100;
  // For HTML: numbers of the '\n' (from 0, ascending) that end a block, so that no paragraph goes
  // on.
  const std::vector<uint32_t>* block_ends = nullptr;
};

struct Lines {
  std::string text;                  // lines separated by '\n', none at the end
  std::vector<uint32_t> soft_lines;  // numbers of the '\n' that a wrap put there
  std::vector<MapPiece> pieces;      // text -> utf8; empty: same offsets
};

// Total, linear. Line ends are CRLF, LF, CR, VT, FF, U+2028 and U+2029.
// Hard wraps: consecutive lines with text and of one quote depth are a block; a line goes on in the
// next when the next's first word would not have fitted, W being the block's longest line that has
// a blank (in code points); or where it begins in lower case and the line before ends no sentence.
// Lines over 100 are paragraphs that nobody wrapped.
Lines ReadLines(std::string_view utf8, const LineOptions& options);

// Runs of a text to runs of the `size` bytes that ReadLines made of it with these pieces.
std::vector<decode::FontRun> MoveRuns(const std::vector<decode::FontRun>& runs,
                                      const std::vector<MapPiece>& pieces, size_t size);

// The lines that have vertical tabs or form feeds inside words, without them: we take them for line
// ends, others show nothing there. Pieces lead back.
std::string WithoutInnerTabs(std::string_view utf8, std::vector<MapPiece>* pieces);

}  // namespace gatepost::text
