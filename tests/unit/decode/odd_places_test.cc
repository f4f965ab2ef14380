// Words at places where few look: labels of lists, formats of numbers, field codes, old drawings.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "src/decode/office97.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

bool HasLineIn(const Leaves& leaves, std::string_view zone, const std::string& line) {
  return ("\n" + TextOf(leaves, zone)).find("\n" + line + "\n") != std::string::npos;
}

Opened OddRtf(const std::string& body) {
  return OpenBytes("a.rtf", "{\\rtf1\\ansi " + body + "}", Limits());
}

TEST(Rtf, ABoxInAWordStandsBehindIt) {
  const Opened leaves = OddRtf("TOP SEC{\\shp{\\*\\shpinst{\\shptxt\\pard BOX\\par}}}RET\\par");
  EXPECT_TRUE(HasLineIn(leaves, "attachment", "TOP SECRET"));
  EXPECT_TRUE(HasLineIn(leaves, "attachment", "BOX"));
}

TEST(Rtf, OldDrawingsSeparatorsAndFormulasAreRead) {
  for (const char* body : {"{\\*\\do\\dobxpage{\\dptxbx{\\dptxbxtext\\pard TOP\\par}}}",
                           "{\\*\\ftnsep\\pard TOP\\par}", "{\\mmath{\\*\\moMath{\\mr TOP}}}"}) {
    EXPECT_TRUE(HasLineIn(OddRtf(body + std::string("\\par")), "attachment", "TOP")) << body;
  }
}

TEST(Rtf, EmptyValuesOfAShapeBehindALongOneCostNoMoreThanTheirNumber) {
  std::string rtf = "{\\rtf1{\\sv TOP SECRET " + std::string(4U << 20, 'a') + "}";
  for (int i = 0; i < 500'000; ++i) {
    rtf += "{\\sv}";
  }
  const Opened leaves = OpenBytes("a.rtf", rtf + "{\\sv 12;34}{\\sv words}}", Limits());
  EXPECT_NE(TextOf(leaves, "header-footer").find("TOP SECRET"), std::string::npos);
  EXPECT_NE(TextOf(leaves, "header-footer").find("a\nwords\n"), std::string::npos);
}

TEST(Rtf, WhiteTinyAndReplacedWordsStandBesideWhatAReaderSees) {
  const std::string colors = "{\\colortbl;\\red255\\green0\\blue0;\\red255\\green255\\blue255;}";
  for (const char* run : {"{\\cf2 zz}", "{\\fs1 zz}", "{\\upr{zz}{\\*\\ud{}}}"}) {
    const Opened leaves = OddRtf(colors + "TOP" + run + " SECRET\\par");
    EXPECT_TRUE(HasLineIn(leaves, "attachment", "TOPzz SECRET")) << run;
    EXPECT_TRUE(HasLineIn(leaves, "attachment", "TOP SECRET")) << run;
  }
  for (const char* run :
       {"{\\cf1 zz}", "{\\cf2\\highlight1 zz}", "{\\fs24 zz}", "{\\cf2\\cf0 zz}"}) {
    EXPECT_FALSE(
        HasLineIn(OddRtf(colors + "TOP" + run + " SECRET\\par"), "attachment", "TOP SECRET"))
        << run;
  }
}

TEST(Rtf, NamesOfBookmarksEntriesOfAnIndexAndWordsOfFieldCodesAreRead) {
  const Opened leaves = OddRtf(
      "x{\\*\\bkmkstart TOP SECRET}{\\xe\\v INDEXED}{\\field{\\*\\fldinst QUOTE \"quoted words\"}"
      "{\\fldrslt y}}\\par");
  EXPECT_TRUE(HasLineIn(leaves, "docprops", "TOP SECRET"));
  EXPECT_TRUE(HasLineIn(leaves, "attachment", "INDEXED"));
  EXPECT_TRUE(HasLineIn(leaves, "docprops", "quoted words"));
}

TEST(Docx, WordsOfCodesLabelsAndDefaultsAreRead) {
  const Opened leaves = OpenBytes(
      "a.docx",
      MakeOoxml({{"word/document.xml",
                  "<w:document><w:body><w:p><w:r><w:instrText>QUOTE \"quoted words\"</w:instrText>"
                  "</w:r></w:p><w:p><w:fldSimple w:instr=\"MACROBUTTON NoMacro on the button\"/>"
                  "</w:p><w:p><w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:textInput>"
                  "<w:default w:val=\"filled in\"/></w:textInput></w:ffData></w:fldChar></w:r>"
                  "</w:p></w:body></w:document>"},
                 {"word/numbering.xml",
                  "<w:numbering><w:lvl><w:lvlText w:val=\"LABEL OF %1\"/></w:lvl></w:numbering>"}}),
      Limits());
  for (const char* line : {"quoted words", "on the button", "filled in", "LABEL OF"}) {
    EXPECT_TRUE(HasLineIn(leaves, "docprops", line)) << line;
  }
}

TEST(Xlsx, WordsOfNumberFormatsAndScenariosAreRead) {
  const Opened leaves =
      OpenBytes("a.xlsx",
                MakeOoxml({{"xl/styles.xml",
                            "<styleSheet><numFmts><numFmt formatCode=\"0&quot; TOP SECRET&quot;;"
                            "&quot;SECRET&quot;\"/></numFmts></styleSheet>"},
                           {"xl/worksheets/sheet1.xml",
                            "<worksheet><scenarios><scenario name=\"PLAN\" comment=\"c\"/>"
                            "</scenarios></worksheet>"}}),
                Limits());
  EXPECT_TRUE(HasLineIn(leaves, "docprops", " TOP SECRET"));
  EXPECT_TRUE(HasLineIn(leaves, "docprops", "SECRET"));
  EXPECT_TRUE(HasLineIn(leaves, "attachment", "PLAN"));
}

TEST(Pptx, NamesOfSectionsAreRead) {
  const Opened leaves =
      OpenBytes("a.pptx",
                MakeOoxml({{"ppt/presentation.xml",
                            "<p:presentation><p14:section name=\"PLAN\"/></p:presentation>"}}),
                Limits());
  EXPECT_TRUE(HasLineIn(leaves, "docprops", "PLAN"));
}

TEST(Calendar, ListsAndFieldsAreLinesEach) {
  const Opened leaves = OpenBytes("a.ics",
                                  "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nCATEGORIES:A,TOP SECRET\r\n"
                                  "END:VEVENT\r\nEND:VCALENDAR\r\n",
                                  Limits());
  EXPECT_TRUE(HasLineIn(leaves, "attachment", "TOP SECRET"));
  const Opened card = OpenBytes(
      "a.vcf", "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nORG:Dept;TOP SECRET\r\nEND:VCARD\r\n",
      Limits());
  EXPECT_TRUE(HasLineIn(card, "attachment", "Dept TOP SECRET"));
  EXPECT_TRUE(HasLineIn(card, "attachment", "TOP SECRET"));
}

TEST(Xml, WhatElementsHoldStandsOnLinesOfItsOwn) {
  const Opened leaves = OpenBytes(
      "a.xml", "<?xml version=\"1.0\"?><a><b>TOP SECRET</b><c d=\"in words\"/></a>", Limits());
  EXPECT_TRUE(HasLineIn(leaves, "attachment", "TOP SECRET"));
  EXPECT_TRUE(HasLineIn(leaves, "docprops", "in words"));
}

TEST(Xls, ABoxIsReadInItsFonts) {
  const auto record = [](uint64_t id, const std::string& data) {
    return Le(id, 2) + Le(data.size(), 2) + data;
  };
  const auto font = [&](const std::string& name) {
    return record(0x31, std::string(14, '\0') + Le(name.size(), 1) + Le(0, 1) + name);
  };
  LegacyText text =
      ReadXls(record(0x809, Le(0x600, 2) + Le(5, 2) + Le(0, 4)) + font("Arial") + font(".VnTime") +
                  record(0x1b6, Le(0, 8) + Le(0, 2) + Le(4, 2) + Le(16, 2) + Le(0, 4)) +
                  record(0x3c, Le(0, 1) + "abcd") +
                  record(0x3c, Le(2, 2) + Le(1, 2) + Le(0, 4) + Le(4, 2) + Le(0, 2) + Le(0, 4)),
              1000);
  const std::vector<FontRun> runs = text.marks.Take(&text.body);
  EXPECT_EQ(text.body, "abcd\n");
  ASSERT_FALSE(runs.empty());
  EXPECT_EQ(runs[0].font, ".VnTime");
  EXPECT_EQ(runs[0].begin, 2U);
}

Opened OddOdf(const std::string& styles, const std::string& body) {
  return OpenBytes("a.odt", MakeOdt(styles, "<office:text>" + body + "</office:text>"), Limits());
}

TEST(Odf, WhiteAndTinyRunsStandBesideWhatAReaderSees) {
  const auto with = [](const std::string& properties) {
    return OddOdf(
        "<style:style style:family=\"text\" style:name=\"W\">" + properties + "</style:style>",
        "<text:p>TOP<text:span text:style-name=\"W\">zz</text:span> SECRET</text:p>");
  };
  for (const char* unseen : {"<style:text-properties fo:color=\"#ffffff\"/>",
                             "<style:text-properties fo:font-size=\"1pt\"/>"}) {
    EXPECT_TRUE(HasLineIn(with(unseen), "attachment", "TOPzz SECRET")) << unseen;
    EXPECT_TRUE(HasLineIn(with(unseen), "attachment", "TOP SECRET")) << unseen;
  }
  for (const char* seen :
       {"<style:text-properties fo:color=\"#ff0000\"/>",
        "<style:text-properties fo:font-size=\"10pt\"/>",
        "<style:text-properties fo:color=\"#ffffff\" fo:background-color=\"#000080\"/>"}) {
    EXPECT_FALSE(HasLineIn(with(seen), "attachment", "TOP SECRET")) << seen;
  }
}

TEST(Odf, WordsOfFormsListsFormatsAndFormulasAreRead) {
  const Opened leaves = OddOdf(
      "<text:list-style style:name=\"L\"><text:list-level-style-number style:num-prefix=\"LABEL\"/>"
      "</text:list-style><number:number-style style:name=\"N\"><number:text>FORMAT</number:text>"
      "</number:number-style>",
      "<office:forms><form:button form:label=\"BUTTON\"/></office:forms><text:p>a<text:drop-down>"
      "<text:label text:value=\"CHOICE\"/></text:drop-down></text:p>"
      "<text:p>TOP<text:ruby><text:ruby-base>LY</text:ruby-base><text:ruby-text>zz</text:ruby-text>"
      "</text:ruby> SECRET</text:p><math:math><math:mtext>FORMULA</math:mtext></math:math>");
  for (const char* line : {"LABEL", "FORMAT", "BUTTON", "CHOICE", "TOPLY SECRET", "FORMULA"}) {
    EXPECT_TRUE(HasLineIn(leaves, "attachment", line)) << line;
  }
}

TEST(Pdf, ReasonsOfSignaturesLabelsOfPagesAndPropertiesOfOnesOwnAreRead) {
  const Opened leaves = OpenBytes(
      "a.pdf",
      "%PDF-1.6\n1 0 obj<</Type/Catalog/Pages 2 0 R/PageLabels<</Nums[0<</P(LABEL)>>]>>>>endobj\n"
      "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
      "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
      "4 0 obj<</Type/Sig/Filter/Adobe.PPKLite/Reason(REASON)>>endobj\n"
      "5 0 obj<</Level(TOP SECRET)>>endobj\ntrailer<</Root 1 0 R/Size 6/Info 5 0 R>>\n%%EOF\n",
      Limits());
  EXPECT_TRUE(HasLineIn(leaves, "attachment", "LABEL"));
  EXPECT_TRUE(HasLineIn(leaves, "attachment", "REASON"));
  EXPECT_TRUE(HasLineIn(leaves, "docprops", "TOP SECRET"));
}

}  // namespace
}  // namespace gatepost::decode
