// Spreadsheets of OOXML: shared strings, sheets, sheet names, headers and footers.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/collector.h"
#include "src/decode/font_marks.h"
#include "src/decode/ooxml_fonts.h"
#include "src/decode/sheet_rows.h"
#include "src/decode/xml.h"

namespace gatepost::decode {

// One workbook. Shared strings must be read before the sheets that use them.
class SheetReader {
 public:
  // All text together is at most max_text bytes: cells repeat shared strings. Text has the marks of
  // `marks` in it; both must outlive the reader.
  SheetReader(uint64_t max_text, FontMarks* marks, const OoxmlFonts* fonts)
      : marks_(marks), fonts_(fonts), room_{max_text, false} {}
  // A part with root sst, worksheet, workbook...; appends lines to *text.
  XmlOutcome Read(const std::string& part_name, Bytes xml, std::string* text);
  // Excel 2003 XML (root Workbook).
  XmlOutcome ReadFlat(Bytes xml, std::string* text);
  // A binary part of an xlsb (MS-XLSB), in the order of RankOfBinary.
  void ReadBinary(Bytes part, std::string* text);
  // Headers and footers of the sheets read so far, with marks.
  std::string TakeMargins();
  bool cut() const { return room_.cut; }
  // document.hidden-sheet, document.very-hidden-sheet, document.dde, document.external,
  // document.macros, document.macro-autorun, as far as sheets tell.
  void SetFacts(Collector* out) const;

 private:
  friend class SheetSink;
  friend class BinarySheet;
  void AddMargin(std::string_view codes);
  std::string ShortShared(size_t index) const;

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
  SheetRoom room_;
};

// Styles, shared strings and the workbook come before the sheets.
int RankOfBinary(Bytes part);

}  // namespace gatepost::decode
