// The charset ladder.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/charset.h"

#include <gtest/gtest.h>

#include "src/base/utf8.h"

namespace gatepost::text {
namespace {

std::string Wide(std::u16string_view text, bool little) {
  std::string out;
  for (const char16_t c : text) {
    const char high = static_cast<char>(c >> 8);
    const char low = static_cast<char>(c & 0xFF);
    out += little ? std::string{low, high} : std::string{high, low};
  }
  return out;
}

TEST(Charset, Utf8UnderAWrongLabelIsStillUtf8) {
  const Decoded decoded = Decode("M\u1EACT", "iso-8859-1");
  EXPECT_EQ(decoded.utf8, "MẬT");
  EXPECT_TRUE(decoded.label_lied);
  EXPECT_FALSE(Decode("M\u1EACT", "utf-8").label_lied);
}

TEST(Charset, DamagedUtf8IsRepairedAndAFontEncodingIsNot) {
  EXPECT_EQ(Decode("Tối mật \xE1\xBA ấy", "utf-8").utf8, "Tối mật \uFFFD ấy");
  const Decoded font = Decode("QuyÕt ®Þnh M\xCBT \xAD", "utf-8");
  EXPECT_TRUE(IsUtf8(font.utf8));
  const Decoded raw = Decode("Quy\xD5t \xAE\xDEnh M\xCBT", "utf-8");
  EXPECT_EQ(raw.utf8, "QuyÕt ®Þnh MËT");
  EXPECT_TRUE(raw.label_lied);
}

TEST(Charset, Windows1252KeepsEveryByteApart) {
  EXPECT_EQ(Decode("T\x8FI \x93x\x94", "us-ascii").utf8, "T\u008FI “x”");
  for (int byte = 0x80; byte < 0x100; ++byte) {
    EXPECT_EQ(ByteOf(Windows1252(static_cast<unsigned char>(byte))), byte);
  }
}

TEST(Charset, Utf16AndUtf32AreFoundWithAndWithoutABom) {
  for (const bool little : {true, false}) {
    const std::string plain = Wide(u"MẬT là mật, xin chào", little);
    EXPECT_EQ(Decode(plain, "").utf8, "MẬT là mật, xin chào");
    EXPECT_EQ(Decode((little ? "\xFF\xFE" : "\xFE\xFF") + plain, "utf-8").utf8,
              "MẬT là mật, xin chào");
  }
  const std::string wide("\xFF\xFE\0\0M\0\0\0\xAC\x1E\0\0", 12);
  EXPECT_EQ(Decode(wide, "").utf8, "MẬ");
  EXPECT_EQ(Decode("plain text", "utf-16").utf8, "plain text");
}

TEST(Charset, SevenBitShiftsAreRead) {
  EXPECT_EQ(Decode("+AGgAaQ-", "utf-7").utf8, "hi");
  EXPECT_EQ(Decode("\x1B$B$3$s\x1B(B", "").utf8, "こん");
}

TEST(Charset, LabelledCharsetsAreRead) {
  EXPECT_EQ(Decode("\xCF\xF0\xE8\xE2\xE5\xF2", "windows-1251").utf8, "Привет");
  EXPECT_EQ(Decode("\xB4\xFA\xBF\xAA", "gb2312").utf8, "代开");
  EXPECT_EQ(Decode("M\xC2\xF2T", "windows-1258").utf8, "MÂ\u0323T");
}

TEST(Charset, OverlongUtf8IsReadAsOldReadersDoAndCounted) {
  const Decoded decoded =
      Decode("T\xE1\xBB\x90I M\xE1\xBA\xAC\xC1\x94 \xE0\x81\x8D\xF0\x80\x81\x81", "utf-8");
  EXPECT_EQ(decoded.utf8, "TỐI MẬT MA");
  EXPECT_EQ(decoded.overlong, 3U);
  EXPECT_EQ(Decode("\xC0\xBCscript\xC0\xBE", "").utf8, "<script>");
  // Another charset, or damage, is not that.
  EXPECT_EQ(Decode("\xC0\xBC", "iso-8859-1").utf8, "À¼");
  EXPECT_EQ(Decode("\xC0 \xE0\xBC", "utf-8").overlong, 0U);
}

TEST(Charset, AWideLabelIsBelievedWhereTheBytesAreNotWideToTheEye) {
  const std::string wide = Wide(u"ậễộựẫổỡ", true);
  EXPECT_EQ(Decode(wide, "utf-16le").utf8, "ậễộựẫổỡ");
}

TEST(Charset, HtmlMaySayItsCharset) {
  EXPECT_EQ(
      MetaCharset("<html><META http-equiv=Content-Type content=\"text/html; charset=UTF-7\">"),
      "utf-7");
  EXPECT_EQ(MetaCharset("<meta name=x><meta charset = 'Windows-1258' />"), "windows-1258");
  EXPECT_EQ(MetaCharset("<meta charset=utf-16>"), "utf-8");
  EXPECT_EQ(MetaCharset("<meta name=charset>charset=x"), "");
}

TEST(Charset, TheWayBackIsExact) {
  const Decoded decoded = Decode("\xCF\xF0\xE8 abc", "windows-1251");
  TextView view;
  view.utf8 = decoded.utf8;
  auto map = std::make_shared<OffsetMap>();
  map->pieces = decoded.pieces;
  view.map = map;
  const auto at = static_cast<uint32_t>(decoded.utf8.find("abc"));
  EXPECT_EQ(view.SourceOf({at, at + 3}), (Range{4, 7}));
}

TEST(Charset, BytesThatAreHardlyUtf8ButSaidToBeAreReadBothWays) {
  const Decoded one = Decode("GATE\xFFPOST", "utf-8");
  EXPECT_EQ(one.utf8, "GATEÿPOST");
  EXPECT_TRUE(one.was_told_utf8);
  EXPECT_EQ(DecodeAsUtf8("GATE\xFFPOST").utf8, "GATE\xEF\xBF\xBDPOST");
  EXPECT_FALSE(Decode("GATE\xFFPOST", "windows-1252").was_told_utf8);
}

TEST(Charset, AnEscapeBackToAsciiIsAShiftToo) {
  EXPECT_EQ(Decode("GATE\x1B(BPOST", "us-ascii").utf8.find('\x1B'), std::string::npos);
}

}  // namespace
}  // namespace gatepost::text
