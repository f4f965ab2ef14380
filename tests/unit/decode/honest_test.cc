// Files of honest programs that look like tricks: read, and neither refused nor held for it.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/unit/decode/make.h"
#include "tests/unit/decode/make_pdf.h"

namespace gatepost::decode {
namespace {

bool IsRefused(const Leaves& leaves) {
  return std::any_of(leaves.defects.begin(), leaves.defects.end(),
                     [](const auto& defect) { return defect.grade == mail::Grade::kC; });
}

std::string PgpPacket(char tag, const std::string& body) {
  return std::string(1, static_cast<char>(0xC0 | tag)) + '\xff' +
         std::string{'\0', '\0', static_cast<char>(body.size() >> 8),
                     static_cast<char>(body.size() & 0xff)} +
         body;
}

// RFC 9580: a file, and the same with a signature around it.
std::string PgpFile(const std::string& name, const std::string& data) {
  return PgpPacket(11, "b" + std::string(1, static_cast<char>(name.size())) + name +
                           std::string(4, '\0') + data);
}
std::string SignedFile(const std::string& name, const std::string& data) {
  return PgpPacket(4, std::string(13, '\x01')) + PgpFile(name, data) +
         PgpPacket(2, std::string(70, '\x02'));
}
std::string PgpArmour(const std::string& packets) {
  return "-----BEGIN PGP MESSAGE-----\n\n" + Base64(packets) +
         "\n=abcd\n-----END PGP MESSAGE-----\n";
}

TEST(Honest, WhatIsSignedOnlyIsReadAndNotCalledEncrypted) {
  const std::string words = "Báo cáo tổng kết năm, hai trang.";
  const std::string packets[] = {SignedFile("a.txt", words),
                                 "\xa3\x01" + StoredDeflate(SignedFile("a.txt", words)),
                                 "\xa3\x02\x78\x9c" + StoredDeflate(SignedFile("a.txt", words)),
                                 PgpPacket(8, std::string(1, '\0') + SignedFile("a.txt", words))};
  for (const std::string& one : packets) {
    const Opened binary = OpenBytes("a.gpg", one, Limits());
    EXPECT_TRUE(HasLeaf(binary, "a.gpg/a.txt"));
    EXPECT_TRUE(binary.unscannable.empty());
    const Opened text = OpenBytes("a.asc", PgpArmour(one), Limits());
    EXPECT_TRUE(HasLeaf(text, "a.asc/a.txt"));
    EXPECT_TRUE(AnyLeafContains(text, words));
    EXPECT_TRUE(text.unscannable.empty());
    EXPECT_FALSE(Fact(text, "message.encrypted"));
  }
}

TEST(Honest, PartsOfAPacketAreOneFile) {
  // Two parts of four bytes, the last of three.
  const std::string body = "b" + std::string(5, '\0') + "MAT";
  const std::string parts =
      "\xcb\xe2" + body.substr(0, 4) + "\xe2" + body.substr(4, 4) + "\x01" + body.substr(8);
  EXPECT_TRUE(AnyLeafContains(OpenBytes("a.asc", PgpArmour(parts), Limits()), "MAT"));
}

TEST(Encrypted, WhatIsNotSignedOnlyStaysEncrypted) {
  const std::string words = "the words";
  for (const std::string& one :
       {PgpPacket(1, std::string(60, '\x99')),                             // a session key
        PgpFile("a.txt", words) + PgpPacket(18, std::string(60, '\x99')),  // and data behind a file
        PgpFile("a.txt", words).substr(0, 12),                             // cut
        PgpPacket(8, "\x09" + words),                                      // packed somehow
        PgpFile("a.txt", words) + PgpFile("b.txt", words)}) {              // two files
    EXPECT_TRUE(HasUnscannable(OpenBytes("a.asc", PgpArmour(one), Limits()), Reason::kEncrypted));
  }
  EXPECT_TRUE(HasUnscannable(
      OpenBytes("a.asc", PgpArmour(PgpFile("a", words)) + PgpArmour(PgpPacket(1, "key")), Limits()),
      Reason::kEncrypted));
}

TEST(Unknown, WordsBesideAFileOfOpenPgpAreRead) {
  const Opened leaves = OpenBytes(
      "a.bin",
      PgpFile("a", "x") + std::string("\x01\x02\x03") + "words behind the file" + "\x01\x02",
      Limits());
  EXPECT_NE(TextOf(leaves, "attachment").find("words behind the file"), std::string::npos);
}

TEST(Honest, ADatabaseThatHoldsADocumentIsReadAndNotRefused) {
  const std::string docx =
      MakeOoxml({{"word/document.xml",
                  "<w:document xmlns:w=\"w\"><w:body><w:p><w:r><w:t>MẬT</w:t></w:r></w:p></w:body>"
                  "</w:document>"}});
  const std::string data = std::string("SQLite format 3\0\x10\x00\x01\x01", 20) +
                           std::string(500, '\0') + docx + std::string(300, '\x01');
  const Opened database = OpenBytes("a.sqlite", data, Limits());
  EXPECT_FALSE(IsRefused(database));
  EXPECT_TRUE(HasDefect(database, mail::DefectId::kArchiveAppended));
  EXPECT_NE(Everything(database).find("MẬT"), std::string::npos);
  EXPECT_TRUE(IsRefused(OpenBytes("a.zip", data, Limits())));  // one program opens it as a zip
}

TEST(Honest, ACellWithABarAndAnExclamationMarkIsNoLinkToAProgram) {
  for (const char* cell : {"- Hỗ trợ 24/7 | Gọi ngay!", "@an cảm ơn | tuyệt vời!",
                           "+84 | gọi! ngay", "-a | b", "=A1&'x|y'"}) {
    EXPECT_FALSE(
        Fact(OpenBytes("a.csv", std::string("x,") + cell + "\n", Limits()), "document.dde"))
        << cell;
  }
  for (const char* cell :
       {"=cmd|' /C calc'!A0", "@SUM(1)*cmd|'/c calc'!''", "-2+cmd|'a b'!_xlbgnm.A1",
        "=MSEXCEL|topic!$A$1", "=cmd | '/c calc'!A0"}) {
    EXPECT_TRUE(Fact(OpenBytes("a.csv", std::string("x,") + cell + "\n", Limits()), "document.dde"))
        << cell;
  }
}

TEST(Honest, APieceOfASplitArchiveIsTruncatedAndNotRefused) {
  const std::string zip = MakeZip({{"a.txt", "the first words"}, {"b.txt", "the last words"}});
  for (const char* name : {"a.zip.00", "a.zip.partaa", "a.zip.001"}) {
    const Opened piece = OpenBytes(name, zip.substr(0, 60), Limits());
    EXPECT_TRUE(HasUnscannable(piece, Reason::kTruncated)) << name;
    EXPECT_FALSE(IsRefused(piece)) << name;
    EXPECT_TRUE(AnyLeafContains(piece, "the first words")) << name;
  }
  EXPECT_TRUE(IsRefused(OpenBytes("a.zip", zip.substr(0, 60), Limits())));
  // The name of a piece excuses that its end is missing, and nothing else.
  TestEntry lie{"evil.txt", "the words", true};
  lie.local_method = 0;
  EXPECT_TRUE(IsRefused(OpenBytes("a.zip.00", MakeZip({lie}), Limits())));
}

TEST(Honest, FramesThatDecodersSkipDamageNothing) {
  // "TỐI MẬT, hai bản\n", one block as it is (RFC 8878), behind a frame of words.
  const std::string words = "TỐI MẬT, hai bản\n";
  const auto size = static_cast<char>(words.size());
  const std::string packed = std::string("\x28\xb5\x2f\xfd\x20", 5) + size +
                             static_cast<char>(1 | (size << 3)) + std::string(2, '\0') + words;
  const std::string frame =
      std::string("\x53\x2a\x4d\x18\x1b\0\0\0the first words of a letter", 35);
  for (const std::string& before : {std::string(), frame, frame + frame}) {
    const Opened leaves = OpenBytes("a.zst", before + packed, Limits());
    EXPECT_TRUE(AnyLeafContains(leaves, words));
    EXPECT_TRUE(leaves.unscannable.empty());
    EXPECT_EQ(TextOf(leaves, "attachment").find("first words") != std::string::npos,
              !before.empty());
  }
  EXPECT_TRUE(HasUnscannable(OpenBytes("a.zst", frame + "none", Limits()), Reason::kDamaged));
}

TEST(Honest, MagicNumbersInDataAreNoGroundToRefuse) {
  const std::string data = std::string(200, '\x01') + std::string("Rar!\x1a\x07\0", 7) +
                           std::string(50, '\x02') + std::string("PK\3\4\0PK\5\6", 9) +
                           std::string(90, '\x03');
  EXPECT_FALSE(IsRefused(OpenBytes("mime.cache", data, Limits())));
}

TEST(Honest, ACatalogueOfTranslationsIsNoMessage) {
  const std::string mo = std::string("\xde\x12\x04\x95\0\0\0\0\1\0\0\0\x1c\0\0\0", 16) +
                         std::string(20, '\0') +
                         "Project-Id-Version: x\nMIME-Version: 1.0\nContent-Type: text/plain; "
                         "charset=UTF-8\nContent-Transfer-Encoding: 8bit\n" +
                         std::string(1, '\0');
  const Opened leaves = OpenBytes("a.mo", mo, Limits());
  EXPECT_EQ(leaves.leaves[0].type, Type::kBinary);
  EXPECT_TRUE(leaves.defects.empty());
}

TEST(Honest, AnEntryOfACalendarInHtmlIsNoFileOfThatName) {
  const Opened leaves = OpenBytes(
      "a.ics",
      "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nX-ALT-DESC;FMTTYPE=text/html:<p>the agenda</p>\r\n"
      "END:VEVENT\r\nEND:VCALENDAR\r\n",
      Limits());
  EXPECT_TRUE(AnyLeafContains(leaves, "the agenda"));
  for (const Leaf& leaf : leaves.leaves) {
    EXPECT_EQ(leaf.name.find(".html"), std::string::npos);
    for (const std::string& name : leaf.names) {
      EXPECT_EQ(name.find(".html"), std::string::npos);
    }
  }
}

TEST(Honest, AShortPageIsNoPictureOfOne) {
  const auto is_picture = [](const std::string& pdf) {
    return HasUnscannable(OpenBytes("a.pdf", pdf, Limits()), Reason::kImageOnly);
  };
  const std::string line = "BT /F 12 Tf 72 700 Td (Page 2) Tj ET";
  EXPECT_FALSE(is_picture(MakePdf("", "", {}, line)));
  EXPECT_FALSE(is_picture(MakePdf("", "", {}, "")));
  EXPECT_FALSE(is_picture(MakePdf("", "", {}, "q 1 0 0 1 0 0 cm BT /F 12 Tf 14.4 TL ET Q")));
  // Letters drawn as lines, a picture in line, one as a note.
  std::string outlines = line;
  for (int i = 0; i < 60; ++i) {
    outlines += " " + std::to_string(i * 7) + " 10 m 20 " + std::to_string(i * 3) + " l S";
  }
  EXPECT_TRUE(is_picture(MakePdf("", "", {}, outlines)));
  EXPECT_TRUE(is_picture(MakePdf("", "", {}, line + " BI /W 1 /H 1 /BPC 1 /CS /G ID x EI")));
  EXPECT_TRUE(is_picture(MakePdf("", "/Annots[<</Subtype/Stamp>>]", {}, line)));
  EXPECT_TRUE(is_picture(MakePdf("", "", {}, "0 0 100 100 re f")));
}

TEST(Honest, LinksOfAPdfFetchNothing) {
  const auto fetches = [](const std::string& action) {
    const Opened leaves =
        OpenBytes("a.pdf", MakePdf("/OpenAction<<" + action + ">>", "", {}), Limits());
    return Fact(leaves, "document.external");
  };
  EXPECT_FALSE(fetches("/S/GoToR/F(chapter2.pdf)/D[0/Fit]"));
  EXPECT_FALSE(fetches("/S/GoToR/F<</F(../chapter2.pdf)/UF(../chapter2.pdf)>>/D[0/Fit]"));
  EXPECT_FALSE(fetches("/S/SubmitForm/F<</FS/URL/F(https://forms.example/)>>"));
  EXPECT_TRUE(fetches("/S/GoToR/F(\\\\\\\\host\\\\share\\\\a.pdf)/D[0/Fit]"));
  EXPECT_TRUE(fetches("/S/GoToE/F<</F(//host/share/a.pdf)>>/D[0/Fit]"));
  EXPECT_TRUE(fetches("/S/GoToR/F<</UF(https://host.example/a.pdf)>>/D[0/Fit]"));
  EXPECT_TRUE(fetches("/S/ImportData/F(a.fdf)"));
}

}  // namespace
}  // namespace gatepost::decode
