// Legacy Office: text of doc, xls, ppt; what is encrypted says so.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/ole.h"

#include <gtest/gtest.h>

#include "src/base/utf8.h"
#include "src/decode/office97.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

void Put(std::string* bytes, size_t at, const std::string& value) {
  bytes->replace(at, value.size(), value);
}

// A Word 97 file of two pieces: 8-bit at 1024, UTF-16 at 2048.
std::string MakeDoc(const std::string& narrow, const std::string& wide, uint64_t flags = 0x0200) {
  std::string word(4096, '\0');
  Put(&word, 0, Le(0xa5ec, 2) + Le(0xc1, 2));
  Put(&word, 0x0a, Le(flags, 2));
  const uint64_t chars = narrow.size() + wide.size() / 2;
  Put(&word, 0x4c, Le(chars, 4));
  Put(&word, 1024, narrow);
  Put(&word, 2048, wide);
  const std::string pieces = Le(0, 4) + Le(narrow.size(), 4) + Le(chars, 4) + Le(0, 2) +
                             Le(0x40000000U | 2048U, 4) + Le(0, 2) + Le(0, 2) + Le(2048, 4) +
                             Le(0, 2);
  const std::string clx = "\x02" + Le(pieces.size(), 4) + pieces;
  Put(&word, 0x01a2, Le(0, 4) + Le(clx.size(), 4));
  return MakeCfb({{"WordDocument", word}, {"1Table", clx}});
}

TEST(Doc, PiecesOfBothWidthsAreJoined) {
  const Opened leaves =
      OpenBytes("a.doc", MakeDoc("Hello \r", std::string("M\0\xac\x1eT\0\r\0", 8)), Limits());
  EXPECT_EQ(leaves.leaves[0].type, Type::kOle);
  EXPECT_EQ(TextOf(leaves, "attachment"), "Hello \nMẬT\n");
  EXPECT_NE(TextOf(leaves, "ole").find("WordDocument\n"), std::string::npos);
}

TEST(Doc, TableCellsAreLinesAndARow) {
  const Opened leaves = OpenBytes("a.doc",
                                  MakeDoc("one\x07two\x07\x07"
                                          "after\r",
                                          Utf16("x\r")),
                                  Limits());
  EXPECT_EQ(TextOf(leaves, "attachment"), "one\ntwo\none | two\nafter\nx\n");
}

TEST(Doc, TheEncryptedFlagIsBelieved) {
  const Opened leaves = OpenBytes("a.doc", MakeDoc("noise", Utf16("noise"), 0x0300), Limits());
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kEncrypted));
  EXPECT_TRUE(Fact(leaves, "document.encrypted"));
  EXPECT_EQ(TextOf(leaves, "attachment"), "");
}

TEST(Ooxml, AnEncryptedPackageIsUnscannable) {
  const Opened leaves =
      OpenBytes("a.docx", MakeCfb({{"EncryptionInfo", "x"}, {"EncryptedPackage", "y"}}), Limits());
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kEncrypted));
  EXPECT_TRUE(Fact(leaves, "document.encrypted"));
}

std::string Record(uint64_t id, const std::string& data) {
  return Le(id, 2) + Le(data.size(), 2) + data;
}

const std::string kBof = Record(0x809, Le(0x600, 2) + Le(5, 2) + Le(0, 4));

TEST(Xls, SharedStringsRunOnIntoContinueRecords) {
  // "secret" is cut after "sec"; the rest goes on in UTF-16.
  const std::string workbook =
      kBof + Record(0xfc, Le(1, 4) + Le(1, 4) + Le(6, 2) + Le(0, 1) + "sec") +
      Record(0x3c, Le(1, 1) + Utf16("ret")) + Record(0xfd, Le(4, 2) + Le(0, 4) + Le(0, 4)) +
      Record(0x204, Le(4, 2) + Le(1, 2) + Le(0, 2) + Le(3, 2) + Le(0, 1) + "too");
  EXPECT_EQ(ReadXls(workbook, 1000).body, "secret\nsecret | too\nsecret\ntoo\n");
}

// Found by fuzzing: what a cell repeats of a long string ended in half a letter.
TEST(Xls, NoLetterOfALongStringIsCut) {
  std::string wide;
  for (int i = 0; i < 700; ++i) {
    wide += Le(0x1ead, 2);
  }
  const std::string workbook = kBof +
                               Record(0xfc, Le(1, 4) + Le(1, 4) + Le(700, 2) + Le(1, 1) + wide) +
                               Record(0xfd, Le(4, 2) + Le(0, 4) + Le(0, 4));
  EXPECT_TRUE(IsUtf8(ReadXls(workbook, 100'000).body));
}

TEST(Xls, SheetNamesMarginsMacrosAndEncryptionAreSeen) {
  const LegacyText text =
      ReadXls(kBof + Record(0x85, Le(0, 4) + "\x02\x01" + Le(4, 1) + Le(0, 1) + "Plan") +
                  Record(0x14, Le(3, 2) + Le(0, 1) + "TOP"),
              1000);
  EXPECT_EQ(text.body, "Plan\n");
  EXPECT_EQ(text.margin, "TOP\n");
  EXPECT_TRUE(text.macros);
  EXPECT_TRUE(ReadXls(kBof + Record(0x2f, Le(1, 2)), 1000).encrypted);
}

std::string PptRecord(uint64_t version, uint64_t type, const std::string& data) {
  return Le(version, 2) + Le(type, 2) + Le(data.size(), 4) + data;
}

TEST(Ppt, TextAtomsAreReadInsideContainers) {
  const std::string atoms = Le(0, 2) + Le(0xfa8, 2) + Le(5, 4) + "one\rx" + Le(0, 2) +
                            Le(0xfa0, 2) + Le(6, 4) + Utf16("two");
  const std::string document = Le(0x0f, 2) + Le(0x3e8, 2) + Le(atoms.size(), 4) + atoms;
  EXPECT_EQ(ReadPpt(document, {}, 1000).body, "one\nx\ntwo\n");
}

TEST(Ppt, CommentsStandInABlobOfRecordsAndJunkInOneShiftsNothing) {
  const std::string comment = PptRecord(0, 0x0fba, Utf16("secret"));
  const std::string junk = std::string("\x01\x02\x03\xff\xff\xff\xff\xff\xff\xff\xff", 11);
  const std::string after = PptRecord(0, 0x0fa8, "after");
  EXPECT_EQ(ReadPpt(PptRecord(0, 0x138b, PptRecord(15, 0x2ee0, comment)) + after, {}, 1000).body,
            "secret\nafter\n");
  EXPECT_EQ(ReadPpt(PptRecord(0, 0x138b, junk) + after, {}, 1000).body, "after\n");
}

TEST(Ppt, OnlyAProjectThatIsThereIsAMacro) {
  const std::string none(12, '\0');
  std::string some = none;
  some[4] = 1;
  EXPECT_FALSE(ReadPpt(PptRecord(15, 0x03ff, PptRecord(2, 0x0400, none)), {}, 1000).macros);
  EXPECT_TRUE(ReadPpt(PptRecord(15, 0x03ff, PptRecord(2, 0x0400, some)), {}, 1000).macros);
}

TEST(Ppt, ARecordThatSaysToBeLongHidesNothingThatPowerPointGoesTo) {
  const std::string slide = PptRecord(15, 0x3ee, PptRecord(0, 0x0fa8, "secret"));
  // An object that nobody uses, then the slide, the directory of objects and the edit, all in its
  // length.
  std::string behind = slide;
  const uint32_t slide_at = 8;
  const uint32_t directory_at = slide_at + static_cast<uint32_t>(behind.size());
  behind += PptRecord(0, 0x1772, Le(1U << 20 | 1, 4) + Le(slide_at, 4));
  const uint32_t edit_at = slide_at + static_cast<uint32_t>(behind.size());
  behind += PptRecord(0, 0x0ff5, Le(0, 4) + Le(0, 4) + Le(0, 4) + Le(directory_at, 4) + Le(0, 12));
  const std::string document = PptRecord(0, 0x0bad, behind);
  const std::string user =
      Le(0, 2) + Le(0x0ff6, 2) + Le(0x14, 4) + Le(0x14, 4) + Le(0xe391c05f, 4) + Le(edit_at, 4);
  EXPECT_EQ(ReadPpt(document, {}, 1000).body, "");
  EXPECT_EQ(ReadPpt(document, user, 1000).body, "secret\n");
}

TEST(Ppt, MoreObjectsThanAnyPresentationHasAreNamed) {
  std::string entries;
  for (uint32_t i = 0; i < 60'000; ++i) {
    entries += Le(1U << 20 | i, 4) + Le(0, 4);
  }
  const std::string directory = PptRecord(0, 0x1772, entries);
  const std::string document = directory + PptRecord(0, 0x0ff5, Le(0, 12) + Le(0, 4) + Le(0, 12));
  const std::string user = std::string(16, '\0') + Le(directory.size(), 4);
  EXPECT_TRUE(ReadPpt(document, user, 1000).cut);
}

TEST(Ppt, ALockIsSeenThoughItIsCalledAContainer) {
  const LegacyText text =
      ReadPpt(PptRecord(15, 0x2f14, std::string(40, '\xff')) + PptRecord(0, 0x0fa8, "x"), {}, 1000);
  EXPECT_TRUE(text.encrypted);
  EXPECT_EQ(text.body, "x\n");
}

TEST(Ole, PackagesAreLeavesUnderTheirName) {
  const std::string package = Le(2, 2) + std::string("run.exe\0c:\\x\0", 13) + Le(0, 8) +
                              std::string("t\0", 2) + Le(4, 4) + "MZ!!";
  const Opened leaves =
      OpenBytes("a.doc", MakeCfb({{"\x01Ole10Native", Le(package.size(), 4) + package}}), Limits());
  EXPECT_TRUE(HasLeaf(leaves, "a.doc/run.exe"));
  EXPECT_TRUE(Fact(leaves, "executable.attached"));
}

TEST(Ole, AStreamThatCannotBeOpenedIsDamage) {
  std::string file = MakeCfb({{"WordDocument", std::string(5000, 'x')}, {"1Table", "y"}});
  const size_t size = file.find(Le(5120, 8));
  ASSERT_NE(size, std::string::npos);
  file.replace(size, 4, Le(0x100000, 4));
  EXPECT_TRUE(HasUnscannable(OpenBytes("a.doc", file, Limits()), Reason::kDamaged));
  EXPECT_FALSE(ReadOle(MakeCfb({{"a", "b"}}), 10'000).damaged);
}

TEST(Ole, ADamagedCompoundFileIsDamaged) {
  EXPECT_TRUE(
      HasUnscannable(OpenBytes("a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more", Limits()),
                     Reason::kDamaged));
}

// Streams of Word 97: `text` of 8 bits in one piece, behind a header of 1 KiB.
LegacyText ReadDocOf(const std::string& text) {
  constexpr size_t kText = 1024;
  std::string word(kText, '\0');
  Put(&word, 0, Le(0xa5ec, 2) + Le(0xc1, 2));
  Put(&word, 0x4c, Le(text.size(), 4));
  const std::string pieces =
      Le(0, 4) + Le(text.size(), 4) + Le(0, 2) + Le(0x40000000U | 2 * kText, 4) + Le(0, 2);
  const std::string clx = "\x02" + Le(pieces.size(), 4) + pieces;
  Put(&word, 0x01a2, Le(0, 4) + Le(clx.size(), 4));
  return ReadDoc(word + text, clx, clx, 32U << 20);
}

TEST(Doc, MarksOfCellsBehindALongLineCostNoMoreThanTheirNumber) {
  std::string text(4U << 20, 'a');
  text += std::string(1U << 20, '\7');  // at the length of the line each, four terabytes are moved
  const LegacyText read = ReadDocOf(text + "TOP SECRET\r");
  EXPECT_NE(read.body.find("TOP SECRET\n"), std::string::npos);
}

TEST(Doc, ACellOfSeveralLinesIsJoinedByItsLast) {
  EXPECT_EQ(ReadDocOf("one\rtwo\7three\7\7four\7five\7\7").body,
            "one\ntwo\nthree\ntwo | three\nfour\nfive\nfour | five\n");
}

}  // namespace
}  // namespace gatepost::decode
