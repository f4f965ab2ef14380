// What a reader sees where hidden or deleted words stand between, and other places where words of a
// document were not read as they are shown.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "src/decode/sniff.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

std::set<std::string> LinesOf(const Leaves& leaves, std::string_view zone) {
  std::set<std::string> lines;
  std::istringstream in(TextOf(leaves, zone));
  for (std::string line; std::getline(in, line);) {
    lines.insert(line);
  }
  return lines;
}

bool HasLine(const Leaves& leaves, const std::string& line) {
  return LinesOf(leaves, "attachment").count(line) > 0;
}

Opened Odf(const std::string& styles, const std::string& body) {
  return OpenBytes("a.odt", MakeOdt(styles, body), Limits());
}

TEST(Shown, AHiddenOrDeletedRunOfRtfStandsBesideWhatAReaderSees) {
  const Opened hidden = OpenBytes(
      "a.rtf", "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\f0 one\\par TOP{\\v zz} SECRET\\par}",
      Limits());
  EXPECT_TRUE(HasLine(hidden, "TOPzz SECRET"));
  EXPECT_TRUE(HasLine(hidden, "TOP SECRET"));
  EXPECT_NE(FontRunsOf(hidden).find("Arial=TOP SECRET"), std::string::npos) << FontRunsOf(hidden);
  EXPECT_TRUE(
      HasLine(OpenBytes("a.rtf", "{\\rtf1 TOP{\\deleted\\revauthdel1 xx} SECRET\\par}", Limits()),
              "TOP SECRET"));
  const std::string twice = TextOf(hidden, "attachment");
  EXPECT_EQ(twice.find("one"), twice.rfind("one")) << "other lines come once: " << twice;
}

TEST(Shown, AHiddenRunOfOpenDocumentStandsBesideWhatAReaderSees) {
  const Opened leaves =
      Odf("<style:style style:family=\"text\" style:name=\"H\"><style:text-properties "
          "text:display=\"none\"/></style:style>",
          "<text:p>TOP<text:span text:style-name=\"H\">zz</text:span> SECRET</text:p>");
  EXPECT_TRUE(HasLine(leaves, "TOPzz SECRET"));
  EXPECT_TRUE(HasLine(leaves, "TOP SECRET"));
}

Opened DocxPart(const std::string& body, const std::string& part = "word/document.xml") {
  return OpenBytes("a.docx",
                   MakeOoxml({{part, "<w:document><w:body>" + body + "</w:body></w:document>"}}),
                   Limits());
}

TEST(Shown, AHiddenDeletedWhiteOrTinyRunOfWordStandsBesideWhatAReaderSees) {
  const auto around = [](const std::string& run) {
    return "<w:p><w:r><w:t>TOP</w:t></w:r>" + run + "<w:r><w:t> SECRET</w:t></w:r></w:p>";
  };
  for (const char* run : {"<w:r><w:rPr><w:vanish/></w:rPr><w:t>zz</w:t></w:r>",
                          "<w:del><w:r><w:delText>zz</w:delText></w:r></w:del>",
                          "<w:moveFrom><w:r><w:t>zz</w:t></w:r></w:moveFrom>",
                          "<w:del><w:r><w:delText>zz</w:delText><w:br/><w:tab/></w:r></w:del>",
                          "<w:r><w:rPr><w:color w:val=\"ffffff\"/></w:rPr><w:t>zz</w:t></w:r>",
                          "<w:r><w:rPr><w:sz w:val=\"2\"/></w:rPr><w:t>zz</w:t></w:r>"}) {
    const Opened leaves = DocxPart(around(run));
    EXPECT_NE(TextOf(leaves, "attachment").find("TOPzz"), std::string::npos) << run;
    EXPECT_TRUE(HasLine(leaves, "TOP SECRET")) << run;
  }
  const Opened shown =
      DocxPart(around("<w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>zz</w:t></w:r>"));
  EXPECT_FALSE(HasLine(shown, "TOP SECRET"));
}

TEST(Ooxml, APartIsWhatItsRootSaysWhateverItIsCalled) {
  const std::string body = "<w:p><w:r><w:t>SEC</w:t></w:r><w:r><w:t>RET</w:t></w:r></w:p>";
  for (const char* name : {"word/d.bin", "word/footer.png", "word/x"}) {
    EXPECT_TRUE(HasLine(DocxPart(body, name), "SECRET")) << name;
  }
}

TEST(Xlsx, EscapedLettersOfStringsAreRead) {
  const Opened leaves =
      OpenBytes("a.xlsx",
                MakeOoxml({{"xl/sharedStrings.xml",
                            "<sst><si><t>TUY_x1EC6_T _x005F_x0041_ _xZZZZ_ a_b</t></si></sst>"}}),
                Limits());
  EXPECT_TRUE(HasLine(leaves, "TUYỆT _x0041_ _xZZZZ_ a_b")) << TextOf(leaves, "attachment");
}

TEST(Shown, AHiddenOrDeletedRunOfWord97StandsBesideWhatAReaderSees) {
  for (const uint64_t sprm : {0x083cU, 0x0800U}) {  // sprmCFVanish, sprmCFRMarkDel
    const Opened leaves =
        OpenBytes("a.doc", MakeDoc("TOPzz SECRET", 3, 5, Le(sprm, 2) + Le(1, 1)), Limits());
    EXPECT_TRUE(HasLine(leaves, "TOPzz SECRET"));
    EXPECT_TRUE(HasLine(leaves, "TOP SECRET")) << TextOf(leaves, "attachment");
  }
}

TEST(Shown, AWhiteOrTinyRunOfWord97StandsBesideWhatAReaderSees) {
  const auto shows = [](const std::string& sprms) {
    return HasLine(OpenBytes("a.doc", MakeDoc("TOPzz SECRET", 3, 5, sprms), Limits()),
                   "TOP SECRET");
  };
  const std::string white = Le(0x6870, 2) + Le(0x00ffffff, 4);
  EXPECT_TRUE(shows(white));
  EXPECT_TRUE(shows(Le(0x2a42, 2) + Le(8, 1)));  // sprmCIco
  EXPECT_TRUE(shows(Le(0x4a43, 2) + Le(2, 2)));  // sprmCHps
  EXPECT_FALSE(shows(white + Le(0x2a0c, 2) + Le(1, 1))) << "a black highlight";
  EXPECT_FALSE(shows(Le(0x6870, 2) + Le(0x000000ff, 4)));
  EXPECT_FALSE(shows(Le(0x6870, 2) + Le(0xffffffff, 4))) << "the colour that text has by itself";
  EXPECT_FALSE(shows(Le(0x4a43, 2) + Le(24, 2)));
}

TEST(Shown, TextBeforeAnyFontIsInTheDefaultFontOfRtf) {
  EXPECT_EQ(FontRunsOf(OpenBytes("a.rtf",
                                 "{\\rtf1\\ansi\\deff1{\\fonttbl{\\f0 Arial;}{\\f1 .VnTime;}}first"
                                 "\\par\\f0 second\\par}",
                                 Limits())),
            ".VnTime=first\n;Arial=second\n;");
}

TEST(Odt, ACommentsAuthorAndAShapesTextStandOnLinesOfTheirOwn) {
  const Opened leaves = Odf("",
                            "<text:p>before<office:annotation><dc:creator>An</dc:creator><dc:date>"
                            "2026</dc:date><text:p>SECRET</text:p></office:annotation></text:p>"
                            "<text:p>beside<draw:custom-shape><text:p>TOP</text:p>"
                            "</draw:custom-shape></text:p>");
  for (const char* line : {"SECRET", "TOP", "An", "beside"}) {
    EXPECT_TRUE(HasLine(leaves, line)) << line << " of " << TextOf(leaves, "attachment");
  }
}

TEST(Odp, FootersThatArePutIntoASlideAreRead) {
  EXPECT_TRUE(HasLine(Odf("",
                          "<presentation:footer-decl presentation:name=\"f\">SECRET"
                          "</presentation:footer-decl><draw:page/>"),
                      "SECRET"));
}

TEST(Ods, ADdeFormulaIsAFact) {
  const std::string cell =
      "<table:table-cell table:formula=\"of:=DDE(&quot;cmd&quot;;&quot;/c calc&quot;)\"/>";
  EXPECT_TRUE(Fact(Odf("", cell), "document.dde"));
  EXPECT_FALSE(Fact(Odf("", "<table:table-cell table:formula=\"of:=SUM(1)\"/>"), "document.dde"));
}

TEST(Xml, AnEncodingOfOneByteALetterIsRead) {
  const Opened leaves = OpenBytes(
      "a.docx",
      MakeOoxml({{"word/document.xml",
                  "<?xml version=\"1.0\" encoding=\"windows-1258\"?><w:document><w:body><w:p><w:r>"
                  "<w:t>\xD0\xF4 th\xE0nh</w:t></w:r></w:p></w:body></w:document>"}}),
      Limits());
  EXPECT_TRUE(HasLine(leaves, "Đô thành")) << TextOf(leaves, "attachment");
  EXPECT_FALSE(HasUnscannable(leaves, Reason::kDamaged));
}

TEST(Sniff, WideLettersWithoutAMarkAreText) {
  std::string little;
  std::string big;
  for (const char32_t letter : std::u32string(U"TUYỆT MẬT\r\nsố 12\r\n")) {
    for (int i = 0; i < 4; ++i) {
      little.push_back(static_cast<char>(letter >> (8 * i) & 0xff));
      big.push_back(static_cast<char>(letter >> (24 - 8 * i) & 0xff));
    }
  }
  EXPECT_EQ(Sniff(little, "a.txt", ""), Type::kText);
  EXPECT_EQ(Sniff(big, "a.bin", "application/octet-stream"), Type::kText);
  std::string wide;
  for (const char16_t letter : std::u16string(u"TỐI MẬT, TUYỆT MẬT, ĐỘ MẬT: MẬT")) {
    wide.push_back(static_cast<char>(letter & 0xff));
    wide.push_back(static_cast<char>(letter >> 8));
  }
  EXPECT_EQ(Sniff(wide, "", "application/octet-stream"), Type::kText);
  std::string numbers;
  for (int i = 0; i < 100; ++i) {
    numbers += Le(static_cast<uint64_t>(i % 30), 4);
  }
  EXPECT_EQ(Sniff(numbers, "a.bin", "application/octet-stream"), Type::kBinary);
}

TEST(Mbox, EachMessageOfAMailboxIsRead) {
  const std::string box =
      "From a@b Mon Nov 23 08:00:00 2026\nFrom: a@b\nTo: c@d\nSubject: x\n"
      "Content-Transfer-Encoding: base64\n\nVE9QIFNFQ1JFVAo=\n\nFrom a@b Mon Nov 23 08:00:00 2026\n"
      "From: a@b\nSubject: y\n\nsecond\nFrom here on no message\n";
  const Opened leaves = OpenBytes("box.mbox", box, Limits());
  EXPECT_TRUE(AnyLeafContains(leaves, "TOP SECRET"));
  EXPECT_TRUE(AnyLeafContains(leaves, "second\nFrom here on"));
  EXPECT_EQ(OpenBytes("note.txt", "From here on,\nwe walk.\n", Limits()).leaves[0].type,
            Type::kText);
}

bool ReadAs(const Leaves& leaves, Type type, std::string_view words) {
  for (const Leaf& leaf : leaves.leaves) {
    if (leaf.type == type && leaf.bytes.find(words) != Bytes::npos) {
      return true;
    }
  }
  return false;
}

TEST(Shown, ABodyThatBeginsLikeAPictureIsStillShownAsTextOrHtml) {
  for (const char* begins : {"GIF8", "RIFF1234WEBP", "\xff\xd8\xff", "{\\rt{\\*\\x "}) {
    const std::string body = std::string(begins) + "\r\nTOP SECRET\r\n";
    const ParsedMail text("MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n" + body);
    EXPECT_TRUE(ReadAs(Decode(text.message, Limits()), Type::kText, "TOP SECRET")) << begins;
    const ParsedMail html("MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + body);
    EXPECT_TRUE(ReadAs(Decode(html.message, Limits()), Type::kHtml, "TOP SECRET")) << begins;
  }
}

TEST(Shown, ATextWithNulsOrThatLooksLikeSomethingElseIsStillText) {
  const std::string nul("first line of a log\nTOP\0 SECRET\n", 33);
  EXPECT_TRUE(ReadAs(OpenBytes("a.log", nul, Limits()), Type::kText, "TOP SECRET"));
  const std::string stamp = std::string("TỐI MẬT") + '\0' + "\nxin đọc\n";
  EXPECT_TRUE(ReadAs(OpenBytes("a.md", stamp, Limits()), Type::kText, "TỐI MẬT\n"));
  EXPECT_TRUE(ReadAs(OpenBytes("a.dat", nul, Limits()), Type::kText, "TOP SECRET"));
  EXPECT_TRUE(ReadAs(OpenBytes("a.txt", "From: a@b\nTo: c@d\nX: TOP SECRET\n\nbody\n", Limits()),
                     Type::kText, "TOP SECRET"));
  EXPECT_TRUE(ReadAs(OpenBytes("a.txt", "<html><script>\nTOP SECRET\n</script></html>", Limits()),
                     Type::kText, "TOP SECRET"));
  std::string noise;
  uint32_t state = 7;
  for (int i = 0; i < 4000; ++i) {
    state = state * 1664525U + 1013904223U;
    noise.push_back(static_cast<char>(state >> 24));
  }
  EXPECT_EQ(OpenBytes("a.dat", noise, Limits()).leaves.size(), 1U);
}

TEST(Uuencode, WhatStandsAroundTheFilesOfALabelledPartIsRead) {
  const auto mail = [](const std::string& body) {
    return ParsedMail(
        "MIME-Version: 1.0\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: "
        "x-uuencode\r\n\r\n" +
        body);
  };
  const std::string file = "begin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n";
  const std::string second = "begin 644 b.txt\r\n#1$5&\r\n`\r\nend\r\n";
  const ParsedMail before = mail("TOP SECRET\r\n" + file);
  const ParsedMail after = mail(file + "TOP SECRET\r\n");
  const ParsedMail two = mail(file + second);
  EXPECT_TRUE(AnyLeafContains(Decode(before.message, Limits()), "TOP SECRET"));
  EXPECT_TRUE(AnyLeafContains(Decode(after.message, Limits()), "TOP SECRET"));
  EXPECT_TRUE(AnyLeafContains(Decode(after.message, Limits()), "abc"));
  EXPECT_TRUE(AnyLeafContains(Decode(two.message, Limits()), "DEF"));
}

}  // namespace
}  // namespace gatepost::decode
