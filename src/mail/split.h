// Cutting the body of a multipart at its boundary (RFC 2046 5.1.1): one memmem pass over the body.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::mail {

struct Delimiter {
  uint32_t begin = 0;  // of the line, or of the "--" in the middle of one
  uint32_t end = 0;    // behind its line end
  bool close = false;
};

struct Delimiters {
  std::vector<Delimiter> found;
  uint32_t junk_lines = 0;  // lines that begin with the boundary and go on with something else
  uint32_t in_lines = 0;    // boundaries in the middle of a line
  bool cut = false;         // there are more than `most`

  bool any() const { return !found.empty(); }
};

// Strict: "--boundary" or "--boundary--", then blanks, a whole line. Lenient: every occurrence is a
// delimiter, as readers with a plain search have it; none closes. Stops at the first close.
Delimiters FindDelimiters(Bytes raw, Range body, const std::string& boundary, bool lenient,
                          bool cr_ends_line, size_t most);

// The boundary as a line spells it that has it in other letters of case, whole lines only; "" when
// there is none.
std::string BoundaryInOtherCase(Bytes body, const std::string& boundary);

// The text of the first line "--text" that is followed by a MIME field: a boundary that nobody
// declared. "" when there is none.
std::string GuessBoundary(Bytes body);

// `end` without the line end before it, not below `begin`.
uint32_t WithoutLineEnd(Bytes raw, uint32_t begin, uint32_t end);

bool IsBlankText(Bytes text);
// The sentences that mail programs put before the first boundary.
bool IsUsualPreamble(Bytes text);

}  // namespace gatepost::mail
