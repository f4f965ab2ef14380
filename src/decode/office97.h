// The binary formats of Word, Excel and PowerPoint 97 to 2003 (MS-DOC, MS-XLS, MS-PPT): their text,
// out of the streams of a compound file.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "src/base/bytes.h"

namespace gatepost::decode {

struct LegacyText {
  std::string body;
  std::string margin;  // headers and footers
  std::string fonts;   // one a line
  bool encrypted = false;
  bool macros = false;
  bool external = false;
  bool damaged = false;
};

// The WordDocument stream and both table streams (the one that is missing is empty).
LegacyText ReadDoc(Bytes document, Bytes table0, Bytes table1, uint64_t limit);
// The Workbook (BIFF8) or Book (BIFF5) stream.
LegacyText ReadXls(Bytes workbook, uint64_t limit);
// The "PowerPoint Document" stream.
LegacyText ReadPpt(Bytes document, uint64_t limit);
// The strings of a property set stream (MS-OLEPS), one a line.
std::string ReadPropertySet(Bytes stream);

}  // namespace gatepost::decode
