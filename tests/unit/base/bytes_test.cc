// What reads eight bytes at a time must say what one byte at a time would.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/bytes.h"

#include <gtest/gtest.h>

#include "src/base/digest.h"
#include "src/base/utf8.h"

namespace gatepost {
namespace {

TEST(Bytes, TheFirstByteBeyondAsciiIsFoundWhereverItStands) {
  for (size_t size = 0; size < 40; ++size) {
    const std::string ascii(size, 'a');
    EXPECT_EQ(AsciiEnd(ascii, 0), size);
    EXPECT_TRUE(IsAscii(ascii));
    for (size_t at = 0; at < size; ++at) {
      std::string mixed = ascii;
      mixed[at] = '\x80';
      EXPECT_FALSE(IsAscii(mixed));
      for (size_t from = 0; from <= size; ++from) {
        EXPECT_EQ(AsciiEnd(mixed, from), from <= at ? at : size) << size << ' ' << at;
      }
    }
  }
}

TEST(Bytes, BlanksGoFromBothEndsAndFromNowhereElse) {
  EXPECT_EQ(AsciiTrim(" \t\r\na b\n \t"), "a b");
  EXPECT_EQ(AsciiTrim(" \t\r\n"), "");
  EXPECT_EQ(AsciiTrim(""), "");
  EXPECT_EQ(AsciiTrim("\xC2\xA0x\v"), "\xC2\xA0x\v");
}

TEST(Utf8, CodePointsAreCountedWhereverTheyStand) {
  // U+1ED0 three bytes, U+00E1 two, U+1D400 four.
  const std::string text = "a\xE1\xBB\x90\xC3\xA1\xF0\x9D\x90\x80";
  for (size_t before = 0; before < 20; ++before) {
    std::string padded(before, 'x');
    size_t expected = before;
    for (size_t times = 0; times < 5; ++times) {
      padded += text;
      expected += 4;
      EXPECT_EQ(CountCodePoints(padded), expected);
    }
  }
}

TEST(Utf8, IllFormedBytesAreReplacedOneByOneWhereverTheyStand) {
  for (size_t before = 0; before < 20; ++before) {
    const std::string head(before, 'x');
    EXPECT_EQ(ToValidUtf8(head + "\xE1\xBB\x90\xFF\xC3\xA1\xE1\xBB tail"),
              head + "\xE1\xBB\x90\xEF\xBF\xBD\xC3\xA1\xEF\xBF\xBD tail");
    EXPECT_EQ(ToValidUtf8(head + "\xC3"), head + "\xEF\xBF\xBD");
    EXPECT_TRUE(IsUtf8(head + "\xE1\xBB\x90 tail of ASCII"));
    EXPECT_FALSE(IsUtf8(head + "\xE1\xBB\x90 tail \xE1\xBB"));
    EXPECT_FALSE(IsUtf8(head + "\xED\xA0\x80"));
  }
}

// FIPS 180-4, the examples of NIST.
TEST(Digest, Sha256IsThatOfTheStandardWholeAndInPieces) {
  constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  EXPECT_EQ(Sha256Hex("abc"), kAbc);
  EXPECT_EQ(Hex(Sha256Bytes("abc")), kAbc);
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  Sha256 pieces;
  pieces.Update("a");
  pieces.Update("");
  pieces.Update("bc");
  EXPECT_EQ(pieces.FinishHex(), kAbc);
}

}  // namespace
}  // namespace gatepost
