// Files that are read for what they hold, whatever their first bytes or their wrappings say.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <string>

#include "src/decode/formula.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

bool Reads(const std::string& name, const std::string& bytes) {
  return Everything(OpenBytes(name, bytes, Limits())).find("TỐI MẬT") != std::string::npos;
}

bool HasPage(const Opened& leaves) {
  for (const Leaf& leaf : leaves.leaves) {
    if (leaf.type == Type::kHtml) {
      return true;
    }
  }
  return false;
}

std::string Chunk(const std::string& kind, const std::string& data) {
  const std::string size = Le(data.size(), 4);
  return std::string(size.rbegin(), size.rend()) + kind + data + "CRC.";
}

TEST(ToldByContent, AScriptIsText) {
  for (const char* name : {"run.py", "run.sh", "Jenkinsfile", "a.doc", "a.json"}) {
    EXPECT_TRUE(Reads(name, "#!/usr/bin/env python3\n# TỐI MẬT\n")) << name;
  }
}

TEST(ToldByContent, LettersBehindAFewBytesOfMagicAreText) {
  for (const std::string magic : {"GIF89a", "MZ", "\xca\xfe\xba\xbe", "\xff\xd8\xff"}) {
    for (const char* name : {"a.sh", "a.doc", "a.ics", "a.bin"}) {
      EXPECT_TRUE(Reads(name, magic + " the paper is TỐI MẬT and goes to nobody\n")) << name;
    }
    const Opened page =
        OpenBytes("a.html", magic + "<html><body>TỐI MẬT, the paper</body></html>", Limits());
    EXPECT_TRUE(HasPage(page));
  }
}

TEST(ToldByContent, APdfBehindAPictureIsRead) {
  const std::string pdf =
      "\n%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>\n";
  for (const std::string& head :
       {std::string("GIF89a\1\0\1\0\0\0\0", 13), std::string("MZ") + std::string(80, '\0')}) {
    const Opened leaves = OpenBytes("a.bin", head + pdf, Limits());
    bool found = false;
    for (const Leaf& leaf : leaves.leaves) {
      found = found || leaf.type == Type::kPdf;
    }
    EXPECT_TRUE(found);
    EXPECT_TRUE(HasDefect(leaves, mail::DefectId::kArchiveAppended));
  }
}

TEST(ToldByContent, LzmaOfAnyDictionaryIsOpened) {
  const char packed[] =
      "\x5d\x00\x00\x10\x00\xff\xff\xff\xff\xff\xff\xff\xff\x00\x2a\x38\x53\x69\x02\x5a\xc4\x80\x91"
      "\x0b\xb6\x2e\x40\x59\x84\x8c\x48\xe8\x74\x83\x83\x47\xd6\xd7\xff\xfe\xec\x90\x00";
  EXPECT_TRUE(Reads("a.dat", std::string(packed, sizeof packed - 1)));
}

TEST(ToldByContent, OpenPgpThatIsOnlyPackedIsRead) {
  const std::string words = "TỐI MẬT, hai bản";
  std::string literal = "b";  // binary, no name, no date
  literal += std::string(5, '\0') + words;
  const std::string packet = "\xcb" + std::string(1, static_cast<char>(literal.size())) + literal;
  EXPECT_TRUE(Reads("a.gpg", "\xa3\x01" + StoredDeflate(packet)));
  EXPECT_TRUE(Reads("a.bin", "\xa3\x02\x78\x9c" + StoredDeflate(packet)));
  EXPECT_FALSE(
      HasLeaf(OpenBytes("a.bin", "\xa3\x01" + StoredDeflate("no packet " + words), Limits()),
              "a.bin/content"));
}

TEST(ToldByContent, Base64InXmlAndJsonIsAFile) {
  const std::string text = "Văn bản TỐI MẬT về việc bố trí cán bộ, không sao chụp, không chuyển.";
  const std::string data = Base64(text);
  EXPECT_TRUE(Reads("hoadon.xml", "<?xml version=\"1.0\"?><hd><file>" + data + "</file></hd>"));
  EXPECT_TRUE(Reads("hoadon.xml", "<?xml version=\"1.0\"?><hd><file>" + data.substr(0, 40) + "\n" +
                                      data.substr(40) + "</file></hd>"));
  EXPECT_TRUE(Reads("a.xml", "<?xml version=\"1.0\"?><hd>\n<file>\n" + data + "\n</file>\n</hd>"));
  EXPECT_TRUE(Reads("a.json", "{\"file\":\"" + data + "\"}"));
  EXPECT_TRUE(
      Reads("a.zip", MakeZip({{"a.json", "{\"name\":\"a.txt\",\"file\":\"" + data + "\"}"}})));
}

TEST(ToldByContent, ManyPicturesInAPageOrAnXmlFileAreNoAmbiguity) {
  std::string page = "<html><body>\n";
  std::string xml = "<?xml version=\"1.0\"?><doc>";
  std::string json = "{\"a\":[";
  for (int i = 0; i < 100; ++i) {
    const std::string data =
        Base64("\xff\xd8\xff\xe1 picture number " + std::to_string(i) + " of a hundred");
    page += "<img src=\"data:image/jpeg;base64," + data + "\">\n";
    xml += "<img>\n" + data.substr(0, 40) + "\n" + data.substr(40) + "\n</img>";
    json += "\"" + data + "\",\n";
  }
  for (const auto& [name, text] :
       {std::pair<std::string, std::string>{"a.html", page + "</body></html>"},
        {"a.xml", xml + "</doc>"},
        {"a.json", json + "\"\"]}"},
        {"a.css", page}}) {
    const ParsedMail mail("Content-Type: application/octet-stream; name=" + name +
                          "\r\nContent-Disposition: attachment\r\n\r\n" + text);
    const Leaves leaves = Decode(mail.message, Limits());
    EXPECT_FALSE(HasDefect(leaves, mail::DefectId::kReadingsCut)) << name;
    size_t pictures = 0;
    for (const Leaf& leaf : leaves.leaves) {
      pictures += leaf.type == Type::kImage ? 1 : 0;
    }
    EXPECT_GE(pictures, 100U) << name;
  }
}

TEST(ToldByContent, AVoiceMessageIsNoScript) {
  const Opened leaves = OpenBytes("a.amr", "#!AMR\n" + std::string("\x3c\x91\0\x17", 4), Limits());
  EXPECT_FALSE(Fact(leaves, "executable.attached"));
  EXPECT_TRUE(leaves.unscannable.empty());
}

TEST(ToldByContent, AnArchiveWithAPdfInItIsNoPdf) {
  const Opened leaves =
      OpenBytes("a.tar", MakeTar({{"a.pdf", "%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"}}), Limits());
  EXPECT_FALSE(HasDefect(leaves, mail::DefectId::kArchiveAppended));
}

TEST(ToldByContent, TheHeaderOfAGzipFileIsRead) {
  const std::string data = StoredDeflate("x") + Le(0x8cdc1683, 4) + Le(1, 4);
  const std::string head("\x1f\x8b\x08\x1c\0\0\0\0\0\x03", 10);
  const Opened leaves =
      OpenBytes("a.gz", head + Le(4, 2) + "ab\1\2" + "TỐI MẬT.txt" + '\0' + "hai bản" + '\0' + data,
                Limits());
  EXPECT_NE(TextOf(leaves, "docprops").find("TỐI MẬT.txt\nhai bản\n"), std::string::npos);
}

TEST(ToldByContent, WordsOfAMetafileAreRead) {
  std::string emf = Le(1, 4) + std::string(36, '\0') + " EMF" + std::string(80, '\0') +
                    Utf16("TOP SECRET") + std::string(9, '\0');
  EXPECT_NE(Everything(OpenBytes("a.emf", emf, Limits())).find("TOP SECRET"), std::string::npos);
  const Opened inside = OpenBytes(
      "a.docx", MakeOoxml({{"word/document.xml", "<document/>"}, {"word/media/image1.emf", emf}}),
      Limits());
  EXPECT_NE(Everything(inside).find("TOP SECRET"), std::string::npos);
}

TEST(ToldByContent, WordsBesideThePixelsOfAPictureAreItsProperties) {
  const std::string png =
      std::string("\x89PNG\r\n\x1a\n", 8) +
      Chunk("tEXt", std::string("Title\0", 6) + "one TOP SECRET") +
      Chunk("zTXt", std::string("Comment\0\0\x78\x9c", 11) + StoredDeflate("two TOP SECRET")) +
      Chunk("iTXt", std::string("XML\0\0\0\0\0", 8) + "ba TỐI MẬT") +
      Chunk("IDAT", "four TOP SECRET") + Chunk("IEND", "");
  const std::string properties = TextOf(OpenBytes("a.png", png, Limits()), "docprops");
  for (const char* words : {"one TOP SECRET", "two TOP SECRET", "ba TỐI MẬT"}) {
    EXPECT_NE(properties.find(words), std::string::npos) << words;
  }
  EXPECT_EQ(properties.find("four"), std::string::npos);
  const std::string jpeg = std::string("\xff\xd8\xff\xe0\0\x04JF\xff\xfe\0\x10", 12) +
                           "TOP SECRET abc" + std::string("\xff\xda\0\x02", 4);
  EXPECT_NE(TextOf(OpenBytes("a.jpg", jpeg, Limits()), "docprops").find("TOP SECRET"),
            std::string::npos);
  const std::string gif = std::string("GIF89a\1\0\1\0\0\0\0!\xfe\x04", 16) + "TOP " + "\x06" +
                          "SECRET" + std::string(1, '\0') + ";";
  EXPECT_NE(TextOf(OpenBytes("a.gif", gif, Limits()), "docprops").find("TOP SECRET"),
            std::string::npos);
}

TEST(ToldByContent, AShapeOfVisioIsReadAcrossItsRuns) {
  const Opened leaves =
      OpenBytes("a.vsdx",
                MakeOoxml({{"visio/pages/page1.xml",
                            "<PageContents><Shapes><Shape><Text><cp IX='0'/>TỐI<cp IX='1'/> MẬT<pp "
                            "IX='0'/>, hai bản</Text></Shape></Shapes></PageContents>"}}),
                Limits());
  EXPECT_NE(Everything(leaves).find("TỐI MẬT, hai bản"), std::string::npos) << Everything(leaves);
}

TEST(ToldByContent, TextBeforeAnElementOfUnknownXmlIsKept) {
  const Opened leaves = OpenBytes("a.docx",
                                  MakeOoxml({{"word/document.xml", "<document/>"},
                                             {"custom/a.xml", "<x>TỐI MẬT<y/>hai bản</x>"}}),
                                  Limits());
  EXPECT_NE(Everything(leaves).find("TỐI MẬT"), std::string::npos);
  EXPECT_NE(Everything(leaves).find("hai bản"), std::string::npos);
}

TEST(ToldByContent, XmlThatIsNoTextOfAnOpenDocumentIsReadByItself) {
  const Opened leaves = OpenBytes(
      "a.odt",
      MakeZip({{"mimetype", "application/vnd.oasis.opendocument.text"},
               {"content.xml", "<office:document-content/>"},
               {"Basic/Standard/Module1.xml", "<script:module>REM TỐI MẬT</script:module>"}}),
      Limits());
  EXPECT_NE(Everything(leaves).find("TỐI MẬT"), std::string::npos);
}

TEST(ToldByContent, LettersOfANumberFormatAreAWord) {
  EXPECT_EQ(WordsOfNumberFormat("0\\T\\O\\P\\ \\S\\E\\C\\R\\E\\T"), "TOP SECRET\n");
  EXPECT_EQ(WordsOfNumberFormat("\\T\\Ố\\I\\ \\M\\Ậ\\T;0"), "TỐI MẬT\n");
  EXPECT_EQ(WordsOfNumberFormat("0\" TOP SECRET\";@"), " TOP SECRET\n");
  EXPECT_EQ(WordsOfNumberFormat("#,##0\\ \"VND\""), "");
}

TEST(ToldByContent, WhatAFormulaJoinsIsRead) {
  EXPECT_EQ(JoinedLiterals("=\"TOP\"&\" SEC\" & \"RET\""), "TOP SECRET\n");
  EXPECT_EQ(JoinedLiterals("IF(A1=\"x\",\"T\"&UNICHAR(7888)&\"I\",\"no\")"), "TỐI\n");
  EXPECT_EQ(JoinedLiterals("\"a\"\"b\"&CHAR(99)"), "a\"bc\n");
  EXPECT_EQ(JoinedLiterals("\"open&\"&A1&\"x\""), "");
  EXPECT_EQ(JoinedLiterals("\"never closed & "), "");
  EXPECT_EQ(JoinedLiterals("UNICHAR(99999999999)&\"x\""), "");
  EXPECT_EQ(JoinedLiterals("CONCATENATE(\"TOP\", CHAR(32);\"SECRET\")"), "TOP SECRET\n");
  EXPECT_EQ(JoinedLiterals("CONCAT(A1,\"x\",\"y\")"), "");
  EXPECT_EQ(JoinedLiterals("SUM(\"a\",\"b\")"), "");
  EXPECT_EQ(JoinedLiterals("\"x\"" + std::string(4U << 20, ' ') + "y"), "");
}

TEST(ToldByContent, WhatAFormulaReplacesIsRead) {
  EXPECT_EQ(JoinedLiterals("SUBSTITUTE(\"TxOP SxECRET\",\"x\",\"\")"), "TOP SECRET\n");
  EXPECT_EQ(JoinedLiterals("=SUBSTITUTE(SUBSTITUTE(\"T1P S2CRET\";\"1\";\"O\");\"2\";\"E\")&\"!\""),
            "TOP SECRET!\n");
  EXPECT_EQ(JoinedLiterals("SUBSTITUTE(A1,\"x\",\"y\")"), "");
  std::string deep;
  for (int i = 0; i < 5000; ++i) {
    deep += "SUBSTITUTE(";
  }
  EXPECT_EQ(JoinedLiterals(deep + "\"a\",\"b\",\"c\")"), "a\n");
  // What grows with each call is bounded.
  std::string big = "\"" + std::string(60'000, 'a') + "\"";
  EXPECT_LT(JoinedLiterals("SUBSTITUTE(" + big + ",\"a\"," + big + ")").size(), 200'000U);
}

TEST(ToldByContent, WhatAFieldWouldShowIsRead) {
  EXPECT_EQ(WordsOfField(" QUOTE 84 7888 73 32 77 7852 84 "), "TỐI MẬT\n");
  EXPECT_EQ(WordsOfField("QUOTE \"84 73 is no letter\""), "84 73 is no letter\n");
  EXPECT_EQ(WordsOfField("SYMBOL 7888 \\u \\f Arial"), "Ố");
  EXPECT_EQ(WordsOfField("SYMBOL 252 \\f Wingdings"), "");
  EXPECT_EQ(WordsOfField("QUOTE \"never closed"), "");
  std::string rtf = "{\\rtf1 ";
  for (const char* code : {"84", "7888", "73", "32", "77", "7852", "84"}) {
    rtf += "{\\field{\\*\\fldinst SYMBOL " + std::string(code) + " \\\\u}}";
  }
  EXPECT_TRUE(Reads("a.rtf", rtf + "}"));
}

TEST(ToldByContent, AFormulaInATableOfTextIsComputed) {
  EXPECT_TRUE(Reads("a.csv", "a,b\n\"=\"\"TỐI\"\"&\"\" MẬT\"\"\",1\n"));
}

TEST(ToldByContent, WordsBehindTheFirstLettersOfABitmapAreRead) {
  const std::string head("BM\0\0\0\0\0\0\0\0\0\0\x28\0\0\0", 16);
  EXPECT_TRUE(Reads("a.log", head + "the paper is TỐI MẬT"));
  EXPECT_TRUE(Reads("a.csv", head + ",a\nthe paper is TỐI MẬT,b\n"));
}

TEST(ToldByContent, PicturesOfRtfAreLeaves) {
  // A metafile of Windows with the words as UTF-16, and a PNG with them in a comment.
  const std::string metafile = std::string(40, '\1') + " EMF" + std::string(60, '\0') + Utf16("T") +
                               "\xd0\x1e" + Utf16("I M") + "\xac\x1e" + Utf16("T") +
                               std::string(60, '\0');
  std::string hex;
  for (const char c : metafile) {
    constexpr char kDigits[] = "0123456789abcdef";
    hex += {kDigits[static_cast<unsigned char>(c) >> 4], kDigits[c & 15]};
  }
  EXPECT_TRUE(Reads("a.rtf", "{\\rtf1 a{\\pict{\\*\\picprop}\\emfblip\n" + hex + "}}"));
  const std::string bin = "\\bin" + std::to_string(metafile.size()) + " " + metafile;
  EXPECT_TRUE(Reads("a.rtf", "{\\rtf1 a{\\pict\\emfblip" + bin + "}}"));
  const Opened leaves =
      OpenBytes("a.rtf", "{\\rtf1 a{\\pict\\pngblip 89504e470d0a1a0a00}b}", Limits());
  EXPECT_NE(TextOf(leaves, "attachment").find("ab"), std::string::npos);
  EXPECT_TRUE(leaves.unscannable.empty());
}

TEST(ToldByContent, ADiagramThatIsPackedInItsXmlIsRead) {
  // draw.io: percent signs, raw DEFLATE, base64.
  const std::string packed =
      "UzV2zq1wL0osyPDNT0nNUTV2VTV2LsrPL4GwciucU3NyVI0MMlNUjV1UjYwMgRjI"
      "LUvMKU2FiISouhqqOjmpWhp4AiV8wTxHVUfnEKjK1KKS1AqEZn2IwfoIO/TRHAAA";
  for (const char* name : {"plan.drawio", "plan.xml"}) {
    EXPECT_TRUE(
        Reads(name, "<mxfile host=\"a\"><diagram id=\"b\">" + packed + "</diagram></mxfile>\n"))
        << name;
  }
}

TEST(ToldByContent, NeitherATailNorOtherCaseHidesWhatIsPacked) {
  const std::string text = " %3cdiagram%3e the paper is T%e1%bb%90I M%e1%ba%acT %3c/diagram%3e";
  const std::string packed = Base64(StoredDeflate(text) + std::string(3, '\0'));
  EXPECT_TRUE(Reads("plan.drawio", "<mxfile><diagram>" + packed + "</diagram></mxfile>\n"));
}

TEST(ToldByContent, AFlashFilmIsUnpacked) {
  const std::string film = "TỐI MẬT, a paper for nobody";
  EXPECT_TRUE(
      Reads("a.swf", std::string("CWS\6\0\1\0\0\x78\x9c", 10) + StoredDeflate(film) + "sums"));
}

TEST(ToldByContent, WhatWasFilledIntoAFormIsRead) {
  EXPECT_TRUE(Reads("a.fdf",
                    "%FDF-1.2\n1 0 obj<</FDF<</Fields[<</T(a)/V<FEFF00541ED0004900200"
                    "04D1EAC0054>>>]>>>>endobj trailer<</Root 1 0 R>>\n%%EOF\n"));
  EXPECT_TRUE(HasUnscannable(OpenBytes("a.fdf", "%FDF-1.2\nnothing of the kind", Limits()),
                             Reason::kDamaged));
}

TEST(ToldByContent, LettersOfADxfDrawingAreRead) {
  EXPECT_TRUE(Reads("a.dxf", "  0\nTEXT\n  1\nT\\U+1ED0I M\\U+1EACT\n"));
}

TEST(ToldByContent, AMailboxBehindBlankLinesAndAMessageOfAppleMailAreMessages) {
  const std::string mail =
      "From: a@example.vn\nSubject: x\nMIME-Version: 1.0\n"
      "Content-Transfer-Encoding: base64\n\nVOG7kEkgTeG6rFQ=\n";
  EXPECT_TRUE(Reads("a.mbox", "\n\nFrom a@example.vn Mon Nov 23 10:00:00 2026\n" + mail));
  const Opened apple =
      OpenBytes("a.emlx", "123\n" + mail + "<?xml version=\"1.0\"?>\n<plist/>\n", Limits());
  EXPECT_EQ(apple.leaves.front().type, Type::kMessage);
}

TEST(ToldByContent, DisksAndMailFoldersThatNothingOpensAreUnknownContainers) {
  std::string disk(1024, '\0');
  disk.replace(446, 12, std::string("\x80\0\1\0\x83\0\0\0\0\x08\0\0", 12));
  disk.replace(510, 2, "\x55\xaa");
  std::string apple(1024, '\0');
  apple.replace(32, 4, "NXSB");
  std::string bridge(0x9801, '\0');
  bridge.replace(0x8001, 5, "CD001");
  bridge.replace(0x9001, 5, "NSR02");
  for (const std::string& bytes : {disk, apple, bridge, "!BDN" + std::string(600, '\0')}) {
    EXPECT_TRUE(Fact(OpenBytes("a.bin", bytes, Limits()), "container.unknown"));
  }
  EXPECT_FALSE(Fact(
      OpenBytes("a.bin", std::string(510, '\0') + "\x55\xaa" + std::string(90, '\0'), Limits()),
      "container.unknown"));
}

}  // namespace
}  // namespace gatepost::decode
