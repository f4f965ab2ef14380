// Documents: every place where words can stand is read.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

using mail::DefectId;

constexpr char kW[] = " xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";

std::string Paragraph(const std::string& text) {
  return "<w:p><w:r><w:t>" + text + "</w:t></w:r></w:p>";
}

std::string Body(const std::string& inside) {
  return std::string("<w:document") + kW + "><w:body>" + inside + "</w:body></w:document>";
}

Opened Docx(std::vector<TestEntry> parts) {
  return OpenBytes("plan.docx", MakeOoxml(std::move(parts)), Limits());
}

TEST(Docx, ParagraphsAreLines) {
  const Opened leaves =
      Docx({{"word/document.xml", Body(Paragraph("Số: 12-BC/TU") + Paragraph("TỐI MẬT"))}});
  EXPECT_EQ(leaves.leaves[0].type, Type::kOoxml);
  EXPECT_EQ(TextOf(leaves, "attachment"), "Số: 12-BC/TU\nTỐI MẬT\n");
  EXPECT_TRUE(Fact(leaves, "document.attached"));
  EXPECT_TRUE(leaves.defects.empty());
}

TEST(Docx, AWordInSeveralRunsIsOneWord) {
  const Opened leaves =
      Docx({{"word/document.xml", Body("<w:p><w:r><w:t>M</w:t></w:r><w:r><w:t>Ậ</w:t></w:r>"
                                       "<w:r><w:rPr/><w:t>T</w:t></w:r></w:p>")}});
  EXPECT_EQ(TextOf(leaves, "attachment"), "MẬT\n");
}

TEST(Docx, TableRowsAreJoinedAndTheirCellsStandAlone) {
  const Opened leaves = Docx(
      {{"word/document.xml", Body("<w:tbl><w:tr><w:tc>" + Paragraph("Độ mật") + "</w:tc><w:tc>" +
                                  Paragraph("Tuyệt mật") + "</w:tc></w:tr></w:tbl>")}});
  EXPECT_EQ(TextOf(leaves, "attachment"), "Độ mật | Tuyệt mật\nĐộ mật\nTuyệt mật\n");
}

TEST(Docx, TabStopsAreNoTabs) {
  const Opened leaves = Docx(
      {{"word/document.xml", Body("<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr>"
                                  "<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t></w:r></w:p>")}});
  EXPECT_EQ(TextOf(leaves, "attachment"), "a\tb\n");
}

TEST(Docx, HeadersFootersAndWatermarksHaveTheirZone) {
  const Opened leaves = Docx(
      {{"word/document.xml", Body(Paragraph("text"))},
       // A part may have any name; its root element tells what it is.
       {"word/anything.xml", std::string("<w:hdr") + kW + ">" + Paragraph("MẬT") +
                                 "<v:textpath xmlns:v=\"urn:schemas-microsoft-com:vml\" "
                                 "string=\"TUYỆT MẬT\"/></w:hdr>"},
       {"word/footer1.xml", std::string("<w:ftr") + kW + ">" + Paragraph("trang 1") + "</w:ftr>"}});
  EXPECT_EQ(TextOf(leaves, "header-footer"), "trang 1\nMẬT\nTUYỆT MẬT\n");
}

TEST(Docx, ATextBoxIsReadOnceAndApart) {
  const std::string box = "<w:txbxContent>" + Paragraph("TỐI MẬT") + "</w:txbxContent>";
  const Opened leaves = Docx({{"word/document.xml", Body("<w:p><w:r><w:t>before </w:t>" + box +
                                                         box + "<w:t>after</w:t></w:r></w:p>")}});
  EXPECT_EQ(TextOf(leaves, "attachment"), "before after\nTỐI MẬT\n");
}

TEST(Docx, ATextBoxIsReadOnceWhereTheShapeIsABoxTooAndBothWritingsAreThere) {
  const std::string content = "<w:txbxContent>" + Paragraph("TỐI MẬT") + "</w:txbxContent>";
  const std::string run = "<w:r><wps:txbx>" + content + "</wps:txbx></w:r><w:r><v:textbox>" +
                          content + "</v:textbox></w:r>";
  const Opened leaves =
      Docx({{"word/document.xml", Body("<w:p><w:r><w:t>before</w:t></w:r>" + run + "</w:p>")}});
  EXPECT_EQ(TextOf(leaves, "attachment"), "before\nTỐI MẬT\n");
}

TEST(Docx, NotesCommentsAndDeletedTextAreRead) {
  const Opened leaves =
      Docx({{"word/document.xml",
             Body("<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>")},
            {"word/footnotes.xml",
             std::string("<w:footnotes") + kW + ">" + Paragraph("note") + "</w:footnotes>"},
            {"word/comments.xml",
             std::string("<w:comments") + kW + ">" + Paragraph("remark") + "</w:comments>"}});
  EXPECT_EQ(TextOf(leaves, "attachment"), "gone\nremark\nnote\n");
}

TEST(Docx, PropertiesLabelsFontsAndRelationsHaveTheirZones) {
  const Opened leaves =
      Docx({{"word/document.xml", Body("<w:p><w:r><w:rPr><w:rFonts w:ascii=\".VnTime\"/></w:rPr>"
                                       "<w:t>x</w:t></w:r></w:p>")},
            {"docProps/custom.xml",
             "<Properties xmlns=\"c\" xmlns:vt=\"v\"><property name=\"Level\"><vt:lpwstr>Top"
             "</vt:lpwstr></property></Properties>"},
            {"docProps/core.xml",
             "<cp:coreProperties xmlns:cp=\"c\" xmlns:dc=\"d\"><dc:title>Plan "
             "B</dc:title></cp:coreProperties>"},
            {"docMetadata/LabelInfo.xml",
             "<clbl:labelList xmlns:clbl=\"l\"><clbl:label id=\"{1}\"/>"
             "</clbl:labelList>"},
            {"word/_rels/settings.xml.rels",
             "<Relationships xmlns=\"r\"><Relationship Type=\"http://x/attachedTemplate\" "
             "Target=\"http://evil.example/t.dotm\" TargetMode=\"External\"/></Relationships>"}});
  EXPECT_NE(TextOf(leaves, "docprops").find("Plan B\n"), std::string::npos);
  EXPECT_NE(TextOf(leaves, "docprops").find("Top\nLevel: Top\n"), std::string::npos);
  EXPECT_EQ(TextOf(leaves, "fonts"), ".VnTime\n");
  EXPECT_NE(TextOf(leaves, "rels").find("evil.example"), std::string::npos);
  EXPECT_NE(TextOf(leaves, "xml").find("<clbl:label id="), std::string::npos);
  EXPECT_NE(TextOf(leaves, "xml").find("name=\"Level\"><vt:lpwstr>Top"), std::string::npos);
  EXPECT_TRUE(Fact(leaves, "document.external"));
}

TEST(Docx, AHyperlinkIsNotExternalContent) {
  const Opened leaves =
      Docx({{"word/document.xml", Body(Paragraph("x"))},
            {"word/_rels/document.xml.rels",
             "<Relationships xmlns=\"r\"><Relationship Type=\"http://x/hyperlink\" "
             "Target=\"http://good.example/\" TargetMode=\"External\"/></Relationships>"}});
  EXPECT_FALSE(Fact(leaves, "document.external"));
}

TEST(Docx, EmbeddedFilesAreLeavesAndMacrosAreAFact) {
  const Opened leaves =
      Docx({{"word/document.xml", Body(Paragraph("x"))},
            {"word/vbaProject.bin", "macro bytes"},
            {"word/embeddings/inner.zip", MakeZip({{"deep.txt", "deep inside"}})}});
  EXPECT_TRUE(Fact(leaves, "document.macros"));
  EXPECT_TRUE(HasLeaf(leaves, "plan.docx/word/vbaProject.bin"));
  EXPECT_TRUE(HasLeaf(leaves, "plan.docx/word/embeddings/inner.zip/deep.txt"));
  EXPECT_FALSE(HasLeaf(leaves, "plan.docx/word/document.xml"));
}

TEST(Docx, EntitiesAreRefusedAndTheTextIsStillRead) {
  const Opened leaves = Docx(
      {{"word/document.xml", "<!DOCTYPE x [<!ENTITY a \"b\">]>" + Body(Paragraph("TỐI MẬT"))}});
  EXPECT_TRUE(HasDefect(leaves, DefectId::kXmlEntities));
  EXPECT_NE((TextOf(leaves, "attachment") + TextOf(leaves, "docprops")).find("TỐI MẬT"),
            std::string::npos);
}

TEST(Docx, BrokenXmlGivesItsWordsAndIsDamaged) {
  const Opened leaves = Docx({{"word/document.xml", Body(Paragraph("one") + "<w:p><w:r></w:t>" +
                                                         Paragraph("t&#x1ED1;i"))}});
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kDamaged));
  EXPECT_NE(TextOf(leaves, "attachment").find("one\n"), std::string::npos);
  EXPECT_NE(TextOf(leaves, "attachment").find("tối"), std::string::npos);
}

TEST(Docx, TablesInTablesDoNotMultiplyTheText) {
  std::string inside = Paragraph(std::string(1000, 'x'));
  for (int i = 0; i < 60; ++i) {
    inside = "<w:tbl><w:tr><w:tc>" + inside + "</w:tc><w:tc>" + Paragraph("y") +
             "</w:tc></w:tr></w:tbl>";
  }
  const Opened leaves = Docx({{"word/document.xml", Body(inside)}});
  EXPECT_LT(TextOf(leaves, "attachment").size(), 20'000U);
  EXPECT_NE(TextOf(leaves, "attachment").find("xxx"), std::string::npos);
}

TEST(Xlsx, SharedInlineAndHeaderStringsAreRead) {
  const Opened leaves = OpenBytes(
      "a.xlsx",
      MakeOoxml(
          {{"xl/worksheets/sheet1.xml",
            "<worksheet xmlns=\"s\"><sheetData><row><c t=\"s\"><v>1</v></c><c t=\"inlineStr\"><is>"
            "<t>inline</t></is></c><c><v>42</v></c></row></sheetData><headerFooter><oddHeader>"
            "&amp;C&amp;\"Arial,Bold\"&amp;14MẬT</oddHeader></headerFooter></worksheet>"},
           {"xl/workbook.xml",
            "<workbook xmlns=\"s\"><sheets><sheet name=\"Ngân sách\" "
            "state=\"veryHidden\"/></sheets></workbook>"},
           {"xl/sharedStrings.xml",
            "<sst xmlns=\"s\"><si><t>first</t></si><si><r><t>sec</t></r><r>"
            "<t>ond</t></r></si></sst>"}}),
      Limits());
  EXPECT_EQ(TextOf(leaves, "attachment"),
            "first\nsecond\nNgân sách\nsecond | inline | 42\nsecond\ninline\n");
  EXPECT_EQ(TextOf(leaves, "header-footer"), "\nMẬT\n");
}

TEST(Xlsx, RepeatedSharedStringsStopAtTheTextLimit) {
  std::string rows;
  for (int i = 0; i < 3000; ++i) {
    rows += "<row><c t=\"s\"><v>0</v></c></row>";
  }
  Limits limits;
  limits.text_bytes = 100'000;
  const Opened leaves = OpenBytes(
      "a.xlsx",
      MakeOoxml({{"xl/sharedStrings.xml",
                  "<sst xmlns=\"s\"><si><t>" + std::string(1500, 'a') + "</t></si></sst>"},
                 {"xl/worksheets/sheet1.xml",
                  "<worksheet xmlns=\"s\"><sheetData>" + rows + "</sheetData></worksheet>"}}),
      limits);
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kTooBig));
  EXPECT_LE(TextOf(leaves, "attachment").size(), limits.text_bytes);
}

TEST(Pptx, SlidesComeInOrderWithTheirNotes) {
  const auto slide = [](const std::string& root, const std::string& text) {
    return "<p:" + root + " xmlns:p=\"p\" xmlns:a=\"a\"><a:p><a:r><a:t>" + text +
           "</a:t></a:r></a:p></p:" + root + ">";
  };
  const Opened leaves =
      OpenBytes("a.pptx",
                MakeOoxml({{"ppt/slides/slide10.xml", slide("sld", "ten")},
                           {"ppt/slides/slide2.xml", slide("sld", "two")},
                           {"ppt/notesSlides/notesSlide1.xml", slide("notes", "note")}}),
                Limits());
  EXPECT_EQ(TextOf(leaves, "attachment"), "note\ntwo\nten\n");
}

TEST(Odt, ContentMarginsAndPropertiesAreRead) {
  const Opened leaves = OpenBytes(
      "a.odt",
      MakeZip(
          {{"mimetype", "application/vnd.oasis.opendocument.text"},
           {"content.xml",
            "<o xmlns:t=\"t\" xmlns:b=\"b\"><t:h>Báo cáo</t:h><b:table-row><b:table-cell><t:p>Số"
            "</t:p></b:table-cell><b:table-cell><t:p>7<t:s/>KH</t:p></b:table-cell>"
            "</b:table-row></o>"},
           {"styles.xml",
            "<o xmlns:s=\"s\" xmlns:t=\"t\"><s:header><t:p>MẬT</t:p></s:header>"
            "</o>"},
           {"meta.xml", "<o xmlns:d=\"d\"><d:title>Kế hoạch</d:title></o>"}}),
      Limits());
  EXPECT_EQ(leaves.leaves[0].type, Type::kOdf);
  EXPECT_EQ(TextOf(leaves, "attachment"), "Báo cáo\nSố | 7 KH\nSố\n7 KH\n");
  EXPECT_EQ(TextOf(leaves, "header-footer"), "MẬT\n");
  EXPECT_EQ(TextOf(leaves, "docprops"), "Kế hoạch\n");
}

std::string Rtf(const std::string& rtf, const std::string& zone = "attachment") {
  return TextOf(OpenBytes("a.rtf", rtf, Limits()), zone);
}

TEST(Rtf, UnicodeAndBytesOfACodePageAreRead) {
  EXPECT_EQ(Rtf("{\\rtf1\\ansi\\uc1 T\\u7889?i m\\u7853?t\\par}"), "Tối mật\n");
  EXPECT_EQ(Rtf("{\\rtf1\\ansi{\\fonttbl{\\f0\\fcharset204 Arial;}}\\f0 \\'ca\\'e8\\'e5\\'e2}"),
            "Киев");
  EXPECT_EQ(Rtf("{\\rtf1\\uc2 x\\u8364 ab\\uc0\\u8364 c}"), "x€€c");
}

TEST(Rtf, TheFontTableGoesToItsZoneAndStylesVanish) {
  const std::string rtf =
      "{\\rtf1{\\fonttbl{\\f0 .VnTimeH;}{\\f1 Arial;}}{\\stylesheet{\\s1 Heading;}}"
      "{\\*\\generator secret;}text}";
  EXPECT_EQ(Rtf(rtf), "text");
  EXPECT_EQ(Rtf(rtf, "fonts"), ".VnTimeH\nArial\n");
}

TEST(Rtf, HeadersShapesAndPropertiesAreRead) {
  EXPECT_EQ(Rtf("{\\rtf1{\\header\\pard M\\u7852?T\\par}x}", "header-footer"), "MẬT\n");
  EXPECT_EQ(Rtf("{\\rtf1{\\shp{\\*\\shpinst{\\sp{\\sn a}{\\sv 75}}{\\sp{\\sn gtextUNICODE}"
                "{\\sv TOI MAT}}{\\shptxt inside}}}x}"),
            "inside\nx");
  EXPECT_EQ(Rtf("{\\rtf1{\\shp{\\*\\shpinst{\\sp{\\sn a}{\\sv 75}}{\\sp{\\sn gtextUNICODE}"
                "{\\sv TOI MAT}}}}x}",
                "header-footer"),
            "TOI MAT\n");
  EXPECT_EQ(Rtf("{\\rtf1{\\info{\\title Plan B}{\\author An}}x}", "docprops"), "Plan B\nAn\n");
}

TEST(Rtf, TableCellsAreJoined) {
  EXPECT_EQ(Rtf("{\\rtf1 a\\par\\trowd\\intbl one\\cell two\\cell\\row b}"),
            "a\none\ntwo\none | two\nb");
}

TEST(Rtf, BinaryDataCannotCloseAGroup) {
  EXPECT_EQ(Rtf("{\\rtf1{\\pict\\bin6 }}}{{{}after}"), "after");
}

TEST(Rtf, BinaryDataLongerThanTheFileHidesNothing) {
  EXPECT_NE(Rtf("{\\rtf1{\\*\\x\\bin99999999 }after}").find("after"), std::string::npos);
}

TEST(Docx, WhatStandsAboveAWordStandsApart) {
  const Opened leaves =
      Docx({{"word/document.xml", Body("<w:p><w:r><w:ruby><w:rt><w:r><w:t>x</w:t></w:r></w:rt>"
                                       "<w:rubyBase><w:r><w:t>TỐI MẬT</w:t></w:r></w:rubyBase>"
                                       "</w:ruby></w:r></w:p>")}});
  const std::string text = TextOf(leaves, "attachment");
  EXPECT_NE(("\n" + text).find("\nTỐI MẬT\n"), std::string::npos) << text;
}

TEST(Rtf, ObjectsAreLeaves) {
  const Opened leaves =
      OpenBytes("a.rtf", "{\\rtf1{\\object{\\*\\objdata 0 1 0 5\n4d 5a 90 00}}}", Limits());
  ASSERT_EQ(leaves.leaves.size(), 2U);
  EXPECT_EQ(leaves.leaves[1].bytes, std::string("\x01\x05\x4d\x5a\x90\x00", 6));
}

TEST(Rtf, AMillionOpenGroupsAreNoProblem) {
  EXPECT_EQ(
      Rtf("{\\rtf1 " + std::string(1'000'000, '{') + "deep" + std::string(1'000'000, '}') + " x}"),
      "deep x");
}

std::string TinyPdf(const std::string& content, const std::string& trailer = "") {
  return "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
         "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
         "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
         "/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
         "4 0 obj<</Length " +
         std::to_string(content.size()) + ">>stream\n" + content +
         "\nendstream endobj\n5 0 obj<</Title(Quarterly plan)>>endobj\n"
         "trailer<</Root 1 0 R/Info 5 0 R/Size 6" +
         trailer + ">>\n%%EOF\n";
}

TEST(Pdf, TextAndPropertiesAreReadAlsoBehindJunk) {
  const std::string pdf = TinyPdf("BT /F 12 Tf 72 700 Td (The budget of the department) Tj ET");
  for (const std::string& file : {pdf, std::string(700, '#') + "\n" + pdf}) {
    const Opened leaves = OpenBytes("a.pdf", file, Limits());
    EXPECT_EQ(leaves.leaves[0].type, Type::kPdf);
    EXPECT_NE(TextOf(leaves, "attachment").find("The budget of the department\n"),
              std::string::npos);
    EXPECT_NE(TextOf(leaves, "docprops").find("Quarterly plan"), std::string::npos);
    EXPECT_FALSE(Fact(leaves, "document.image-only"));
  }
}

TEST(Pdf, PagesWithoutTextAreImageOnly) {
  const Opened leaves = OpenBytes("a.pdf", TinyPdf("0 0 100 100 re f"), Limits());
  EXPECT_TRUE(Fact(leaves, "document.image-only"));
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kImageOnly));
}

TEST(Pdf, WhatPopplerRefusesIsDamagedOrEncrypted) {
  EXPECT_TRUE(HasUnscannable(OpenBytes("a.pdf", "%PDF-1.4\nnothing", Limits()), Reason::kDamaged));
}

TEST(FlatXml, Word2003XmlIsADocument) {
  const Opened leaves = OpenBytes(
      "a.xml",
      "<?xml version=\"1.0\"?><w:wordDocument xmlns:w=\"w\"><w:body><w:p><w:r><w:t>MẬT</w:t></w:r>"
      "</w:p></w:body></w:wordDocument>",
      Limits());
  EXPECT_EQ(TextOf(leaves, "attachment"), "MẬT\n");
}

}  // namespace
}  // namespace gatepost::decode
