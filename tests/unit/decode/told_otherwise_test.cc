// Text that is told in another way than it is shown: escapes, entities, names, what no page shows,
// messages behind a line with a dot.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

bool SaysLine(const Leaves& leaves, std::string_view zone, const std::string& line) {
  return ("\n" + TextOf(leaves, zone)).find("\n" + line + "\n") != std::string::npos;
}

bool HoldsLeafWith(const Leaves& leaves, std::string_view words) {
  for (const Leaf& leaf : leaves.leaves) {
    if (leaf.is_alternative && leaf.bytes.find(words) != Bytes::npos) {
      return true;
    }
  }
  return false;
}

TEST(Escapes, StringsOfJsonAreLines) {
  const Opened leaves = OpenBytes("a.json",
                                  "{\"a\": \"x\\nT\\u1ed0I M\\u1eacT\\ny\", \"b\": [\"two "
                                  "words\"], \"c\": \"\\ud83d\\ude00!\"}",
                                  Limits());
  EXPECT_TRUE(SaysLine(leaves, "attachment", "TỐI MẬT"));
  EXPECT_TRUE(SaysLine(leaves, "attachment", "two words"));
  EXPECT_TRUE(SaysLine(leaves, "attachment", "\xF0\x9F\x98\x80!"));
}

TEST(Escapes, LettersByNumberInSourcesAndPropertiesAreUndone) {
  for (const char* text : {"var a = 'T\\u1ed0I M\\u1eacT';", "print(\"T\\u{1ED0}I M\\U00001eacT\")",
                           "key=T\\u1ed0I M\\u1eacT\n", "it's: \"T\\u1ed0I M\\u1eacT\""}) {
    EXPECT_TRUE(SaysLine(OpenBytes("a.txt", text, Limits()), "attachment", "TỐI MẬT")) << text;
  }
}

TEST(Escapes, OrdinaryTextHasNoSecondText) {
  for (const char* text : {"C:\\users\\x\\new folder \"quoted words\"", "[Quoted words] and more",
                           "{braces} \\ and 'quotes'", "\\\\server\\share\\dir"}) {
    EXPECT_TRUE(OpenBytes("a.txt", text, Limits()).texts.empty()) << text;
  }
}

// Each of these took hours while a search ran to the end of the text for every escape.
TEST(Escapes, BracesThatNobodyClosesTakeNoTime) {
  for (const char* one : {"\\u{", "\\begin"}) {
    std::string text = "\\documentclass{a} \\u1ed0 ";
    while (text.size() < (4U << 20)) {
      text += one;
    }
    OpenBytes("a.tex", text, Limits());
  }
}

TEST(Escapes, BehindWhatIsReadOfATextAreNamed) {
  const std::string words(9U << 20, 'x');
  EXPECT_TRUE(HasUnscannable(OpenBytes("a.txt", words + " T\\u1ed0I", Limits()), Reason::kTooBig));
  EXPECT_FALSE(HasUnscannable(OpenBytes("a.txt", words + " C:\\users", Limits()), Reason::kTooBig));
}

TEST(Escapes, LettersOfTexAreRead) {
  for (const char* text : {"\\begin{document}\nT\\'{\\^O}I M\\d{\\^A}T\n\\end{document}",
                           "\\documentclass{article}\n\\textbf{T\\'\\^OI M\\d\\^AT}\\\\",
                           "\\begin{center}T\\'\\OCIRCUMFLEX{}I~M\\d\\ACIRCUMFLEX{}T\\end{center}",
                           "T\\'{\\^O}I M\\d{\\^A}T\n"}) {
    const Opened leaves = OpenBytes("a.tex", text, Limits());
    // Letters with their marks behind them, or the letters of T5 with one.
    EXPECT_TRUE(SaysLine(leaves, "attachment", "TO\xCC\x82\xCC\x81I MA\xCC\x82\xCC\xA3T") ||
                SaysLine(leaves, "attachment", "TÔ\xCC\x81I MÂ\xCC\xA3T"))
        << TextOf(leaves, "attachment");
  }
}

TEST(Entities, WhatADocumentTypeDeclaresIsReadAsABrowserSeesIt) {
  EXPECT_TRUE(HoldsLeafWith(
      OpenBytes(
          "a.svg",
          "<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY a \"T&#7888;I\"><!ENTITY b '&a; MẬT'>]>"
          "<svg><text>&b;</text></svg>",
          Limits()),
      "<text>TỐI MẬT</text>"));
  EXPECT_TRUE(HoldsLeafWith(OpenBytes("a.svg",
                                      "<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY x "
                                      "\"&#60;script>alert(1)&#60;/script>\">]><svg>&x;</svg>",
                                      Limits()),
                            "<svg><script>alert(1)</script></svg>"));
  EXPECT_TRUE(
      HoldsLeafWith(OpenBytes("a.svg",
                              "<?xml version=\"1.0\"?><!DOCTYPE svg [<!ATTLIST svg onload CDATA "
                              "\"alert(1)\">]><svg></svg>",
                              Limits()),
                    "onload=\"alert(1)\""));
}

TEST(Entities, AFloodOfThemIsNamedAndBounded) {
  std::string flood = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a0 \"xxxxxxxxxx\">";
  for (int i = 1; i < 12; ++i) {
    flood += "<!ENTITY a" + std::to_string(i) + " \"";
    for (int k = 0; k < 10; ++k) {
      flood += "&a" + std::to_string(i - 1) + ";";
    }
    flood += "\">";
  }
  const Opened leaves = OpenBytes("a.xml", flood + "]><a>&a11;</a>", Limits());
  EXPECT_TRUE(HasDefect(leaves, mail::DefectId::kXmlEntities));
  const Opened itself = OpenBytes(
      "a.xml", "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY a \"&a;\">]><a>&a;</a>", Limits());
  EXPECT_TRUE(HasDefect(itself, mail::DefectId::kXmlEntities));
}

TEST(Entities, LongNamesAndOpenNumbersTakeNeitherTimeNorMemory) {
  const std::string begin = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY e \"x\">";
  // The element's name came a thousand times.
  std::string list = begin + "<!ATTLIST " + std::string(4U << 20, 'n');
  for (int i = 0; i < 900; ++i) {
    list += " a CDATA \"v\"";
  }
  const Opened attributes = OpenBytes("a.xml", list + ">]><a/>", Limits());
  EXPECT_TRUE(HasDefect(attributes, mail::DefectId::kXmlEntities));
  for (const Leaf& leaf : attributes.leaves) {
    EXPECT_LT(leaf.bytes.size(), 16U << 20);
  }
  // Each use read a name as long as the file.
  const std::string name(1U << 20, 'n');
  std::string uses = begin + "<!ENTITY " + name + " \"\"><!ENTITY b \"&" + name + ";\">]><a>";
  for (int i = 0; i < 90'000; ++i) {
    uses += "&b;";
  }
  EXPECT_TRUE(HasDefect(OpenBytes("a.xml", uses + "</a>", Limits()), mail::DefectId::kXmlEntities));
  std::string numbers = begin + "<!ENTITY n \"";
  while (numbers.size() < (8U << 20)) {
    numbers += "&#";
  }
  OpenBytes("a.xml", numbers + "\">]><a>&n;</a>", Limits());
}

TEST(Entities, AttributesThatAreLeftOutAreNamed) {
  std::string list = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ATTLIST a";
  for (int i = 0; i < 1'001; ++i) {
    list += " a" + std::to_string(i) + " CDATA \"v\"";
  }
  EXPECT_TRUE(
      HasDefect(OpenBytes("a.xml", list + ">]><a/>", Limits()), mail::DefectId::kXmlEntities));
}

TEST(Names, OfShapesStylesAndBookmarksAreProperties) {
  const Opened docx = OpenBytes(
      "a.docx",
      MakeOoxml(
          {{"word/document.xml",
            "<w:document><w:body><w:p><w:bookmarkStart w:id=\"0\" "
            "w:name=\"TỐI_MẬT\"/><w:r><w:drawing>"
            "<wp:docPr id=\"1\" name=\"Name of a shape\"/></w:drawing></w:r></w:p><w:tbl><w:tblPr>"
            "<w:tblCaption w:val=\"Caption of a table\"/></w:tblPr></w:tbl></w:body></w:document>"},
           {"word/styles.xml",
            "<w:styles><w:style><w:name w:val=\"Name of a style\"/></w:style></w:styles>"}}),
      Limits());
  for (const char* line : {"TỐI MẬT", "Name of a shape", "Caption of a table", "Name of a style"}) {
    EXPECT_TRUE(SaysLine(docx, "docprops", line)) << line;
  }
  const Opened odt =
      OpenBytes("a.odt",
                MakeOdt("<style:style style:name=\"P1\" style:display-name=\"Name of a style\"/>",
                        "<office:text><text:p><text:bookmark text:name=\"TỐI_MẬT\"/><draw:frame "
                        "draw:name=\"Name of "
                        "a frame\"/>x</text:p></office:text>"),
                Limits());
  for (const char* line : {"TỐI MẬT", "Name of a frame", "Name of a style"}) {
    EXPECT_TRUE(SaysLine(odt, "docprops", line)) << line;
  }
}

TEST(Names, WhatACellLetsOneChooseFromIsALineEach) {
  const Opened leaves = OpenBytes(
      "a.xlsx",
      MakeOoxml(
          {{"xl/worksheets/sheet1.xml",
            "<worksheet><sheetData/><conditionalFormatting><cfRule text=\"marked words\"/>"
            "</conditionalFormatting><dataValidations><dataValidation type=\"list\"><formula1>"
            "\"one, TỐI MẬT,three\"</formula1></dataValidation></dataValidations></worksheet>"}}),
      Limits());
  EXPECT_TRUE(SaysLine(leaves, "attachment", "TỐI MẬT")) << TextOf(leaves, "attachment");
  EXPECT_TRUE(SaysLine(leaves, "attachment", "marked words"));
}

TEST(Calendar, AnotherFormOfATextAndACardInACardAreLeaves) {
  const Opened calendar = OpenBytes(
      "a.ics",
      "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDESCRIPTION;ALTREP=\"data:text/html;base64," +
          std::string("PHA+b3RoZXIgd29yZHM8L3A+") + "\":words\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
      Limits());
  EXPECT_TRUE(AnyLeafContains(calendar, "<p>other words</p>"));
  const Opened card = OpenBytes("a.vcf",
                                "BEGIN:VCARD\r\nFN:An\r\nAGENT:BEGIN:VCARD\\nFN:B\\nNOTE:x\\\\nTỐI "
                                "MẬT\\nEND:VCARD\\n\r\nEND:VCARD\r\n",
                                Limits());
  EXPECT_TRUE(SaysLine(card, "attachment", "TỐI MẬT"));
}

TEST(Containers, WhatStandsBehindZerosOrBesideTheListIsRead) {
  const std::string first = MakeTar({{"a.txt", "first words"}});
  const std::string second = MakeTar({{"b.txt", "second words"}});
  for (const std::string& bytes :
       {first + second, std::string(1024, '\0') + second, MakeTar({}) + second}) {
    EXPECT_TRUE(AnyLeafContains(OpenBytes("a.tar", bytes, Limits()), "second words"));
  }
  std::string zip = MakeZip({{"a.txt", "inside"}});
  zip.replace(zip.size() - 2, 2, std::string("\x0d\0", 2));
  EXPECT_TRUE(
      SaysLine(OpenBytes("a.zip", zip + "words of it\n\n", Limits()), "docprops", "words of it"));
  const Opened pages = OpenBytes("a.pages", MakeZip({{"Index/Document.iwa", "packed"}}), Limits());
  ASSERT_FALSE(pages.unscannable.empty());
  EXPECT_EQ(pages.unscannable[0].reason, Reason::kUnknownType);
  const std::string zlib = "\x78\x01" + StoredDeflate("words within") + std::string(4, '\0');
  EXPECT_TRUE(AnyLeafContains(OpenBytes("a.zz", zlib, Limits()), "words within"));
}

TEST(Containers, ATarOfFilesThatEndInZerosIsOneArchive) {
  std::vector<std::pair<std::string, std::string>> files;
  for (int i = 0; i < 10; ++i) {
    files.emplace_back(std::to_string(i) + ".txt", "words\n" + std::string(2'000, '\0'));
  }
  files.emplace_back("inner.tar", MakeTar({{"b.txt", "inner words"}}));
  files.emplace_back("z.txt", "last words");
  const Opened leaves = OpenBytes("a.tar", MakeTar(files), Limits());
  EXPECT_FALSE(HasDefect(leaves, mail::DefectId::kArchiveAppended));
  EXPECT_TRUE(leaves.unscannable.empty());
  EXPECT_TRUE(AnyLeafContains(leaves, "last words"));
}

TEST(Containers, ATarBehindZerosHidesNoZip) {
  std::string junk =
      "\x01\x02\x03\xff" + std::string(508, '\x90') + MakeZip({{"a.txt", "words of a zip", true}});
  junk.resize((junk.size() + 511) / 512 * 512 + 512, '\0');
  EXPECT_TRUE(HasLeaf(OpenBytes("a.bin", junk + MakeTar({{"b.txt", "words of a tar"}}), Limits()),
                      "a.bin/a.txt"));
}

TEST(Containers, HeadersOfNoZipHideNoZip) {
  std::string junk("\x01\x02\x03\xff");
  for (int i = 0; i < 100; ++i) {
    junk += std::string("PK\x03\x04", 4) + std::string(30, '\xff');
  }
  const std::string bytes =
      junk + MakeZip({{"a.txt", "words of a zip", true}}) + std::string(100'000, '\x90');
  EXPECT_TRUE(HasLeaf(OpenBytes("a.bin", bytes, Limits()), "a.bin/a.txt"));
}

TEST(Labels, EnrichedTextXmlByNameAndHeadersOfBouncesAreRead) {
  const auto says = [](const std::string& label, const std::string& body, std::string_view words) {
    const ParsedMail parsed("From: a@example.com\r\nContent-Type: " + label + "\r\n\r\n" + body);
    return AnyLeafContains(Decode(parsed.message, Limits()), words);
  };
  EXPECT_TRUE(says("text/enriched", "T<bold>O</bold>P <color><param>red</param>SEC</color>RET\r\n",
                   "TOP SECRET"));
  EXPECT_TRUE(says("text/enriched", "1 << 2 S<bold>EC</bold>RET\r\n", "1 < 2 SECRET"));
  EXPECT_TRUE(says("text/plain; charset=utf-8", "T=E1=BB=90I M=E1=BA=ACT\r\n", "TỐI MẬT"));
  EXPECT_FALSE(says("text/plain", "a=E1b and x=3D\r\n", "a\xE1"));
  EXPECT_EQ(OpenBytes("a.kml", "<kml><name>words</name></kml>", Limits()).leaves[0].type,
            Type::kXml);
  EXPECT_EQ(Sniff("Subject: x\r\nFrom: a@example.com\r\n", "", "text/rfc822-headers"),
            Type::kMessage);
}

constexpr char kBody[] = "Hello\r\n";
constexpr char kHidden[] =
    "From: c@example.com\r\nTo: d@example.com\r\nSubject: x\r\nContent-Transfer-Encoding: "
    "quoted-printable\r\n\r\nTOP=20SECRET\r\n";

TEST(Smuggled, AMessageBehindALineWithADotIsReadByItself) {
  const std::string commands = "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n";
  for (const std::string& dot :
       {std::string("\n.\n"), std::string("\n.\r\n"), std::string("\r\n.\r\r\n"),
        std::string("\r.\r"), std::string("\r\n\0.\r\n", 6), std::string("\r\n.\0\r\n", 6)}) {
    const ParsedMail sends("From: a@example.com\r\n\r\n" + std::string(kBody) + dot + commands +
                           kHidden);
    const Opened leaves = Decode(sends.message, Limits());
    EXPECT_TRUE(AnyLeafContains(leaves, "TOP SECRET"));
    EXPECT_TRUE(HasDefect(leaves, mail::DefectId::kSmuggledMessage));
    const ParsedMail bare("From: a@example.com\r\n\r\n" + std::string(kBody) + dot + kHidden);
    const Opened without = Decode(bare.message, Limits());
    EXPECT_TRUE(AnyLeafContains(without, "TOP SECRET"));
    EXPECT_FALSE(HasDefect(without, mail::DefectId::kSmuggledMessage));
  }
}

// A carriage return alone ended the line with the dot, but not the one behind it: each of millions
// of dots read to the end of the message.
TEST(Smuggled, ManyDotsTakeNoTimeAndAreNamed) {
  for (const std::string& one : {std::string("\r."), std::string("\0.", 2),
                                 std::string("\0.\0data ", 8), std::string("\r.\rFrom:")}) {
    std::string body;
    while (body.size() < (8U << 20)) {
      body += one;
    }
    const ParsedMail parsed("From: a@example.com\r\n\r\n" + body);
    EXPECT_TRUE(HasDefect(Decode(parsed.message, Limits()), mail::DefectId::kReadingsCut));
  }
}

TEST(Smuggled, ALineWithADotAloneIsNoMessage) {
  const ParsedMail parsed(
      "From: a@example.com\r\n\r\nHello\r\n.\r\n250 ok\r\nQUIT\r\n.\r\ndata is here\r\n");
  const Opened leaves = Decode(parsed.message, Limits());
  EXPECT_EQ(leaves.leaves.size(), 1U);
  EXPECT_TRUE(leaves.defects.empty());
}

}  // namespace
}  // namespace gatepost::decode
