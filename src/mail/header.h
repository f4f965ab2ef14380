// A header block: from its first byte to the blank line that ends it, cut into fields.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/limits.h"
#include "src/mail/message.h"

namespace gatepost::mail {

// One reading of where lines and headers end; the plain one has nothing set.
struct LineRules {
  bool cr_ends_line = false;   // a lone CR is a line end
  bool skip_junk = false;      // a line that is no field does not end the header
  bool blankish_ends = false;  // a line of blanks only ends the header
};

struct Line {
  uint32_t begin = 0;
  uint32_t content_end = 0;  // without the line end
  uint32_t end = 0;          // with it
};

// The line that begins at `at`, at most up to `end`.
Line LineAt(Bytes raw, uint32_t at, uint32_t end, bool cr_ends_line);

// What a scan of a header found besides the fields.
struct HeaderScan {
  std::vector<Field> fields;
  uint32_t body = 0;          // where the body begins
  bool blank_line = false;    // a blank line ended it
  bool mbox_line = false;     // "From " or ">From " was skipped
  bool folded_first = false;  // the first line was a folded one
  bool junk = false;          // a line that is no field ended it (or was skipped)
  bool blankish = false;      // a line of blanks only was met
  bool too_many = false;
  bool too_long = false;
  bool space_before_colon = false;
  bool nul = false;
  bool bare_cr = false;
  bool control = false;  // C0 without TAB, CR, LF; DEL
  bool high = false;     // above 7F
};

// Total and linear. A field name is what Postfix takes for one: printable ASCII and a colon, blanks
// before it allowed.
HeaderScan ScanHeader(Bytes raw, Range range, const LineRules& rules, const Limits& limits);

// Is this line a field, and one of MIME's ("Content-...", "MIME-Version")?
bool IsFieldLine(Bytes line);
bool IsMimeFieldLine(Bytes line);
// The first lines of text (up to the first blank one) hold a MIME field, all of them being fields
// or folded: for bodies and preambles that are really entities.
bool StartsWithMimeFields(Bytes text);

}  // namespace gatepost::mail
