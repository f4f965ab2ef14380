// The binary formats of Word, Excel and PowerPoint 97 to 2003 (MS-DOC, MS-XLS, MS-PPT): their text,
// out of the streams of a compound file.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/font_marks.h"

namespace gatepost::decode {

struct LegacyText {
  FontMarks marks;  // of body, margin and shown, which have marks in them
  std::string body;
  std::string margin;  // headers and footers
  std::string shown;   // all of it without hidden and deleted words; "" where there are none
  std::string fonts;   // one a line
  bool encrypted = false;
  bool macros = false;
  std::string attached;  // the template, where it lies elsewhere
  bool external = false;
  bool dde = false;
  bool autorun = false;  // a macro that starts by itself
  bool hidden_text = false;
  bool hidden_sheet = false;
  bool very_hidden_sheet = false;
  std::vector<std::string> objects;  // compound files inside, unpacked
  bool cut = false;                  // there was more text than `limit`
  bool damaged = false;
};

// The WordDocument stream and both table streams (the one that is missing is empty).
LegacyText ReadDoc(Bytes document, Bytes table0, Bytes table1, uint64_t limit);
// The Workbook (BIFF8) or Book (BIFF5) stream, or a file of BIFF2 to BIFF4.
LegacyText ReadXls(Bytes workbook, uint64_t limit);
// The objects of a presentation and where they stand (MS-PPT 2.1.2), the newest of each number,
// from the edit at `edit` backwards; `stream` is "PowerPoint Document".
struct SlideObjects {
  std::map<uint32_t, uint64_t> places;
  uint32_t session = 0;   // the number of the object that holds the lock; 0: none
  bool too_many = false;  // more than any presentation has: not all are here
};
SlideObjects SlideObjectsOf(Bytes stream, uint64_t edit);

// A sheet that is no compound file: BIFF by itself, as Excel wrote it until 1993 and still opens it.
bool IsSheetStream(Bytes bytes);

// The "PowerPoint Document" stream and "Current User" (empty where it is missing), which says where
// PowerPoint begins; objects unpack to at most `limit` bytes together.
LegacyText ReadPpt(Bytes document, Bytes current_user, uint64_t limit);
// The strings of a property set stream (MS-OLEPS), one a line.
std::string ReadPropertySet(Bytes stream);

}  // namespace gatepost::decode
