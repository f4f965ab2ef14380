// Spreadsheets of OOXML: shared strings, sheets, sheet names, headers and footers.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/xml.h"

namespace gatepost::decode {

// One workbook. Shared strings must be read before the sheets that use them.
class SheetReader {
 public:
  // All text together is at most max_text bytes: cells repeat shared strings.
  explicit SheetReader(uint64_t max_text) : left_(max_text) {}
  // A part with root sst, worksheet, workbook...; appends lines to *text.
  XmlOutcome Read(const std::string& part_name, Bytes xml, std::string* text);
  // Excel 2003 XML (root Workbook).
  XmlOutcome ReadFlat(Bytes xml, std::string* text);
  // A binary part of an xlsb (MS-XLSB): its shared strings, inline strings and sheet names.
  void ReadBinary(Bytes part, std::string* text);
  // Headers and footers of the sheets read so far.
  std::string TakeMargins();
  bool cut() const { return cut_; }

 private:
  friend class SheetSink;
  std::vector<std::string> shared_;
  std::string margins_;
  uint64_t left_;
  bool cut_ = false;
};

}  // namespace gatepost::decode
