// Words of OOXML that a style, a colour or a former state hides or seems to hide; boxes of VML;
// headers of sheets with their codes.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "src/decode/office97.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

bool ShowsLine(const Leaves& leaves, const std::string& line) {
  return ("\n" + TextOf(leaves, "attachment")).find("\n" + line + "\n") != std::string::npos;
}

// "TOP", the run, " SECRET" in one paragraph.
Opened TopAround(const std::string& run, const std::string& paragraph = "",
                 const std::string& styles = "") {
  return OpenBytes(
      "a.docx",
      MakeOoxml({{"word/document.xml", "<w:document><w:body><w:p>" + paragraph +
                                           "<w:r><w:t>TOP</w:t></w:r>" + run +
                                           "<w:r><w:t> SECRET</w:t></w:r></w:p></w:body>"
                                           "</w:document>"},
                 {"word/styles.xml", "<w:styles>" + styles + "</w:styles>"}}),
      Limits());
}

std::string Hidden(const std::string& properties) {
  return "<w:r><w:rPr>" + properties + "</w:rPr><w:t>zz</w:t></w:r>";
}

TEST(Looks, ARunThatItsStyleHidesStandsBesideWhatAReaderSees) {
  const std::string styles =
      "<w:style w:styleId=\"Gone\"><w:rPr><w:vanish/></w:rPr></w:style>"
      "<w:style w:styleId=\"Under\"><w:basedOn w:val=\"Gone\"/></w:style>"
      "<w:style w:styleId=\"White\"><w:rPr><w:color w:val=\"FEFEFE\"/></w:rPr></w:style>"
      "<w:style w:styleId=\"Dot\"><w:rPr><w:sz w:val=\"1\"/></w:rPr></w:style>";
  for (const char* style : {"Gone", "Under", "White", "Dot"}) {
    const Opened leaves =
        TopAround(Hidden("<w:rStyle w:val=\"" + std::string(style) + "\"/>"), "", styles);
    EXPECT_TRUE(ShowsLine(leaves, "TOPzz SECRET")) << style;
    EXPECT_TRUE(ShowsLine(leaves, "TOP SECRET")) << style;
  }
  EXPECT_TRUE(
      Fact(TopAround(Hidden("<w:rStyle w:val=\"Under\"/>"), "", styles), "document.hidden-text"));
  EXPECT_FALSE(Fact(TopAround(Hidden(""), "", styles), "document.hidden-text"));
  // The run's own word counts for more than its style's.
  EXPECT_FALSE(ShowsLine(
      TopAround(Hidden("<w:rStyle w:val=\"Gone\"/><w:vanish w:val=\"false\"/>"), "", styles),
      "TOP SECRET"));
}

TEST(Looks, AWordInTheColourOfWhatIsBehindItIsUnseenAndOnAnotherItIsNot) {
  for (const char* properties :
       {"<w:color w:val=\"FF0000\"/><w:shd w:val=\"clear\" w:fill=\"FF0000\"/>",
        "<w:color w:val=\"FFFF00\"/><w:highlight w:val=\"yellow\"/>",
        "<w:color w:val=\"123456\" w:themeColor=\"background1\"/>", "<w:sz w:val=\"0\"/>"}) {
    EXPECT_TRUE(ShowsLine(TopAround(Hidden(properties)), "TOP SECRET")) << properties;
  }
  for (const char* properties :
       {"<w:color w:val=\"FFFFFF\"/><w:shd w:val=\"clear\" w:fill=\"000080\"/>",
        "<w:color w:val=\"FFFFFF\"/><w:highlight w:val=\"blue\"/>",
        "<w:color w:val=\"FFFFFF\" w:themeColor=\"text1\"/>", "<w:webHidden/>",
        "<w:color w:val=\"auto\"/><w:sz w:val=\"28\"/>"}) {
    EXPECT_FALSE(ShowsLine(TopAround(Hidden(properties)), "TOP SECRET")) << properties;
  }
  EXPECT_FALSE(ShowsLine(TopAround(Hidden("<w:color w:val=\"FFFFFF\"/>"),
                                   "<w:pPr><w:shd w:val=\"clear\" w:fill=\"000000\"/></w:pPr>"),
                         "TOP SECRET"));
}

TEST(Looks, HowARunLookedBeforeDoesNotHideIt) {
  for (const char* properties : {"<w:rPrChange><w:rPr><w:vanish/></w:rPr></w:rPrChange>",
                                 "<w:rPrChange><w:rPr><w:color w:val=\"FFFFFF\"/><w:sz "
                                 "w:val=\"1\"/></w:rPr></w:rPrChange>"}) {
    const Opened leaves = TopAround(Hidden(properties));
    EXPECT_FALSE(ShowsLine(leaves, "TOP SECRET")) << properties;
    EXPECT_FALSE(Fact(leaves, "document.hidden-text")) << properties;
  }
}

TEST(Looks, ParagraphsWhoseMarkIsDeletedOrHiddenAreShownAsOne) {
  const auto two = [](const std::string& mark) {
    return OpenBytes("a.docx",
                     MakeOoxml({{"word/document.xml",
                                 "<w:document><w:body><w:p><w:pPr><w:rPr>" + mark +
                                     "</w:rPr></w:pPr><w:r><w:t>TOP </w:t></w:r></w:p><w:p><w:r>"
                                     "<w:t>SECRET</w:t></w:r></w:p></w:body></w:document>"}}),
                     Limits());
  };
  EXPECT_TRUE(ShowsLine(two("<w:del w:id=\"1\"/>"), "TOP SECRET"));
  EXPECT_TRUE(ShowsLine(two("<w:vanish/>"), "TOP SECRET"));
  EXPECT_TRUE(ShowsLine(two("<w:del w:id=\"1\"/>"), "SECRET"));
  EXPECT_FALSE(ShowsLine(two("<w:b/>"), "TOP SECRET"));
}

TEST(Looks, WordsInAFieldsCodeAndLettersWithoutWidthAreUnseen) {
  const std::string begin = "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>";
  const std::string end = "<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>";
  const std::string separate = "<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>";
  EXPECT_TRUE(ShowsLine(TopAround(begin + Hidden("") + separate + end), "TOP SECRET"));
  EXPECT_TRUE(ShowsLine(TopAround(begin + Hidden("") + end), "TOP SECRET"));
  EXPECT_FALSE(ShowsLine(TopAround(begin + separate + Hidden("") + end), "TOP SECRET"));
  EXPECT_TRUE(ShowsLine(TopAround(Hidden("<w:w w:val=\"1\"/><w:sz w:val=\"28\"/>")), "TOP SECRET"));
  EXPECT_FALSE(ShowsLine(TopAround(Hidden("<w:w w:val=\"80\"/>")), "TOP SECRET"));
}

TEST(Looks, LettersWithoutFillAreUnseenUnlessTheirOutlineIsDrawn) {
  EXPECT_TRUE(
      ShowsLine(TopAround(Hidden("<w14:textFill><w14:noFill/></w14:textFill>")), "TOP SECRET"));
  EXPECT_TRUE(ShowsLine(TopAround(Hidden("<w14:textOutline><w14:noFill/></w14:textOutline>"
                                         "<w14:textFill><w14:noFill/></w14:textFill>")),
                        "TOP SECRET"));
  for (const char* properties :
       {"<w14:textOutline><w14:noFill/></w14:textOutline>",
        "<w14:textOutline><w14:solidFill/></w14:textOutline><w14:textFill><w14:noFill/>"
        "</w14:textFill>",
        "<w14:textFill><w14:solidFill/></w14:textFill>"}) {
    EXPECT_FALSE(ShowsLine(TopAround(Hidden(properties)), "TOP SECRET")) << properties;
  }
  const auto slide = [](const std::string& properties) {
    return OpenBytes(
        "a.pptx",
        MakeOoxml({{"ppt/slides/slide1.xml",
                    "<p:sld><p:cSld><p:sp><p:spPr><a:noFill/></p:spPr><p:txBody><a:p><a:r><a:t>TOP"
                    "</a:t></a:r><a:r>" +
                        properties +
                        "<a:t>zz</a:t></a:r><a:r><a:t> SECRET</a:t></a:r></a:p></p:txBody></p:sp>"
                        "</p:cSld></p:sld>"}}),
        Limits());
  };
  EXPECT_TRUE(ShowsLine(slide("<a:rPr><a:noFill/></a:rPr>"), "TOP SECRET"));
  EXPECT_TRUE(ShowsLine(slide("<a:rPr sz=\"100\"/>"), "TOP SECRET"));
  EXPECT_FALSE(
      ShowsLine(slide("<a:rPr sz=\"1800\"><a:ln><a:noFill/></a:ln></a:rPr>"), "TOP SECRET"));
  EXPECT_FALSE(ShowsLine(slide("<a:rPr/>"), "TOP SECRET"));
}

TEST(Looks, WhiteByNumberAndOpacityHideWordsOfSheetsAndTexts) {
  const auto sheet = [](const std::string& color) {
    return OpenBytes("a.xlsx",
                     MakeOoxml({{"xl/sharedStrings.xml",
                                 "<sst><si><r><t>TOP</t></r><r><rPr><color " + color +
                                     "/></rPr><t>zz</t></r><r><t> SECRET</t></r></si></sst>"}}),
                     Limits());
  };
  EXPECT_TRUE(ShowsLine(sheet("indexed=\"9\""), "TOP SECRET"));
  EXPECT_FALSE(ShowsLine(sheet("indexed=\"8\""), "TOP SECRET"));
  const auto text = [](const std::string& opacity) {
    return OpenBytes(
        "a.odt",
        MakeOdt("<style:style style:name=\"J\" style:family=\"text\"><style:text-properties "
                "loext:opacity=\"" +
                    opacity + "\"/></style:style>",
                "<office:text><text:p>TOP<text:span text:style-name=\"J\">zz</text:span> SECRET"
                "</text:p></office:text>"),
        Limits());
  };
  EXPECT_TRUE(ShowsLine(text("0%"), "TOP SECRET"));
  EXPECT_FALSE(ShowsLine(text("80%"), "TOP SECRET"));
}

TEST(Looks, AnOverrideOfTheOrderOfLettersIsSaid) {
  EXPECT_TRUE(ShowsLine(TopAround("<w:bdo w:val=\"rtl\"><w:r><w:t>zz</w:t></w:r></w:bdo>"),
                        "TOP\xe2\x80\xaezz\xe2\x80\xac SECRET"));
}

TEST(Looks, LettersAboveAWordAndWritingsForOldReadersDoNotCutIt) {
  EXPECT_TRUE(
      ShowsLine(TopAround("<w:r><w:ruby><w:rt><w:r><w:t>zz</w:t></w:r></w:rt><w:rubyBase><w:r>"
                          "<w:t>LY</w:t></w:r></w:rubyBase></w:ruby></w:r>"),
                "TOPLY SECRET"));
  EXPECT_TRUE(
      ShowsLine(TopAround("<mc:AlternateContent><mc:Choice Requires=\"wps\"><w:r><w:t>LY</w:t>"
                          "</w:r></mc:Choice><mc:Fallback><w:r><w:t>zz</w:t></w:r>"
                          "</mc:Fallback></mc:AlternateContent>"),
                "TOPLY SECRET"));
}

Opened VmlOf(const std::string& box) {
  return OpenBytes("a.xlsx",
                   MakeOoxml({{"xl/drawings/vmlDrawing1.vml",
                               "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\"><v:shape>" + box +
                                   "</v:shape></xml>"}}),
                   Limits());
}

TEST(Vml, TheHtmlOfABoxIsReadInItsFonts) {
  const Opened leaves = VmlOf(
      "<v:textbox>\n <div style='text-align:left'><font face=\".VnTime\">TUY\xC3\x96T\n M</font>"
      "\xC3\x8BT<br>two</div>\n</v:textbox>");
  EXPECT_TRUE(ShowsLine(leaves, "TUYÖT  MËT"));
  EXPECT_TRUE(ShowsLine(leaves, "two"));
  EXPECT_EQ(FontRunsOf(leaves), ".VnTime=TUYÖT  M;");
  EXPECT_FALSE(HasUnscannable(leaves, Reason::kDamaged));
  EXPECT_TRUE(ShowsLine(VmlOf("<v:textbox>SECRET</v:textbox>"), "SECRET"));
}

TEST(Vml, ABoxOfWordIsReadAsBefore) {
  EXPECT_TRUE(
      ShowsLine(VmlOf("<v:textbox>\n <w:txbxContent><w:p>\n <w:r><w:t>SEC</w:t></w:r>\n <w:r>"
                      "<w:t>RET</w:t></w:r></w:p>\n</w:txbxContent></v:textbox>"),
                "SECRET"));
}

TEST(Xlsx, AHeadersCodesSayItsFontsAndAreNoText) {
  const auto header = [](const std::string& codes) {
    return OpenBytes(
        "a.xlsx",
        MakeOoxml({{"xl/styles.xml",
                    "<styleSheet><fonts><font><name val=\"Arial\"/></font></fonts><cellXfs>"
                    "<xf fontId=\"0\"/></cellXfs></styleSheet>"},
                   {"xl/worksheets/sheet1.xml", "<worksheet><headerFooter><oddFooter>" + codes +
                                                    "</oddFooter></headerFooter></worksheet>"}}),
        Limits());
  };
  const Opened fonts = header(
      "&amp;Lone&amp;C&amp;\".VnTime,Bold\"&amp;14&amp;KFF0000M\xC3\x8BT"
      "&amp;\"-,Regular\"two");
  EXPECT_EQ(TextOf(fonts, "header-footer"), "\none\nMËTtwo\n");
  EXPECT_EQ(FontRunsOf(fonts), "Arial=one\n;.VnTime=MËT;Arial=two;");
  EXPECT_EQ(TextOf(header("&amp;K01+034SE&amp;BC&amp;BRET &amp;&amp; &amp;P"), "header-footer"),
            "SECRET & \n");
}

std::string BiffRecord(uint64_t id, const std::string& data) {
  return Le(id, 2) + Le(data.size(), 2) + data;
}

TEST(Xls, AHeadersCodesSayItsFontsAndAreNoText) {
  const std::string codes = "&C&\".VnTime,Bold\"M\xCBT";
  const LegacyText text = ReadXls(BiffRecord(0x809, Le(0x600, 2) + Le(5, 2) + Le(0, 4)) +
                                      BiffRecord(0x14, Le(codes.size(), 2) + Le(0, 1) + codes),
                                  1000);
  std::string margin = text.margin;
  const std::vector<FontRun> runs = text.marks.Take(&margin);
  EXPECT_EQ(margin, "\nMËT\n");
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].font, ".VnTime");
}

}  // namespace
}  // namespace gatepost::decode
