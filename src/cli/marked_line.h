// A line of a mail with the words that a rule found marked in it: underlined on a terminal, carets
// below it elsewhere. The words themselves are masked unless somebody wants them.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::cli {

// Letters and digits as dots, one a column; the first letter of a word of four or more stays, so
// that its author recognises it. Marks that take no column go.
std::string Masked(std::string_view utf8);

struct MarkedLine {
  std::string text;    // one line that fits
  std::string carets;  // blanks and '^' below the match; "" on a terminal, which underlines
};

struct MarkOptions {
  int columns = 80;           // what fits; the match is kept in sight, the rest cut with "..."
  bool underline = false;     // with the terminal's own sign
  bool show = false;          // the match in clear
  std::vector<std::string> hide;  // other words to mask wherever they stand; nothing with `show`
};

// match: bytes of line, at code points' edges. Control characters, and marks that turn text round
// (U+202A-202E, U+2066-2069), become U+FFFD: the line is a stranger's.
MarkedLine Mark(std::string_view line, Range match, const MarkOptions& options);

}  // namespace gatepost::cli
