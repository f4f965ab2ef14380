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
  bool cr_ends_line = false;  // a lone CR is a line end
  // A line that is no field does not end the header, and what only resembles a MIME field (odd
  // name, in a folded line) is one.
  bool skip_junk = false;
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
  bool odd_name = false;    // a name that only some readers take for a MIME field's
  bool fold_field = false;  // a folded line that reads as a MIME field
  bool fold_from = false;   // a folded line that reads as a From with an address
  bool nul = false;
  bool bare_cr = false;
  bool control = false;  // C0 without TAB, CR, LF; DEL
  bool high = false;     // above 7F
};

// Total and linear. A field name is what Postfix takes for one: printable ASCII and a colon, blanks
// before it allowed.
HeaderScan ScanHeader(Bytes raw, Range range, const LineRules& rules, const Limits& limits);

// The fields that say what a part is.
enum class MimeField : uint8_t { kNone, kType, kEncoding, kDisposition, kVersion };

// By its exact name, in any case.
MimeField MimeFieldOf(Bytes name);
// Text that some reader takes for a MIME field although its name is not written so: comments,
// control characters, underscores or folds in it, no colon but another sign. *name is its place in
// the text, *value where the value begins. Exactly named fields are found too.
MimeField OddMimeField(Bytes text, Range* name, uint32_t* value);

// Text that some reader takes for a From with an address although none is written there by the
// rules: blanks, NULs, control characters, a byte order mark or a fold before, within or behind the
// name. A well-written From is found too. *name and *value as above.
bool OddFromField(Bytes text, Range* name, uint32_t* value);
// The same for From, Sender and Reply-To.
bool OddSenderField(Bytes text, Range* name, uint32_t* value);

// Is this line a field, and one of MIME's ("Content-...", "MIME-Version")?
bool IsFieldLine(Bytes line);
bool IsMimeFieldLine(Bytes line);
// The first lines of text (up to the first blank one) hold a MIME field, all of them being fields
// or folded: for bodies and preambles that are really entities.
bool StartsWithMimeFields(Bytes text);

}  // namespace gatepost::mail
