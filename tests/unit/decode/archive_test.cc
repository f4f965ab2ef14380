// Deflate64, the words that may be passwords, names of volumes, encrypted members of a mail.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <algorithm>

#include "src/base/files.h"
#include "src/decode/inflate.h"
#include "src/decode/openers.h"
#include "src/decode/passwords.h"
#include "src/decode/volume.h"
#include "src/decode/zip_names.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {
namespace {

// Bits of a stream, the first one lowest.
class Bits {
 public:
  // The lowest bit first, as numbers are written.
  void Number(uint32_t value, int count) {
    for (int i = 0; i < count; ++i) {
      Bit((value >> i & 1) != 0);
    }
  }
  // The highest bit first, as codes are written.
  void Code(uint32_t value, int count) {
    for (int i = count - 1; i >= 0; --i) {
      Bit((value >> i & 1) != 0);
    }
  }
  std::string bytes;

 private:
  void Bit(bool one) {
    if (used_ == 0) {
      bytes.push_back('\0');
    }
    if (one) {
      bytes.back() = static_cast<char>(static_cast<unsigned char>(bytes.back()) | 1U << used_);
    }
    used_ = (used_ + 1) % 8;
  }
  int used_ = 0;
};

TEST(Inflate64, ReadsStoredBlocksAsDeflateDoes) {
  const Inflated out = Inflate64(StoredDeflate("0123456789"), 100);
  EXPECT_TRUE(out.complete);
  EXPECT_EQ(out.bytes, "0123456789");
}

TEST(Inflate64, ALengthOf285HasSixteenBitsMore) {
  Bits stream;
  stream.Number(1, 1);         // the last block
  stream.Number(1, 2);         // fixed codes
  stream.Code(0x30 + 'a', 8);  // a literal
  stream.Code(0xc0 + 285 - 280, 8);
  stream.Number(1000, 16);  // 3 + 1000 bytes
  stream.Code(0, 5);        // from one byte before
  stream.Code(0, 7);        // the end
  const Inflated out = Inflate64(stream.bytes, 5000);
  EXPECT_TRUE(out.complete);
  EXPECT_EQ(out.bytes, std::string(1004, 'a'));
  EXPECT_EQ(out.consumed, stream.bytes.size());
  EXPECT_TRUE(Inflate64(stream.bytes, 100).too_big);
}

TEST(Inflate64, DamageEndsItWithoutACompleteStream) {
  EXPECT_FALSE(Inflate64("", 100).complete);
  EXPECT_FALSE(Inflate64("\x07", 100).complete);
  Bits stream;
  stream.Number(1, 1);
  stream.Number(1, 2);
  stream.Code(1, 7);  // length 3
  stream.Code(5, 5);  // from before the beginning
  EXPECT_FALSE(Inflate64(stream.bytes + "xx", 100).complete);
}

bool Offers(const std::string& text, const std::string& word) {
  const std::vector<std::string> words = PasswordsIn(text);
  return std::find(words.begin(), words.end(), word) != words.end();
}

TEST(Passwords, WhatStandsBesideAWordForItComesFirst) {
  const std::vector<std::string> words =
      PasswordsIn("Dear all, many words stand here before. The password is: Tr0ng@2026.\nRegards");
  const auto found = std::find(words.begin(), words.end(), "Tr0ng@2026");
  ASSERT_NE(found, words.end());
  EXPECT_LT(found - words.begin(), 10);
}

TEST(Passwords, QuotesLanguagesAndPunctuationDoNotHideIt) {
  EXPECT_TRUE(Offers("mật khẩu: ab12cd", "ab12cd"));
  EXPECT_TRUE(Offers("Mở bằng “hai từ” nhé", "hai từ"));
  EXPECT_TRUE(Offers("密码：ab12cd。", "ab12cd"));
  EXPECT_TRUE(Offers("(use 4711)", "4711"));
  EXPECT_TRUE(Offers("pass=4711;", "4711"));
}

TEST(Passwords, ALongTextOffersABoundedNumber) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) {
    text += "word" + std::to_string(i) + " ";
  }
  EXPECT_LE(PasswordsIn(text).size(), 600U);
}

TEST(Names, ThatAFileSystemTakesForOneAreOne) {
  NameSet names;
  EXPECT_EQ(names.Add("a/b.txt", false), NameSet::kNew);
  EXPECT_EQ(names.Add("a\\.\\b.txt", false), NameSet::kSame);
  EXPECT_EQ(names.Add("c/../a//b.txt. ", false), NameSet::kSame);
  EXPECT_EQ(names.Add("A/B.TXT", false), NameSet::kSameButCase);
  EXPECT_EQ(names.Add("folder/", true), NameSet::kNew);
  EXPECT_EQ(names.Add("folder/", true), NameSet::kNew);
  EXPECT_EQ(names.Add("folder", false), NameSet::kSame);
}

TEST(Archive, VolumesAreToldByTheirNames) {
  for (const char* name : {"a.part2.rar", "a.r00", "a.z01", "a.7z.001", "A.PART01.RAR"}) {
    EXPECT_TRUE(IsVolumeName(name)) << name;
  }
  for (const char* name : {"a.rar", "party.rar", "a.zip", "a.mp3", "a.r0x"}) {
    EXPECT_FALSE(IsVolumeName(name)) << name;
  }
}

TEST(Archive, ASecondTarBehindTheFirstIsRead) {
  const Opened leaves =
      OpenBytes("a.tar", MakeTar({{"a", "one"}}) + MakeTar({{"b", "two"}}), Limits());
  EXPECT_TRUE(HasLeaf(leaves, "a.tar/a"));
  EXPECT_TRUE(HasLeaf(leaves, "a.tar/b"));
}

TEST(Repeats, TheSameBytesUnderAnotherNameAreOpened) {
  const std::string text = "var x = 1;";
  const std::string gz = std::string("\x1f\x8b\x08\0\0\0\0\0\0\x03", 10) + StoredDeflate(text) +
                         Le(Crc32(text), 4) + Le(text.size(), 4);
  const Opened leaves =
      OpenBytes("a.zip", MakeZip({{"a.txt.gz", gz}, {"b.js.gz", gz}, {"c/b.js.gz", gz}}), Limits());
  EXPECT_TRUE(HasLeaf(leaves, "a.zip/a.txt.gz/a.txt"));
  EXPECT_TRUE(HasLeaf(leaves, "a.zip/b.js.gz/b.js"));
}

TEST(Repeats, OneHeaderThatLeadsToTheNextMakesNoFlood) {
  const Result<std::string> zip =
      ReadFile("tests/fuzz/corpus/decode_zip_readers/one-leads-to-the-next");
  ASSERT_TRUE(zip.ok());
  const Opened leaves = OpenBytes("a.zip", *zip, Limits());
  EXPECT_GT(leaves.leaves.size(), 100U);
  EXPECT_LT(leaves.leaves.size(), 5'000U);  // it was 17,000
}

}  // namespace
}  // namespace gatepost::decode
