// Fonts and drawn capitals of OpenDocument: from the run, its paragraph, cell or shape, from styles
// and their ancestors.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

constexpr char kCapitals[] =
    "\x1F"
    "capitals";

std::string Style(const std::string& family, const std::string& name, const std::string& parent,
                  const std::string& properties) {
  return "<style:style style:family=\"" + family + "\" style:name=\"" + name +
         "\" style:parent-style-name=\"" + parent + "\"><style:text-properties " + properties +
         "/></style:style>";
}

std::string Content(const std::string& styles, const std::string& body) {
  return "<office:document-content><office:automatic-styles>" + styles +
         "</office:automatic-styles><office:body>" + body +
         "</office:body></office:document-content>";
}

// "font=text;" of each stretch, US as '^'.
std::string Runs(const std::string& mimetype, std::vector<TestEntry> parts) {
  parts.insert(parts.begin(), {"mimetype", "application/vnd.oasis.opendocument." + mimetype});
  const Opened leaves = OpenBytes("a.odt", MakeZip(std::move(parts)), Limits());
  std::string out = FontRunsOf(leaves);
  for (char& c : out) {
    c = c == kCapitals[0] ? '^' : c == '\n' ? '/' : c;
  }
  return out;
}

TEST(Odt, ARunIsInItsOwnFontOrItsParagraphsOrTheDefault) {
  const std::string shared =
      "<office:document-styles><office:font-face-decls><style:font-face style:name=\"F1\" "
      "svg:font-family=\"'.VnTime', serif\"/></office:font-face-decls><office:styles>"
      "<style:default-style style:family=\"paragraph\"><style:text-properties "
      "fo:font-family=\"Arial\"/></style:default-style>" +
      Style("paragraph", "Base", "", "style:font-name=\"F1\"") +
      Style("paragraph", "Top", "Base", "") + "</office:styles></office:document-styles>";
  EXPECT_EQ(
      Runs("text", {{"content.xml",
                     Content(Style("text", "T1", "", "style:font-name=\"VNI-Times\"") +
                                 Style("paragraph", "P1", "Top", ""),
                             "<text:p text:style-name=\"P1\">styled<text:span "
                             "text:style-name=\"T1\">own<text:span>within</text:span></text:span>"
                             "again</text:p><text:p>plain</text:p>")},
                    {"styles.xml", shared}}),
      ".VnTime=styled;VNI-Times=ownwithin;.VnTime=again/;Arial=plain/;");
}

TEST(Odt, CapitalsThatAStyleDrawsAreSaidBehindTheFont) {
  EXPECT_EQ(
      Runs("text",
           {{"content.xml",
             Content(Style("paragraph", "P1", "", "fo:text-transform=\"uppercase\"") +
                         Style("text", "T1", "", "fo:text-transform=\"none\"") +
                         Style("text", "T2", "",
                               "fo:font-variant=\"small-caps\" "
                               "fo:font-family=\"Arial\""),
                     "<text:p text:style-name=\"P1\">drawn<text:span text:style-name=\"T1\">not"
                     "</text:span></text:p><text:p><text:span text:style-name=\"T2\">small"
                     "</text:span></text:p>")}}),
      "^capitals=drawn;Arial^capitals=small/;");
}

TEST(Ods, ACellIsInTheFontOfItsStyleItsRowsOrItsColumns) {
  const std::string cell = "<table:table-cell><text:p>";
  const std::string end = "</text:p></table:table-cell>";
  const std::string styles = Style("table-cell", "A", "", "style:font-name=\".VnTime\"") +
                             Style("table-cell", "B", "", "style:font-name=\"VNI-Times\"") +
                             Style("table-cell", "C", "", "style:font-name=\"VPS Times\"");
  const std::string runs = Runs(
      "spreadsheet",
      {{"content.xml",
        Content(styles,
                "<table:table table:name=\"Sheet\"><table:table-column/><table:table-column "
                "table:number-columns-repeated=\"3\" table:default-cell-style-name=\"A\"/>"
                "<table:table-row><table:table-cell table:style-name=\"B\"><text:p>own</text:p>"
                "</table:table-cell><table:table-cell table:number-columns-repeated=\"2\"/>" +
                    cell + "column" + end + cell + "none" + end +
                    "</table:table-row></table:table><table:table table:name=\"Next\">"
                    "<table:table-row table:default-cell-style-name=\"C\">" +
                    cell + "row" + end + "</table:table-row></table:table>")}});
  EXPECT_NE(runs.find("VNI-Times=own"), std::string::npos) << runs;
  EXPECT_NE(runs.find(".VnTime=column"), std::string::npos) << runs;
  EXPECT_NE(runs.find("VPS Times=row"), std::string::npos) << runs;
  for (const char* word : {"none", "Sheet", "Next"}) {
    EXPECT_EQ(runs.find(word), std::string::npos) << runs;
  }
}

TEST(Odp, TextIsInTheFontOfItsShape) {
  EXPECT_EQ(
      Runs("presentation",
           {{"content.xml",
             Content(Style("presentation", "pr1", "", "style:font-name=\".VnTimeH\"") +
                         Style("graphic", "gr1", "", "style:font-name=\"VNI-Times\""),
                     "<draw:frame presentation:style-name=\"pr1\"><draw:text-box><text:p>title"
                     "</text:p></draw:text-box></draw:frame><draw:custom-shape "
                     "draw:style-name=\"gr1\"><text:p>shape</text:p></draw:custom-shape>")}}),
      ".VnTimeH=title/;VNI-Times=shape/;");
}

TEST(Odt, StylesThatAreTheirOwnAncestorsAndEndlessNestsEnd) {
  std::string body;
  for (int i = 0; i < 5'000; ++i) {
    body += "<text:span text:style-name=\"T1\">";
  }
  body += "deep";
  for (int i = 0; i < 5'000; ++i) {
    body += "</text:span>";
  }
  EXPECT_EQ(Runs("text", {{"content.xml", Content(Style("text", "T1", "T2", "fo:color=\"red\"") +
                                                      Style("text", "T2", "T1", ""),
                                                  "<text:p>" + body + "</text:p>")}}),
            "");
}

}  // namespace
}  // namespace gatepost::decode
