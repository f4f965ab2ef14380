// Fonts of runs, macro source, hidden sheets, DDE, compressed RTF: what documents hide and how.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "src/decode/office97.h"
#include "src/decode/rtf_packed.h"
#include "src/decode/vba.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

constexpr char kW[] = " xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";

// "font=text;" of each stretch of a zone.
std::string Runs(const Leaves& leaves, std::string_view zone) {
  std::string out;
  for (const DocumentText& text : leaves.texts) {
    for (const FontRun& run : text.fonts) {
      if (text.zone == zone) {
        out += run.font + "=" + text.utf8.substr(run.begin, run.end - run.begin) + ";";
      }
    }
  }
  return out;
}

Opened Docx(const std::string& body, std::vector<TestEntry> more = {}) {
  more.push_back({"word/document.xml",
                  std::string("<w:document") + kW + "><w:body>" + body + "</w:body></w:document>"});
  return OpenBytes("a.docx", MakeOoxml(std::move(more)), Limits());
}

TEST(Docx, ARunIsInItsOwnFontOrItsStylesOrTheDefault) {
  const std::string styles =
      std::string("<w:styles") + kW +
      "><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:asciiTheme=\"minorHAnsi\"/></w:rPr>"
      "</w:rPrDefault></w:docDefaults>"
      "<w:style w:styleId=\"Base\"><w:rPr><w:rFonts w:ascii=\".VnTime\"/></w:rPr></w:style>"
      "<w:style w:styleId=\"Top\"><w:basedOn w:val=\"Base\"/></w:style></w:styles>";
  const std::string theme =
      "<a:theme xmlns:a=\"a\"><a:minorFont><a:latin typeface=\"Calibri\"/></a:minorFont></a:theme>";
  const Opened leaves = Docx(
      "<w:p><w:r><w:rPr><w:rFonts w:ascii=\"Arial\" w:hAnsi=\"VNI-Times\"/></w:rPr><w:t>own</w:t>"
      "</w:r></w:p>"
      "<w:p><w:pPr><w:pStyle w:val=\"Top\"/></w:pPr><w:r><w:t>styled</w:t></w:r></w:p>"
      "<w:p><w:r><w:t>plain</w:t></w:r></w:p>",
      {{"word/styles.xml", styles}, {"word/theme/theme1.xml", theme}});
  EXPECT_EQ(TextOf(leaves, "attachment"), "own\nstyled\nplain\n");
  EXPECT_EQ(Runs(leaves, "attachment"), "VNI-Times=own\n;.VnTime=styled\n;Calibri=plain\n;");
}

TEST(Docx, CapitalsThatARunOrItsStyleDrawsAreSaidBehindTheFont) {
  const std::string styles =
      std::string("<w:styles") + kW +
      "><w:style w:styleId=\"Base\"><w:rPr><w:caps/></w:rPr></w:style>"
      "<w:style w:styleId=\"Top\"><w:basedOn w:val=\"Base\"/></w:style></w:styles>";
  const Opened leaves = Docx(
      "<w:p><w:r><w:rPr><w:rFonts w:ascii=\"Arial\"/><w:caps/></w:rPr><w:t>own</w:t></w:r></w:p>"
      "<w:p><w:r><w:rPr><w:smallCaps w:val=\"true\"/></w:rPr><w:t>small</w:t></w:r></w:p>"
      "<w:p><w:r><w:rPr><w:caps w:val=\"0\"/></w:rPr><w:t>off</w:t></w:r></w:p>"
      "<w:p><w:pPr><w:pStyle w:val=\"Top\"/></w:pPr><w:r><w:t>styled</w:t></w:r>"
      "<w:r><w:rPr><w:caps w:val=\"false\"/></w:rPr><w:t>not</w:t></w:r></w:p>",
      {{"word/styles.xml", styles}});
  EXPECT_EQ(Runs(leaves, "attachment"),
            "Arial\x1F"
            "capitals=own\n;\x1F"
            "capitals=small\n;\x1F"
            "capitals=styled;");
}

TEST(Pptx, CapitalsThatARunDrawsAreSaidBehindTheFont) {
  const Opened leaves =
      OpenBytes("a.pptx",
                MakeOoxml({{"ppt/slides/slide1.xml",
                            "<p:sld xmlns:p=\"p\" xmlns:a=\"a\"><a:p><a:r><a:rPr "
                            "cap=\"all\"/><a:t>shown</a:t></a:r>"
                            "<a:r><a:rPr cap=\"none\"/><a:t>plain</a:t></a:r></a:p></p:sld>"}}),
                Limits());
  EXPECT_EQ(Runs(leaves, "attachment"),
            "\x1F"
            "capitals=shown;");
}

TEST(Rtf, CapitalsThatARunDrawsAreSaidBehindTheFont) {
  const Opened leaves = OpenBytes("a.rtf",
                                  "{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0\\fcharset0 Arial;}}\\f0 "
                                  "a{\\caps b}c\\scaps d\\scaps0 e\\caps f\\plain g}",
                                  Limits());
  EXPECT_EQ(Runs(leaves, "attachment"),
            "Arial=a;Arial\x1F"
            "capitals=b;Arial=c;Arial\x1F"
            "capitals=d;Arial=e;Arial\x1F"
            "capitals=f;"
            "Arial=g;");
}

TEST(Docx, ADdeFieldCutIntoRunsIsFound) {
  const Opened leaves = Docx(
      "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText>DD</w:instrText></w:r>"
      "<w:r><w:instrText>EAUTO c:\\\\cmd.exe</w:instrText></w:r>"
      "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>");
  EXPECT_TRUE(Fact(leaves, "document.dde"));
  EXPECT_NE(TextOf(leaves, "rels").find("DDEAUTO c:\\\\cmd.exe\n"), std::string::npos);
  EXPECT_FALSE(Fact(Docx("<w:p><w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"), "document.dde"));
}

TEST(Docx, HiddenTextIsReadAndNamed) {
  const Opened leaves = Docx("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>TỐI MẬT</w:t></w:r></w:p>");
  EXPECT_EQ(TextOf(leaves, "attachment"), "TỐI MẬT\n");
  EXPECT_TRUE(Fact(leaves, "document.hidden-text"));
}

Opened Xlsx(std::vector<TestEntry> parts) {
  return OpenBytes("a.xlsx", MakeOoxml(std::move(parts)), Limits());
}

TEST(Xlsx, VeryHiddenSheetsAreFacts) {
  const Opened leaves = Xlsx({{"xl/workbook.xml",
                               "<workbook><sheets><sheet name=\"Thu\" state=\"veryHidden\"/>"
                               "</sheets><definedNames><definedName name=\"_xlnm.Auto_Open\">M!A1"
                               "</definedName></definedNames></workbook>"}});
  EXPECT_TRUE(Fact(leaves, "document.hidden-sheet"));
  EXPECT_TRUE(Fact(leaves, "document.very-hidden-sheet"));
  EXPECT_TRUE(Fact(leaves, "document.macro-autorun"));
}

TEST(Xlsx, MessagesOfValidationsAndPivotCachesAreRead) {
  const Opened leaves = Xlsx(
      {{"xl/worksheets/sheet1.xml",
        "<worksheet><dataValidations><dataValidation prompt=\"TUYỆT MẬT\"><formula1>\"Mật,Thường\""
        "</formula1></dataValidation></dataValidations></worksheet>"},
       {"xl/pivotCache/pivotCacheRecords1.xml",
        "<pivotCacheRecords><r><s v=\"Nguyễn Văn A\"/></r></pivotCacheRecords>"}});
  EXPECT_NE(TextOf(leaves, "attachment").find("TUYỆT MẬT\n"), std::string::npos);
  EXPECT_NE(TextOf(leaves, "attachment").find("\"Mật,Thường\"\n"), std::string::npos);
  EXPECT_NE(TextOf(leaves, "docprops").find("Nguyễn Văn A\n"), std::string::npos);
}

TEST(Xlsx, CellsAreInTheFontOfTheirFormat) {
  const Opened leaves =
      Xlsx({{"xl/styles.xml",
             "<styleSheet><fonts><font><name val=\"Arial\"/></font><font><name val=\".VnTime\"/>"
             "</font></fonts><cellXfs><xf fontId=\"0\"/><xf fontId=\"1\"/></cellXfs></styleSheet>"},
            {"xl/worksheets/sheet1.xml",
             "<worksheet><sheetData><row><c s=\"1\" t=\"str\"><v>one</v></c><c s=\"0\" t=\"str\">"
             "<v>two</v></c></row></sheetData></worksheet>"}});
  EXPECT_EQ(TextOf(leaves, "attachment"), "one | two\none\ntwo\n");
  EXPECT_EQ(Runs(leaves, "attachment"), ".VnTime=one | ;Arial=two\n;.VnTime=one\n;Arial=two\n;");
}

TEST(Rtf, TextIsInTheFontsOfItsTable) {
  const Opened leaves = OpenBytes("a.rtf",
                                  "{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0\\fcharset0 Arial;}"
                                  "{\\f1\\fcharset163 .VnTime;}{\\f2\\fcharset163 Tahoma;}}"
                                  "{\\f1 \\'b8\\'d3}{\\f2 \\'d0}\\f0 x\\par}",
                                  Limits());
  // What .VnTime is typed in is no code page 1258, whatever the table says.
  EXPECT_EQ(TextOf(leaves, "attachment"), "¸ÓĐx\n");
  EXPECT_EQ(Runs(leaves, "attachment"), ".VnTime=¸Ó;Tahoma=Đ;Arial=x\n;");
}

TEST(Rtf, AFieldInAHeaderStaysInTheHeader) {
  const Opened leaves = OpenBytes(
      "a.rtf", "{\\rtf1 body{\\header{\\field{\\*\\fldinst PAGE}{\\fldrslt MAT}}}}", Limits());
  EXPECT_EQ(TextOf(leaves, "header-footer"), "MAT\n");
  EXPECT_EQ(TextOf(leaves, "attachment"), "body");
}

TEST(Rtf, FactsOfObjectsFieldsAndHiddenText) {
  const Opened leaves = OpenBytes(
      "a.rtf",
      "{\\rtf1{\\v gone}{\\field{\\*\\fldinst DDEAUTO cmd}}{\\object\\objupdate{\\*\\objdata 01}}}",
      Limits());
  for (const char* fact : {"document.dde", "document.ole-object", "document.ole-update",
                           "document.hidden-text", "document.external"}) {
    EXPECT_TRUE(Fact(leaves, fact)) << fact;
  }
}

std::string Record(uint64_t id, const std::string& data) {
  return Le(id, 2) + Le(data.size(), 2) + data;
}

TEST(Xls, FormulaStringsHiddenSheetsAndStartingMacrosAreSeen) {
  const std::string formula =
      "\x17" + Le(4, 1) + Le(0, 1) + "calc" + "\x22" + Le(1, 1) + Le(110, 2);
  const LegacyText text =
      ReadXls(Record(0x809, Le(0x600, 2) + Le(0x40, 2) + Le(0, 4)) +
                  Record(0x85, Le(0, 4) + "\x02\x01" + Le(1, 1) + Le(0, 1) + "M") +
                  Record(0x18, Le(0x20, 2) + Le(0, 1) + Le(1, 1) + Le(0, 2) + std::string(8, '\0') +
                                   Le(0, 1) + "\x01") +
                  Record(0x06, std::string(20, '\0') + Le(formula.size(), 2) + formula),
              1000);
  EXPECT_EQ(text.body, "M\ncalc\nEXEC()\n");
  EXPECT_TRUE(text.macros);
  EXPECT_TRUE(text.autorun);
  EXPECT_TRUE(text.very_hidden_sheet);
}

TEST(Xls, TextBeyondTheLimitIsSaidToBeCut) {
  EXPECT_TRUE(
      ReadXls(Record(0x809, Le(0x600, 2) + Le(5, 2) + Le(0, 4)) +
                  Record(0x204, Le(4, 2) + Le(1, 2) + Le(0, 2) + Le(9, 2) + Le(0, 1) + "too long!"),
              5)
          .cut);
}

// A Word 97 file whose second half is in another font.
TEST(Doc, CharactersAreInTheFontOfTheirProperties) {
  const Opened leaves = OpenBytes(
      "a.doc", MakeDoc("abcxyz", 3, 6, Le(0x4a51, 2) + Le(1, 2), {"Arial", "VNI-Times"}), Limits());
  EXPECT_EQ(TextOf(leaves, "attachment"), "abcxyz\n");
  EXPECT_EQ(Runs(leaves, "attachment"), "VNI-Times=xyz\n;");
  EXPECT_EQ(TextOf(leaves, "fonts"), "Arial\nVNI-Times\n");
}

// A container of one chunk of literals.
std::string PackVba(const std::string& source) {
  std::string chunk;
  for (size_t i = 0; i < source.size(); i += 8) {
    chunk += std::string(1, '\0') + source.substr(i, 8);
  }
  return "\x01" + Le(0xb000U | (chunk.size() - 1), 2) + chunk;
}

TEST(Vba, AModuleIsATextLeafAndItsStartIsAFact) {
  const Opened leaves = OpenBytes(
      "a.doc",
      MakeCfb({{"ThisDocument", "p-code" + PackVba("Attribute VB_Name = \"M1\"\r\n"
                                                   "Sub AutoOpen()\r\nShell \"calc\"\r\n")}}),
      Limits());
  EXPECT_TRUE(HasLeaf(leaves, "a.doc/macro/M1.txt"));
  EXPECT_TRUE(AnyLeafContains(leaves, "Shell \"calc\""));
  EXPECT_TRUE(Fact(leaves, "document.macros"));
  EXPECT_TRUE(Fact(leaves, "document.macro-autorun"));
  EXPECT_FALSE(Fact(leaves, "executable.attached"));
}

TEST(Vba, CopiesInsideAChunkAreFollowed) {
  // "ab", then three bytes from two back: "aba".
  const std::string chunk = std::string(1, '\x04') + "ab" + Le(1U << 12, 2);
  EXPECT_EQ(UnpackVba("\x01" + Le(0xb000U | (chunk.size() - 1), 2) + chunk, 100), "ababa");
  EXPECT_EQ(UnpackVba("\x01\xff", 100), "");
}

TEST(Vba, ACopyFromBeforeTheChunkEndsIt) {
  const std::string chunk = std::string(1, '\x02') + "a" + Le(0xf000, 2);
  EXPECT_EQ(UnpackVba("\x01" + Le(0xb000U | (chunk.size() - 1), 2) + chunk, 100), "a");
}

TEST(Outlook, TheCompressedBodyIsReadAsRtf) {
  const std::string rtf = "{\\rtf1 TOI MAT\\par}";
  const std::string stored = Le(rtf.size() + 12, 4) + Le(rtf.size(), 4) + "MELA" + Le(0, 4) + rtf;
  EXPECT_EQ(UnpackRtf(stored, 1000), rtf);
  const Opened leaves = OpenBytes("a.msg", MakeCfb({{"__substg1.0_10090102", stored}}), Limits());
  EXPECT_EQ(TextOf(leaves, "attachment"), "TOI MAT\n");
}

TEST(Ole, AnEmbeddedProgramIsAFactOfItsOwn) {
  const std::string package = Le(2, 2) + std::string("run.exe\0c:\\x\0", 13) + Le(0, 8) +
                              std::string("t\0", 2) + Le(4, 4) + "MZ!!";
  const Opened leaves =
      OpenBytes("a.doc", MakeCfb({{"\x01Ole10Native", Le(package.size(), 4) + package}}), Limits());
  EXPECT_TRUE(Fact(leaves, "executable.embedded"));
  EXPECT_TRUE(Fact(leaves, "document.ole-object"));
}

std::string Word(uint64_t number, size_t bytes) {
  std::string out;
  for (size_t i = 0; i < bytes; ++i) {
    out.push_back(static_cast<char>(number >> (8 * i)));
  }
  return out;
}

std::string PptAtom(uint64_t instance, uint64_t type, const std::string& data) {
  return Word(instance << 4, 2) + Word(type, 2) + Word(data.size(), 4) + data;
}

std::string Wide(const std::string& ascii) {
  std::string out;
  for (const char c : ascii) {
    out += std::string(1, c) + '\0';
  }
  return out;
}

std::string RunsOfPpt(const std::string& document) {
  LegacyText text = ReadPpt(document, {}, 10'000);
  std::string body = text.body;
  std::string out;
  for (const FontRun& run : text.marks.Take(&body)) {
    out += run.font + "=" + body.substr(run.begin, run.end - run.begin) + ";";
  }
  return out;
}

TEST(Ppt, CharactersAreInTheFontOfTheirRunOrOfTheMastersTextsOfTheirKind) {
  const std::string fonts = PptAtom(0, 0x0fb7, Wide(".VnTime") + std::string(54, '\0')) +
                            PptAtom(1, 0x0fb7, Wide("VNI-Times") + std::string(50, '\0')) +
                            PptAtom(2, 0x0fb7, Wide("Arial") + std::string(58, '\0'));
  // One level: a paragraph with all fields and one tab stop, then a font and a colour.
  const std::string paragraph = Word(0x003ffdffU, 4) + std::string(26, '\1') + Word(1, 2) +
                                std::string(4, '\1') + std::string(6, '\1');
  const std::string master =
      PptAtom(1, 0x0fa3, Word(1, 2) + paragraph + Word(0x00050000, 4) + Word(1, 2) + Word(0, 4));
  // "own" in a run of its own with bold, a size and the font; the rest says nothing.
  const std::string style =
      PptAtom(0, 0x0fa1,
              Word(9, 4) + Word(0, 2) + Word(0x00001000, 4) + Word(90, 2) +  //
                  Word(3, 4) + Word(0x00030001, 4) + Word(1, 2) + Word(0, 2) + Word(20, 2) +
                  Word(6, 4) + Word(0, 4));
  const std::string texts = PptAtom(0, 0x0f9f, Word(7, 4)) + PptAtom(0, 0x0fa8, "ownother") +
                            style + PptAtom(0, 0x0f9f, Word(4, 4)) +
                            PptAtom(0, 0x0fa0, Wide("plain"));
  EXPECT_EQ(RunsOfPpt(texts + fonts + master), ".VnTime=own;VNI-Times=other\n;");
  const std::string usual = PptAtom(0, 0x0fa4, Word(0x00010000, 4) + Word(2, 2));
  EXPECT_EQ(RunsOfPpt(texts + fonts + master + usual),
            ".VnTime=own;VNI-Times=other\n;Arial=plain\n;");
}

TEST(Ppt, AStyleThatLiesNeitherLosesNorInventsText) {
  const std::string font = PptAtom(0, 0x0fb7, Wide("A") + std::string(62, '\0'));
  for (const std::string& style :
       {std::string(), std::string(3, '\xff'), std::string(40, '\xff'), std::string(40, '\0'),
        Word(0xffffffff, 4) + Word(0, 6) + Word(0xffffffff, 4) + Word(0x00010000, 4)}) {
    LegacyText text = ReadPpt(PptAtom(0, 0x0fa8, "all of it") + PptAtom(0, 0x0fa1, style) + font +
                                  PptAtom(0, 0x0fa8, "and more"),
                              {}, 10'000);
    text.marks.Take(&text.body);
    EXPECT_EQ(text.body, "all of it\nand more\n");
  }
}

}  // namespace
}  // namespace gatepost::decode
