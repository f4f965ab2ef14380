// Strings of Excel's sheets in all three writings: runs that nobody sees, fonts, rows, headers.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "src/decode/sheet_margin.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

TEST(Xlsx, ARunThatNobodySeesStandsBesideTheStringAsShown) {
  const auto text = [](const std::string& properties) {
    return TextOf(OpenBytes("a.xlsx",
                            MakeOoxml({{"xl/sharedStrings.xml",
                                        "<sst><si><r><t>TOP</t></r><r><rPr>" + properties +
                                            "<rFont val=\"Arial\"/></rPr><t>zz</t></r><r>"
                                            "<t> SECRET</t></r></si><si><t>plain</t></si></sst>"}}),
                            Limits()),
                  "attachment");
  };
  for (const char* unseen :
       {"<color rgb=\"FFFFFFFF\"/>", "<color theme=\"0\"/>", "<sz val=\"1\"/>"}) {
    EXPECT_EQ(text(unseen), "TOPzz SECRET\nTOP SECRET\nplain\n") << unseen;
  }
  for (const char* seen : {"<color rgb=\"FFFF0000\"/>", "<color theme=\"1\"/>", "<sz val=\"10\"/>",
                           "<color theme=\"0\" tint=\"-0.5\"/>"}) {
    EXPECT_EQ(text(seen), "TOPzz SECRET\nplain\n") << seen;
  }
}

TEST(FlatXml, CellsOfExcel2003AreInTheFontsOfTheirStyles) {
  const Opened leaves = OpenBytes(
      "a.xml",
      "<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\" "
      "xmlns:ss=\"urn:schemas-microsoft-com:office:spreadsheet\"><Styles>"
      "<Style ss:ID=\"Default\"><Font ss:FontName=\"Arial\"/></Style>"
      "<Style ss:ID=\"s1\"><Font ss:FontName=\".VnTime\"/></Style></Styles>"
      "<Worksheet ss:Name=\"A\"><Table><Row><Cell ss:StyleID=\"s1\"><Data ss:Type=\"String\">one"
      "</Data></Cell><Cell><Data ss:Type=\"String\">two</Data></Cell></Row></Table>"
      "<WorksheetOptions><PageSetup><Header x:Data=\"&amp;C&amp;&quot;VNI-Times&quot;three\"/>"
      "</PageSetup></WorksheetOptions></Worksheet></Workbook>",
      Limits());
  EXPECT_EQ(TextOf(leaves, "attachment"), "A\none | two\none\ntwo\n");
  EXPECT_EQ(FontRunsOf(leaves),
            ".VnTime=one | ;Arial=two\n;.VnTime=one\n;Arial=two\n;VNI-Times=three;");
  EXPECT_EQ(TextOf(leaves, "header-footer"), "\nthree\n");
}

std::string XlsbRecord(uint32_t type, const std::string& data) {
  const std::string id = type < 128 ? Le(type, 1) : Le((type & 0x7f) | 0x80, 1) + Le(type >> 7, 1);
  return id + Le(data.size(), 1) + data;
}

std::string XlsbString(std::string_view ascii) { return Le(ascii.size(), 4) + Utf16(ascii); }

TEST(Xlsb, RowsAreReadInTheFontsOfTheirCellsAndRuns) {
  const std::string font = std::string(21, '\0');
  const std::string styles = XlsbRecord(278, "") + XlsbRecord(43, font + XlsbString("Arial")) +
                             XlsbRecord(43, font + XlsbString(".VnTime")) + XlsbRecord(626, "") +
                             XlsbRecord(47, Le(0, 4) + Le(1, 2)) + XlsbRecord(627, "") +
                             XlsbRecord(617, "") + XlsbRecord(47, Le(0, 4) + Le(0, 2)) +
                             XlsbRecord(47, Le(0, 4) + Le(1, 2)) + XlsbRecord(618, "");
  const std::string strings =
      XlsbRecord(159, "") +
      XlsbRecord(19, "\x01" + XlsbString("abc") + Le(1, 4) + Le(2, 2) + Le(1, 2)) +
      XlsbRecord(19, Le(0, 1) + XlsbString("level"));
  const auto cell = [](uint64_t format) { return Le(0, 4) + Le(format, 4); };
  const std::string sheet = XlsbRecord(129, "") + XlsbRecord(0, "") +
                            XlsbRecord(7, cell(0) + Le(1, 4)) +
                            XlsbRecord(6, cell(1) + XlsbString("TOP")) + XlsbRecord(0, "") +
                            XlsbRecord(7, cell(0) + Le(0, 4)) +
                            XlsbRecord(479, Le(0, 2) + XlsbString("&C&\".VnArial\"MAT"));
  const Opened leaves = OpenBytes("a.xlsb",
                                  MakeOoxml({{"xl/workbook.xml", "<workbook/>"},
                                             {"xl/worksheets/sheet1.bin", sheet},
                                             {"xl/sharedStrings.bin", strings},
                                             {"xl/styles.bin", styles}}),
                                  Limits());
  EXPECT_EQ(TextOf(leaves, "attachment"), "abc\nlevel\nlevel | TOP\nlevel\nTOP\nabc\n");
  EXPECT_EQ(FontRunsOf(leaves),
            ".VnTime=c\n;Arial=level | ;.VnTime=TOP\n;Arial=level\n;.VnTime=TOP\n;Arial=ab;"
            ".VnTime=c\n;.VnArial=MAT;");
  EXPECT_EQ(TextOf(leaves, "header-footer"), "\nMAT\n");
}

// Found by fuzzing: half of the letter was taken for a code.
TEST(SheetMargin, ALetterBehindAnAmpersandStaysWhole) {
  FontMarks marks;
  EXPECT_EQ(TextOfMargin("&C&Bt\xe1\xbb\x9d &\xc4\x90\xe1\xbb\x8f && x", 0, &marks),
            "\nt\xe1\xbb\x9d \xc4\x90\xe1\xbb\x8f & x");
}

}  // namespace
}  // namespace gatepost::decode
