// The zip vectors of the literature: what is hidden is found, what contradicts itself is named, and
// an honest zip is neither.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/zip.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "src/decode/inflate.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

using mail::DefectId;

constexpr char kEvil[] = "this is the payload that nobody should see";
constexpr char kGood[] = "all is well, says this harmless file";

Opened Open(const std::string& zip) { return OpenBytes("a.zip", zip, Limits()); }

TEST(Zip, AnHonestArchiveHasMembersAndNoDefects) {
  const std::string zip = MakeZip({{"a.txt", kGood}, {"dir/b.txt", kEvil, true}});
  const Opened leaves = Open(zip);
  EXPECT_TRUE(leaves.defects.empty());
  EXPECT_TRUE(leaves.unscannable.empty());
  ASSERT_EQ(leaves.leaves.size(), 3U);
  EXPECT_EQ(leaves.leaves[1].path, "a.zip/a.txt");
  EXPECT_EQ(leaves.leaves[2].path, "a.zip/dir/b.txt");
  EXPECT_EQ(leaves.leaves[2].bytes, kEvil);
  EXPECT_EQ(leaves.leaves[2].depth, 1);
}

TEST(Zip, AZipStoredInAZipIsNotConcatenation) {
  const std::string inner = MakeZip({{"b.txt", kEvil}});
  const Opened leaves = Open(MakeZip({{"inner.zip", inner}}));
  EXPECT_TRUE(leaves.defects.empty());
  EXPECT_TRUE(HasLeaf(leaves, "a.zip/inner.zip/b.txt"));
}

TEST(Zip, ConcatenatedArchivesAreBothRead) {
  const std::string good = MakeZip({{"good.txt", kGood}});
  const std::string evil = MakeZip({{"evil.txt", kEvil}});
  for (const std::string& both : {good + evil, evil + good}) {
    const Opened leaves = Open(both);
    EXPECT_TRUE(AnyLeafContains(leaves, kEvil));
    EXPECT_TRUE(AnyLeafContains(leaves, kGood));
    EXPECT_TRUE(HasDefect(leaves, DefectId::kZipConcatenated) ||
                HasDefect(leaves, DefectId::kZipHiddenEntry));
  }
}

TEST(Zip, ZombieEntriesAreReadAsTheyArePacked) {
  TestEntry zombie{"evil.txt", kEvil, true};
  zombie.method = 0;  // both headers say stored
  const Opened leaves = Open(MakeZip({zombie}));
  EXPECT_TRUE(HasDefect(leaves, DefectId::kZipMethodLie));
  EXPECT_TRUE(AnyLeafContains(leaves, kEvil));
}

TEST(Zip, AMethodThatDiffersInTheLocalHeaderIsReadBothWays) {
  TestEntry entry{"evil.txt", kEvil, true};
  entry.local_method = 0;
  const Opened leaves = Open(MakeZip({entry}));
  EXPECT_TRUE(HasDefect(leaves, DefectId::kZipHeadersDisagree));
  EXPECT_TRUE(AnyLeafContains(leaves, kEvil));
}

TEST(Zip, TwoNamesForOneEntryAreBothGiven) {
  TestEntry entry{"invoice.txt", kEvil};
  entry.local_name = "invoice.exe";
  const Opened leaves = Open(MakeZip({entry}));
  EXPECT_TRUE(HasDefect(leaves, DefectId::kZipHeadersDisagree));
  ASSERT_EQ(leaves.leaves.size(), 2U);
  EXPECT_EQ(leaves.leaves[1].names.size(), 2U);
  EXPECT_TRUE(Fact(leaves, "executable.attached"));
}

TEST(Zip, AShortSizeInTheLocalHeaderHidesNothing) {
  TestEntry entry{"evil.txt", kEvil};
  entry.local_packed = 3;
  const Opened leaves = Open(MakeZip({entry}));
  EXPECT_TRUE(HasDefect(leaves, DefectId::kZipHeadersDisagree));
  EXPECT_TRUE(AnyLeafContains(leaves, kEvil));
}

TEST(Zip, AnEntryThatTheDirectoryDoesNotListIsFound) {
  TestEntry hidden{"evil.txt", kEvil};
  hidden.listed = false;
  const Opened leaves = Open(MakeZip({{"good.txt", kGood}, hidden, {"c.txt", kGood}}));
  EXPECT_TRUE(HasDefect(leaves, DefectId::kZipHiddenEntry));
  EXPECT_TRUE(AnyLeafContains(leaves, kEvil));
}

TEST(Zip, ACountOfZeroHidesNothing) {
  const Opened leaves = Open(MakeZip({{"evil.txt", kEvil}}, 0));
  EXPECT_TRUE(HasDefect(leaves, DefectId::kZipCountLie));
  EXPECT_TRUE(AnyLeafContains(leaves, kEvil));
}

TEST(Zip, WithoutADirectoryTheLocalHeadersSpeak) {
  std::string zip = MakeZip({{"evil.txt", kEvil, true}});
  zip.resize(zip.find("PK\x01\x02"));
  const Opened leaves = Open(zip);
  EXPECT_TRUE(HasDefect(leaves, DefectId::kZipNoDirectory));
  EXPECT_TRUE(AnyLeafContains(leaves, kEvil));
}

TEST(Zip, ADirectoryWithoutLocalHeadersIsOpened) {
  std::string zip = MakeZip({{"evil.txt", kEvil, true}});
  zip.replace(0, 2, "XX");
  const Opened leaves = Open(zip);
  EXPECT_TRUE(HasDefect(leaves, DefectId::kArchiveAppended));
  EXPECT_TRUE(AnyLeafContains(leaves, kEvil));
}

TEST(Zip, DuplicateNamesAreNamedAndBothRead) {
  const Opened leaves = Open(MakeZip({{"a.txt", kGood}, {"a.txt", kEvil}}));
  EXPECT_TRUE(HasDefect(leaves, DefectId::kZipDuplicateEntry));
  EXPECT_TRUE(AnyLeafContains(leaves, kGood));
  EXPECT_TRUE(AnyLeafContains(leaves, kEvil));
}

TEST(Zip, DataBehindTheEndIsNamed) {
  const Opened leaves = Open(MakeZip({{"a.txt", kGood}}) + "something else");
  EXPECT_TRUE(HasDefect(leaves, DefectId::kZipTrailingData));
  EXPECT_TRUE(AnyLeafContains(leaves, kGood));
}

TEST(Zip, EncryptedEntriesAreUnscannableAndTheOthersAreRead) {
  TestEntry secret{"secret.txt", "xxxxxxxxxxxxxxxx"};
  secret.flags = 1;
  secret.crc = 1;  // of the plain text, which is not what stands there
  const Opened leaves = Open(MakeZip({secret, {"b.txt", kGood}}));
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kEncrypted));
  EXPECT_TRUE(Fact(leaves, "archive.encrypted"));
  EXPECT_TRUE(HasLeaf(leaves, "a.zip/secret.txt"));
  EXPECT_TRUE(AnyLeafContains(leaves, kGood));
}

TEST(Zip, AFlagOrAMethodThatTheBytesBelieIsALieAndTheBytesAreRead) {
  TestEntry plain{"secret.txt", kEvil};
  plain.flags = 1;
  const Opened flagged = Open(MakeZip({plain}));
  EXPECT_TRUE(HasDefect(flagged, DefectId::kZipMethodLie));
  EXPECT_TRUE(AnyLeafContains(flagged, kEvil));
  TestEntry stored{"a.txt", kEvil};
  stored.method = 97;
  const Opened labelled = Open(MakeZip({stored}));
  EXPECT_TRUE(HasDefect(labelled, DefectId::kZipMethodLie));
  EXPECT_TRUE(AnyLeafContains(labelled, kEvil));
}

TEST(Zip, AnUnknownMethodIsUnscannable) {
  TestEntry entry{"a.txt", kGood};
  entry.method = 97;
  entry.crc = 1;
  EXPECT_TRUE(HasUnscannable(Open(MakeZip({entry})), Reason::kUnknownType));
}

// Kilobytes of address space this process ever had.
long PeakKilobytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmPeak:", 0) == 0) {
      return std::strtol(line.c_str() + 7, nullptr, 10);
    }
  }
  return 0;
}

TEST(Zip, ADictionaryOfFourGigabytesIsReadWithoutTakingThem) {
  // "hello " 2000 times by Python's zipfile, method 14; the dictionary's size is then ours.
  std::string text;
  for (int i = 0; i < 2000; ++i) {
    text += "hello ";
  }
  TestEntry entry{"a.txt", text};
  entry.method = 14;
  entry.packed = std::string(
      "\x09\x04\x05\x00\x5d\x00\x00\x80\x00\x00\x34\x19\x49\xee\x8d\xe9\x5f\xc1\xf0\xf7"
      "\x17\x44\x50\x85\x62\xc3\x08\x82\xdc\x61\x13\x60\x33\xe1\x91\xb5\x69\x53\x25\x1e"
      "\xba\x71\x4f\xab\xf1\x88\xdd\xb7\x8f\x73\x21\x06\x3e\x69\xbf\x0c\x06\xee\x1a\xec"
      "\xd3\xea\x7b\xff\xff\xd9\x3e\x00\x00",
      69);
  entry.packed.replace(5, 4, "\xff\xff\xff\xff");
  const long before = PeakKilobytes();
  const Opened leaves = Open(MakeZip({entry}));
  EXPECT_TRUE(AnyLeafContains(leaves, "hello hello"));
  EXPECT_FALSE(HasUnscannable(leaves, Reason::kDamaged));
  EXPECT_LT(PeakKilobytes() - before, 1 << 20);
}

TEST(Zip, AWrongChecksumIsNamedAndTheBytesAreKept) {
  TestEntry entry{"a.txt", kEvil};
  entry.crc = 1;
  const Opened leaves = Open(MakeZip({entry}));
  EXPECT_TRUE(HasDefect(leaves, DefectId::kZipChecksum));
  EXPECT_TRUE(AnyLeafContains(leaves, kEvil));
}

TEST(Zip, OverlappingEntriesAreNamed) {
  std::string zip = MakeZip({{"a.txt", kGood}, {"b.txt", kEvil}});
  // The second directory record points at the first header.
  const size_t second = zip.rfind("PK\x01\x02");
  zip.replace(second + 42, 4, Le(0, 4));
  const Opened leaves = Open(zip);
  EXPECT_TRUE(HasDefect(leaves, DefectId::kZipOverlap));
  EXPECT_TRUE(AnyLeafContains(leaves, kEvil));
}

TEST(Zip, NamesThatLeaveTheFolderAreNamed) {
  EXPECT_TRUE(HasDefect(Open(MakeZip({{"../../etc/passwd", kGood}})), DefectId::kUnsafeMemberName));
}

TEST(Zip, TooManyMembersStopAtTheLimitAndSaySo) {
  std::vector<TestEntry> entries;
  for (int i = 0; i < 50; ++i) {
    entries.push_back({"f" + std::to_string(i), "x"});
  }
  Limits limits;
  limits.archive_members = 20;
  const Opened leaves = OpenBytes("a.zip", MakeZip(entries), limits);
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kTooBig));
  EXPECT_LE(leaves.leaves.size(), 21U);
}

TEST(Zip, NestingBeyondTheLimitIsTooDeep) {
  std::string zip = MakeZip({{"x.txt", kEvil}});
  for (int i = 0; i < 9; ++i) {
    zip = MakeZip({{"n.zip", zip}});
  }
  const Opened leaves = Open(zip);
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kTooDeep));
}

TEST(Zip, ALeafLargerThanTheLimitIsTooBig) {
  Limits limits;
  limits.leaf_bytes = 1000;
  const Opened leaves =
      OpenBytes("a.zip", MakeZip({{"big", std::string(5000, 'x'), true}}), limits);
  EXPECT_TRUE(HasUnscannable(leaves, Reason::kTooBig));
}

TEST(Zip, AZipBehindAPictureIsOpened) {
  const std::string gif = std::string("GIF89a\x01\0\x01\0\0\0\0", 13) + ";";
  const Opened leaves = OpenBytes("a.gif", gif + MakeZip({{"evil.txt", kEvil}}), Limits());
  EXPECT_TRUE(HasDefect(leaves, DefectId::kArchiveAppended));
  EXPECT_TRUE(AnyLeafContains(leaves, kEvil));
  EXPECT_EQ(leaves.leaves[0].type, Type::kImage);
}

// Found by fuzzing: programs that repair begin at the first local header, wherever it stands.
TEST(Zip, WithoutADirectoryAndBehindJunkTheLocalHeadersSpeak) {
  std::string zip = MakeZip({{"evil.txt", kEvil}});
  zip = std::string(12, '\xf0') + zip.substr(0, zip.find("PK\x01\x02"));
  const Opened leaves = OpenBytes("a.zip", zip, Limits());
  EXPECT_TRUE(HasDefect(leaves, DefectId::kArchiveAppended));
  EXPECT_TRUE(AnyLeafContains(leaves, kEvil));
  // A name that no writer gives does not hide what unpacks.
  zip.replace(zip.find("evil.txt"), 2, "\t\xff");
  EXPECT_TRUE(AnyLeafContains(OpenBytes("a.zip", zip, Limits()), kEvil));
}

TEST(Zip, JunkOfAnyLengthBehindItHidesNone) {
  const std::string zip = MakeZip({{"evil.txt", kEvil}});
  const std::string junk(70'000, '\x01');
  for (const std::string& front :
       {junk, std::string("%PDF-1.4\n"), std::string("GIF89a\1\0\1\0", 10)}) {
    const Opened leaves = OpenBytes("a.bin", front + zip + junk, Limits());
    EXPECT_TRUE(HasDefect(leaves, DefectId::kArchiveAppended));
    EXPECT_TRUE(AnyLeafContains(leaves, kEvil));
  }
  const std::string words(70'000, 'a');
  EXPECT_TRUE(AnyLeafContains(OpenBytes("a.txt", words + zip + words, Limits()), kEvil));
  // Two signatures by themselves are no zip.
  const Opened none = OpenBytes(
      "a.bin", junk + "PK\x03\x04zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzPK\x05\x06" + junk, Limits());
  EXPECT_FALSE(HasDefect(none, DefectId::kArchiveAppended));
}

TEST(Inflate, StopsAtItsLimitAndKnowsItsEnd) {
  const std::string packed = StoredDeflate("0123456789");
  EXPECT_TRUE(Inflate(packed, 10).complete);
  EXPECT_FALSE(Inflate(packed, 10).too_big);
  EXPECT_TRUE(Inflate(packed, 9).too_big);
  EXPECT_EQ(Inflate(packed + "tail", 100).consumed, packed.size());
  EXPECT_FALSE(Inflate("", 100).complete);
}

}  // namespace
}  // namespace gatepost::decode
