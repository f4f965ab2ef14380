// Spreadsheets of OOXML: shared strings, sheets, sheet names, headers and footers.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/collector.h"
#include "src/decode/font_marks.h"
#include "src/decode/ooxml_fonts.h"
#include "src/decode/xml.h"

namespace gatepost::decode {

// One workbook. Shared strings must be read before the sheets that use them.
class SheetReader {
 public:
  // All text together is at most max_text bytes: cells repeat shared strings. Text has the marks of
  // `marks` in it; both must outlive the reader.
  SheetReader(uint64_t max_text, FontMarks* marks, const OoxmlFonts* fonts)
      : marks_(marks), fonts_(fonts), left_(max_text) {}
  // A part with root sst, worksheet, workbook...; appends lines to *text.
  XmlOutcome Read(const std::string& part_name, Bytes xml, std::string* text);
  // Excel 2003 XML (root Workbook).
  XmlOutcome ReadFlat(Bytes xml, std::string* text);
  // A binary part of an xlsb (MS-XLSB): its shared strings, inline strings and sheet names.
  void ReadBinary(Bytes part, std::string* text);
  // Headers and footers of the sheets read so far, with marks.
  std::string TakeMargins();
  bool cut() const { return cut_; }
  // document.hidden-sheet, document.very-hidden-sheet, document.dde, document.external,
  // document.macros, document.macro-autorun, as far as sheets tell.
  void SetFacts(Collector* out) const;

 private:
  friend class SheetSink;
  void BinaryRecord(uint32_t type, Bytes data, std::string* text);

  FontMarks* marks_;
  const OoxmlFonts* fonts_;
  std::vector<std::string> shared_;
  std::string margins_;
  bool hidden_sheet_ = false;
  bool very_hidden_sheet_ = false;
  bool dde_ = false;
  bool external_ = false;
  bool macros_ = false;
  bool autorun_ = false;
  uint64_t left_;
  bool cut_ = false;
};

}  // namespace gatepost::decode
