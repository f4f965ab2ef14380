// What is of no known kind is read for its words, and said to be unread where it cannot be.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "src/decode/office97.h"
#include "src/decode/readable.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

// As good as random, and the same each time.
std::string Noise(size_t size) {
  std::string out;
  uint64_t state = 0x9e3779b97f4a7c15;
  while (out.size() < size) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    out.push_back(static_cast<char>(state >> 32));
  }
  return out;
}

std::string Wide(const std::string& ascii) {
  std::string out;
  for (const char c : ascii) {
    out.push_back(c);
    out.push_back('\0');
  }
  return out;
}

std::string Record(uint16_t id, const std::string& data) {
  std::string out;
  for (const size_t number : {size_t{id}, data.size()}) {
    out.push_back(static_cast<char>(number & 0xff));
    out.push_back(static_cast<char>(number >> 8));
  }
  return out + data;
}

TEST(Unknown, NoiseIsToldFromTextTablesAndShortBytes) {
  EXPECT_TRUE(IsNoise(Noise(512)));
  EXPECT_TRUE(IsNoise(Noise(100'000)));
  EXPECT_TRUE(IsNoise(std::string(3000, '\0') + Noise(100'000)));
  EXPECT_FALSE(IsNoise(Noise(500)));
  EXPECT_FALSE(IsNoise(std::string(100'000, 'a')));
  EXPECT_FALSE(IsNoise(std::string(100'000, '\0') + Noise(50'000)));
  std::string text;
  std::string table;
  for (int i = 0; i < 20'000; ++i) {
    text += "Công văn số " + std::to_string(i) + " về việc họp; ";
    table.push_back(static_cast<char>(i & 0xff));
    table.push_back(static_cast<char>(i >> 8));
  }
  EXPECT_FALSE(IsNoise(text));
  EXPECT_FALSE(IsNoise(table));
}

TEST(Unknown, BytesThatNothingOpensAreUnreadAndNoContainerForSure) {
  for (const char* name : {"a.bin", "a", "a.jpg", "a.dwg"}) {
    const Opened leaves = OpenBytes(name, "\x01\x02" + Noise(5000), Limits());
    EXPECT_TRUE(HasUnscannable(leaves, Reason::kUnknownType)) << name;
    EXPECT_FALSE(Fact(leaves, "container.unknown")) << name;
  }
  const Opened text = OpenBytes("a.txt", Noise(5000), Limits());
  EXPECT_TRUE(HasUnscannable(text, Reason::kUnknownType));
}

TEST(Unknown, WhatItsNamePromisesAndItIsNotIsDamaged) {
  for (const char* name : {"a.zip", "a.RAR", "a.docx", "a.pdf", "a.xls"}) {
    const Opened leaves = OpenBytes(name, std::string("\x01\x02\0\0", 4) + Noise(300), Limits());
    EXPECT_TRUE(HasUnscannable(leaves, Reason::kDamaged)) << name;
  }
  const Opened owner = OpenBytes("~$plan.docx",
                                 std::string("\x05"
                                             "Admin") +
                                     std::string(156, '\0'),
                                 Limits());
  EXPECT_TRUE(owner.unscannable.empty());
}

TEST(Unknown, ContainersThatAreOnlyNamedSoAreUnknownContainers) {
  for (const char* name : {"a.sit", "a.zpaq", "a.arc", "old.ace"}) {
    const Opened leaves = OpenBytes(name, std::string("\x01\x02\0\0", 4) + Noise(300), Limits());
    EXPECT_TRUE(HasUnscannable(leaves, Reason::kUnknownType)) << name;
    EXPECT_TRUE(Fact(leaves, "container.unknown")) << name;
  }
}

TEST(Unknown, SoundFilmPicturesAndFontsAreReadForWordsAndNotForNoise) {
  for (const std::string& head :
       {std::string("ID3\x03"), std::string("OggS"),
        std::string("\0\0\0\x20"
                    "ftypisom",
                    12),
        std::string("RIFF\0\0\0\0AVI ", 12), std::string("\xff\xfb\x90\x64"), std::string("wOF2"),
        std::string("P6\n9 9\n255\n")}) {
    const std::string words = std::string(2, '\0') + Wide("TOP SECRET") + std::string(2, '\0');
    const Opened leaves = OpenBytes("a.bin", head + Noise(5000) + words, Limits());
    EXPECT_TRUE(leaves.unscannable.empty()) << head;
    const bool raster = head[0] == 'P';
    EXPECT_EQ(Everything(leaves).find("TOP SECRET") == std::string::npos, raster) << head;
  }
}

TEST(Unknown, WordsBetweenOtherBytesAreFound) {
  const std::string hay = Noise(3000);
  const auto read = [&](const std::string& needle) {
    return ReadableStretches(hay + std::string("\0\0", 2) + needle + std::string("\0\0", 2) + hay,
                             1'000'000);
  };
  EXPECT_NE(read("TỐI MẬT").find("TỐI MẬT"), std::string::npos);
  EXPECT_NE(read("TOP SECRET").find("TOP SECRET"), std::string::npos);
  EXPECT_NE(read(Wide("TOP SECRET")).find("TOP SECRET"), std::string::npos);
  EXPECT_NE(read("\x01" + Wide("TOP SECRET")).find("TOP SECRET"), std::string::npos);
  // TCVN3, as windows-1252 shows it: text/ makes Vietnamese of it.
  EXPECT_NE(read("C\xe9ng h\xdf"
                 "a x\xb7 h\xe9i ch\xf1 ngh\xdc"
                 "a")
                .find("Céng hßa x· héi chñ nghÜa"),
            std::string::npos);
}

TEST(Unknown, NoiseShowsHardlyAWordByChance) {
  const std::string found = ReadableStretches(Noise(1'000'000), 1'000'000);
  EXPECT_LT(found.size(), 200U) << found;
}

TEST(Unknown, WordsAreCutAtTheLimitBetweenLines) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) {
    bytes += "Tuyệt mật" + std::string("\0\x01", 2);
  }
  const std::string found = ReadableStretches(bytes, 50);
  EXPECT_LE(found.size(), 50U);
  EXPECT_EQ(found.substr(0, 14), "Tuyệt mật\n");
}

TEST(Unknown, WordsOfAFileOfNoKnownKindAreItsText) {
  const Opened leaves = OpenBytes(
      "plan.mdb",
      std::string("\0\x01\0\0", 4) + Noise(600) + std::string(1, '\0') + Wide("TUYET MAT 2026"),
      Limits());
  EXPECT_NE(Everything(leaves).find("TUYET MAT 2026"), std::string::npos);
}

TEST(Unknown, CompoundFilesOfOtherProgramsAreReadForTheirWords) {
  const std::string words(300, '\0');
  const Opened publication =
      OpenBytes("a.pub", MakeCfb({{"CONTENTS", words + Wide("TUYET MAT 2026") + words}}), Limits());
  EXPECT_NE(Everything(publication).find("TUYET MAT 2026"), std::string::npos);
  EXPECT_TRUE(publication.unscannable.empty());
  const Opened drawing =
      OpenBytes("a.vsd", MakeCfb({{"VisioDocument", Wide("TUYET MAT 2026") + words}}), Limits());
  EXPECT_NE(Everything(drawing).find("TUYET MAT 2026"), std::string::npos);
  EXPECT_TRUE(Fact(drawing, "container.unknown"));
  const Opened packed = OpenBytes("a.hwp", MakeCfb({{"Section0", Noise(5000)}}), Limits());
  EXPECT_TRUE(HasUnscannable(packed, Reason::kUnknownType));
  // Packed by deflate, it is unpacked first.
  const std::string text = words + Wide("TUYET MAT 2026") + words;
  const Opened hangul = OpenBytes("a.hwp", MakeCfb({{"Section0", StoredDeflate(text)}}), Limits());
  EXPECT_NE(Everything(hangul).find("TUYET MAT 2026"), std::string::npos);
  EXPECT_TRUE(HasLeaf(hangul, "a.hwp/Section0"));
  const Opened thumbs = OpenBytes(
      "Thumbs.db", MakeCfb({{"Catalog", words}, {"1", "\xff\xd8\xff" + Noise(5000)}}), Limits());
  EXPECT_FALSE(HasUnscannable(thumbs, Reason::kUnknownType));
}

TEST(Unknown, DrawingsAndDatabasesGiveTheirWordsAndAreNoContainers) {
  for (const std::string head : {"AC1015", "SQLite format 3"}) {
    const Opened leaves = OpenBytes(
        "a.dwg", head + Noise(9000) + std::string(2, '\0') + "TỐI MẬT" + std::string(2, '\0'),
        Limits());
    EXPECT_NE(Everything(leaves).find("TỐI MẬT"), std::string::npos) << head;
    EXPECT_TRUE(leaves.unscannable.empty()) << head;
  }
}

TEST(Unknown, ContainersThatNothingOpensAreReadForTheirWords) {
  const std::string disk = "conectix" + std::string(600, '\0') + Wide("TUYET MAT 2026");
  EXPECT_NE(Everything(OpenBytes("a.vhd", disk, Limits())).find("TUYET MAT 2026"),
            std::string::npos);
  const std::string notes = std::string("\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d") +
                            std::string(60, '\0') + Wide("TUYET MAT 2026");
  EXPECT_NE(Everything(OpenBytes("a.one", notes, Limits())).find("TUYET MAT 2026"),
            std::string::npos);
}

TEST(Unknown, ASheetWithoutACompoundFileIsRead) {
  const std::string bof8 = Record(0x0809, std::string("\0\x06\x05\0\0\0\0\0\0\0\0\0\0\0\0\0", 16));
  const std::string label8 = Record(0x0204, std::string("\0\0\0\0\0\0\x07\0\0", 9) + "TOI MAT");
  EXPECT_NE(Everything(OpenBytes("a.bin", bof8 + label8, Limits())).find("TOI MAT"),
            std::string::npos);
  for (const uint16_t version : {uint16_t{0x0209}, uint16_t{0x0409}}) {
    const std::string sheet = Record(version, std::string("\0\0\x10\0\0\0", 6)) +
                              Record(0x0204, std::string("\0\0\0\0\0\0\x07\0", 8) + "TOI MAT");
    EXPECT_NE(Everything(OpenBytes("a.xls", sheet, Limits())).find("TOI MAT"), std::string::npos);
  }
  const std::string oldest = Record(0x0009, std::string("\x02\0\x10\0", 4)) +
                             Record(0x0004, std::string("\0\0\0\0\0\0\0\x07", 8) + "TOI MAT");
  EXPECT_NE(Everything(OpenBytes("a.xls", oldest, Limits())).find("TOI MAT"), std::string::npos);
  const std::string macros = Record(0x0409, std::string("\0\0\x40\0\0\0", 6));
  EXPECT_TRUE(Fact(OpenBytes("a.xls", macros + label8, Limits()), "document.macros"));
}

TEST(Unknown, AMessageWithABodyOfBytesIsAMessage) {
  const std::string body =
      "From: a@example.vn\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/zip\r\n"
      "Content-Transfer-Encoding: binary\r\n\r\n" +
      std::string("\0\x01\x02\x03", 4) + Noise(300) +
      "\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nVOG7kEkgTeG6rFQ=\r\n--b--\r\n";
  for (const char* name : {"a.eml", "a.dat", "a"}) {
    EXPECT_NE(Everything(OpenBytes(name, body, Limits())).find("TỐI MẬT"), std::string::npos)
        << name;
  }
  const std::string bare =
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Transfer-Encoding: "
      "base64\n\nVOG7kEkgTeG6rFQ=\n--b--\n";
  EXPECT_NE(Everything(OpenBytes("a.dat", bare, Limits())).find("TỐI MẬT"), std::string::npos);
}

TEST(Unknown, APageWithANulInItIsAPage) {
  const Opened leaves = OpenBytes(
      "a.bin", std::string("<html>\0<body>", 13) + "TỐI<b></b> MẬT and other words</body></html>",
      Limits());
  bool page = false;
  for (const Leaf& leaf : leaves.leaves) {
    page = page || leaf.type == Type::kHtml;
  }
  EXPECT_TRUE(page);
}

}  // namespace
}  // namespace gatepost::decode
