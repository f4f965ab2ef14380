// Templates, books and texts that a document takes from this computer or from another one.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/elsewhere.h"

#include <gtest/gtest.h>

#include "src/decode/formula.h"
#include "src/decode/office97.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

TEST(Elsewhere, DrivesFoldersAndRelativeNamesAreHere) {
  for (const char* here :
       {"",
        "Normal.dotm",
        "Mau01.dotx",
        "../mau/a.dotx",
        "C:\\Users\\an\\Normal.dotm",
        "file:///C:\\Users\\Nguy%E1%BB%85n%20An\\AppData\\Roaming\\Microsoft\\Templates\\Normal"
        ".dotm",
        "file:///C:/mau/a.dotm",
        "file:///C|/mau/a.dotm",
        "file://C:/mau/a.dotm",
        "FILE:/D:/a.dotm",
        "file:///home/an/mau.ott",
        "file://localhost/C:/a.dotm",
        "/xl/a.xlsx",
        "\\data\\a.xls",
        "\\\\?\\C:\\mau\\a.dotm",
        "file:a.dotm",
        "#Sheet1:A1",
        "cong van 10:30.xls",
        "C:",
        "\\\\"}) {
    EXPECT_FALSE(IsElsewhere(here)) << here;
  }
}

TEST(Elsewhere, AddressesAndSharesAreElsewhere) {
  for (const char* elsewhere : {"http://x/y.dotm",
                                "HTTPS://mau.example/a.dotm",
                                " \thttp://x/",
                                "ht\ntp://x/",
                                "http:x",
                                "ftp://x/a.dotm",
                                "mhtml:http://x!a",
                                "script:http://x/a.sct",
                                "\\\\192.0.2.9\\s\\a.dotm",
                                "//server/share/a.dotm",
                                "/\\server/share/a.dotm",
                                "file://server/share/a.dotm",
                                "file:\\\\server\\a.dotm",
                                "file:////server/share/a.dotm",
                                "file:///\\\\server\\share\\a.dotm",
                                "file:///%5C%5Cserver%5Ca.dotm",
                                "file:%2f%2fserver/a.dotm",
                                "\\\\?\\UNC\\server\\a.dotm",
                                "\\\\.\\UNC\\server\\a.dotm",
                                "\\\\server@SSL\\DavWWWRoot\\a.dotm"}) {
    EXPECT_TRUE(IsElsewhere(elsewhere)) << elsewhere;
  }
}

TEST(Elsewhere, CodesOfFieldsDoubleTheirBackslashes) {
  EXPECT_FALSE(NamesElsewhere("Excel.Sheet.8 \"C:\\\\Bao cao\\\\a.xls\" \"Sheet1!R1C1\" \\a \\p"));
  EXPECT_TRUE(NamesElsewhere("Excel.Sheet.8 \"\\\\\\\\server\\\\a.xls\" R1C1 \\a"));
  EXPECT_TRUE(NamesElsewhere("\"\\\\server\\a.docx\""));
  EXPECT_TRUE(NamesElsewhere("http://x/a.docx"));
  std::string many;
  for (int i = 0; i < 100'000; ++i) {
    many += "\" ";
  }
  EXPECT_FALSE(NamesElsewhere(many));
  EXPECT_TRUE(NamesElsewhere(many + "\\\\server\\a http://x"));
}

Opened WithRelation(const std::string& kind, const std::string& target) {
  return OpenBytes("a.docx",
                   MakeOoxml({{"word/document.xml", "<w:document/>"},
                              {"word/_rels/settings.xml.rels",
                               "<Relationships><Relationship Target=\"" + target +
                                   "\" Type=\"http://x/relationships/" + kind +
                                   "\" TargetMode=\"External\"/></Relationships>"}}),
                   Limits());
}

TEST(Docx, ATemplateOnTheWritersDiskIsNoRemoteOne) {
  for (const char* here : {"file:///C:\\Users\\an\\Templates\\Normal.dotm", "C:\\mau.dotx",
                           "Mau01.dotx", "file:///D:/mau/a.dot"}) {
    const Opened leaves = WithRelation("attachedTemplate", here);
    EXPECT_FALSE(Fact(leaves, "document.remote-template")) << here;
    EXPECT_FALSE(Fact(leaves, "document.external")) << here;
  }
  for (const char* elsewhere : {"https://mau.example/a.dotm", "\\\\server\\s\\a.dotm",
                                "file://server/s/a.dotm", "&#x68;ttp://x/a.dotm"}) {
    const Opened leaves = WithRelation("attachedTemplate", elsewhere);
    EXPECT_TRUE(Fact(leaves, "document.remote-template")) << elsewhere;
    EXPECT_TRUE(Fact(leaves, "document.external")) << elsewhere;
  }
}

TEST(Docx, ARemoteTemplateNeedsNoWordOfBeingExternal) {
  const auto with = [](const std::string& target) {
    return OpenBytes("a.docx",
                     MakeOoxml({{"word/document.xml", "<w:document/>"},
                                {"word/_rels/settings.xml.rels",
                                 "<Relationships><Relationship Id=\"r1\" "
                                 "Type=\"t/attachedTemplate\" Target=\"" +
                                     target + "\"/></Relationships>"}}),
                     Limits());
  };
  EXPECT_TRUE(Fact(with("https://mau.example/a.dotm"), "document.remote-template"));
  EXPECT_TRUE(Fact(with("\\\\192.0.2.9\\s\\a.dotm"), "document.remote-template"));
  EXPECT_FALSE(Fact(with("Normal.dotm"), "document.remote-template"));
}

TEST(Docx, ABookOnTheWritersDiskIsNotFetchedFromElsewhere) {
  for (const char* kind : {"externalLinkPath", "oleObject", "frame"}) {
    EXPECT_FALSE(Fact(WithRelation(kind, "file:///D:\\so\\thang10.xlsx"), "document.external"));
    EXPECT_FALSE(Fact(WithRelation(kind, "thang10.xlsx"), "document.external")) << kind;
    const Opened leaves = WithRelation(kind, "http://x/thang10.xlsx");
    EXPECT_TRUE(Fact(leaves, "document.external")) << kind;
    EXPECT_FALSE(Fact(leaves, "document.remote-template")) << kind;
  }
}

TEST(Xlsx, OnlyConnectionsToAnotherComputerAreExternal) {
  const auto external = [](const std::string& connection) {
    return Fact(OpenBytes("a.xlsx",
                          MakeOoxml({{"xl/workbook.xml", "<workbook/>"},
                                     {"xl/connections.xml",
                                      "<connections xmlns=\"http://schemas.example/main\">"
                                      "<connection>" +
                                          connection + "</connection></connections>"}}),
                          Limits()),
                "document.external");
  };
  EXPECT_FALSE(external("<textPr sourceFile=\"C:\\so\\a.csv\"/>"));
  EXPECT_FALSE(external("<dbPr connection=\"Provider=ACE;Data Source=D:\\so\\a.accdb\"/>"));
  EXPECT_TRUE(external("<webPr url=\"http://x/a\"/>"));
  EXPECT_TRUE(external("<dbPr connection=\"DATAFEED;Data Source=http://x/\"/>"));
  EXPECT_TRUE(external("<textPr sourceFile=\"\\\\server\\a.csv\"/>"));
}

TEST(FlatXml, TemplatesOfWord2003AndOfPackagesAreSeen) {
  const auto remote = [](const std::string& xml) {
    return Fact(OpenBytes("a.xml", "<?xml version=\"1.0\"?>" + xml, Limits()),
                "document.remote-template");
  };
  const std::string old =
      "<w:wordDocument xmlns:w=\"http://schemas.microsoft.com/office/word/2003/wordml\">"
      "<w:docPr><w:attachedTemplate w:val=\"";
  EXPECT_FALSE(remote(old + "C:\\mau\\Normal.dot\"/></w:docPr></w:wordDocument>"));
  EXPECT_TRUE(remote(old + "http://x/a.dot\"/></w:docPr></w:wordDocument>"));
  EXPECT_TRUE(
      remote("<pkg:package xmlns:pkg=\"http://schemas.microsoft.com/office/2006/xmlPackage\">"
             "<pkg:part><pkg:xmlData><Relationships><Relationship "
             "Type=\"http://x/attachedTemplate\" Target=\"http://x/a.dotm\" "
             "TargetMode=\"External\"/></Relationships></pkg:xmlData></pkg:part></pkg:package>"));
}

TEST(Rtf, OnlyATemplateOnAnotherComputerIsRemote) {
  const auto open = [](const std::string& rest) {
    return OpenBytes("a.rtf", "{\\rtf1 x" + rest + "}", Limits());
  };
  for (const char* here :
       {"{\\*\\template C:\\\\Users\\\\an\\\\Normal.dotm}", "{\\*\\template file:///C:/mau/a.dot}",
        "{\\field{\\*\\fldinst INCLUDETEXT \"C:\\\\\\\\so\\\\\\\\a.docx\"}}",
        "{\\field{\\*\\fldinst HYPERLINK \"http://x/hidden\"}}"}) {
    const Opened leaves = open(here);
    for (const char* fact : {"document.remote-template", "document.external", "document.dde"}) {
      EXPECT_FALSE(Fact(leaves, fact)) << here << fact;
    }
  }
  EXPECT_TRUE(Fact(open("{\\*\\template http://x/a.dotm}"), "document.remote-template"));
  EXPECT_TRUE(Fact(open("{\\*\\template \\\\\\\\server\\\\a.dot}"), "document.remote-template"));
  EXPECT_TRUE(
      Fact(open("{\\field{\\*\\fldinst INCLUDETEXT \"http://x/a.docx\"}}"), "document.external"));
  EXPECT_TRUE(Fact(open("{\\field{\\*\\fldinst  DDE excel a b}}"), "document.dde"));
}

// A Word 97 document whose list of names has this template.
Opened DocWithTemplate(const std::string& name, size_t cut) {
  const std::string text = "x\r";
  std::string word(0x300, '\0');
  const auto put = [&word](size_t at, const std::string& bytes) {
    word.replace(at, bytes.size(), bytes);
  };
  put(0, Le(0xa5ec, 2) + Le(0xc1, 2));
  put(0x0a, Le(0x0200, 2));
  put(0x4c, Le(text.size(), 4));
  put(0x200, text);
  const std::string pieces =
      Le(0, 4) + Le(text.size(), 4) + Le(0, 2) + Le(0x40000400, 4) + Le(0, 2);
  const std::string clx = "\x02" + Le(pieces.size(), 4) + pieces;
  const std::string names = Le(0xffff, 2) + Le(18, 2) + Le(0, 2) + Le(0, 2) + Le(name.size(), 2) +
                            Utf16(name) + std::string(32, '\0');
  put(0x1a2, Le(0, 4) + Le(clx.size(), 4));
  put(0x19a, Le(clx.size(), 4) + Le(names.size(), 4));
  return OpenBytes("a.doc",
                   MakeCfb({{"WordDocument", word}, {"1Table", (clx + names).substr(0, cut)}}),
                   Limits());
}

TEST(Doc, OnlyATemplateOnAnotherComputerIsRemote) {
  const auto open = [](const std::string& name) {
    return DocWithTemplate(name, std::string::npos);
  };
  EXPECT_FALSE(Fact(open("C:\\Users\\an\\Normal.dot"), "document.external"));
  EXPECT_FALSE(Fact(open("Normal"), "document.remote-template"));
  const Opened leaves = open("http://x.example/a.dot");
  EXPECT_TRUE(Fact(leaves, "document.remote-template"));
  EXPECT_TRUE(Fact(leaves, "document.external"));
  EXPECT_EQ(TextOf(leaves, "rels"), "http://x.example/a.dot");
  EXPECT_EQ(TextOf(leaves, "attachment"), "x\n");
  for (size_t cut = 21; cut < 60; ++cut) {
    EXPECT_EQ(TextOf(DocWithTemplate("\\\\server\\a.dot", cut), "attachment"), "x\n") << cut;
  }
}

LegacyText WithBook(const std::string& path, int count = 2) {
  const auto record = [](uint64_t id, const std::string& data) {
    return Le(id, 2) + Le(data.size(), 2) + data;
  };
  return ReadXls(record(0x809, Le(0x600, 2) + Le(5, 2) + Le(0, 4)) +
                     record(0x1ae, Le(1, 2) + Le(path.size(), count) + Le(0, 1) + path),
                 10'000);
}

TEST(Xls, AnotherWorkbookIsNoCallOfAProgram) {
  using namespace std::string_literals;  // NOLINT: for zeros and numbers
  const LegacyText here = WithBook(
      "\x01\x01"
      "Cdata\x03thang10.ods"s);
  EXPECT_EQ(here.body, "C:\\data\\thang10.ods\n");
  EXPECT_FALSE(here.dde);
  EXPECT_FALSE(here.external);
  for (const auto& [path, text] : std::initializer_list<std::pair<std::string, std::string>>{
           {"\x01thang10.xls", "thang10.xls\n"},
           {"\x01\x04\x04so\x03"
            "a.xls",
            "..\\..\\so\\a.xls\n"},
           {"\x01\x02so\x03"
            "a.xls",
            "\\so\\a.xls\n"}}) {
    const LegacyText book = WithBook(path);
    EXPECT_EQ(book.body, text);
    EXPECT_FALSE(book.dde || book.external) << text;
  }
  const LegacyText share = WithBook(
      "\x01\x01@server\x03share\x03"
      "a.xls");
  EXPECT_EQ(share.body, "\\\\server\\share\\a.xls\n");
  EXPECT_TRUE(share.external);
  EXPECT_FALSE(share.dde);
  const LegacyText address = WithBook("\x01\x05\x11http://x.example/a.xls");
  EXPECT_EQ(address.body, "http://x.example/a.xls\n");
  EXPECT_TRUE(address.external);
  const LegacyText program = WithBook("cmd\x03/c calc");
  EXPECT_TRUE(program.dde);
  EXPECT_TRUE(program.external);
  for (const char* cut : {"\x01\x01\x01", "\x01\x01\x01\x05", "\x01\x05\x05\x05"}) {
    EXPECT_FALSE(WithBook(cut).dde);
  }
}

TEST(Formula, ABarInANameCallsNoProgram) {
  for (const char* honest :
       {"'Thu|Chi'!A1", "SUM('Thu|Chi'!A1:B2)+'Nh''a|b'!A1", "\"a|b!\"", "\"a\"&\"b|c\"&'x'!A1",
        "Bang1[Thu|Chi]+'a'!A1", "Bang1[[#All],[Thu|Chi]]+Sheet1!A1", "'C:\\so\\[a|b.xlsx]S'!A1",
        "Bang1[L'[Thu|Chi]+S!A1", "A1", ""}) {
    EXPECT_FALSE(CallsProgram(honest)) << honest;
  }
  for (const char* call :
       {"cmd|'/c calc'!A0", "cmd|' /C calc'!A0", "'cmd'|'/c calc'!A0", "\"x\"&cmd|'/c calc'!A0",
        "MSEXCEL|'\\..\\..\\cmd.exe /c calc'!''", "cmd|x!A0", "'a'!B1+cmd|'/c'!A0",
        "[x+cmd|'/c calc'!A0", "\"cmd|'/c calc'!A0"}) {
    EXPECT_TRUE(CallsProgram(call)) << call;
  }
  EXPECT_FALSE(CallsProgram(std::string(1'000'000, '[') + "!"));
  EXPECT_TRUE(CallsProgram(std::string(1'000'000, '[') + "|!"));
}

TEST(Xlsx, ASheetCalledByTwoWordsIsNoDde) {
  const auto dde = [](const std::string& formula) {
    return Fact(OpenBytes("a.xlsx",
                          MakeOoxml({{"xl/worksheets/sheet1.xml",
                                      "<worksheet><sheetData><row><c><f>" + formula +
                                          "</f><v>1</v></c></row></sheetData></worksheet>"}}),
                          Limits()),
                "document.dde");
  };
  EXPECT_FALSE(dde("SUM('Thu|Chi'!A1:A9)"));
  EXPECT_TRUE(dde("cmd|'/c calc'!A0"));
}

}  // namespace
}  // namespace gatepost::decode
