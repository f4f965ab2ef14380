// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/starts.h"

#include <gtest/gtest.h>

#include <string>

namespace gatepost::scan {
namespace {

Starts Of(const std::string& expression, bool utf8 = false) {
  return Starts::Of(ParseSyntax(expression, utf8, true));
}

// Where a match may begin: "0 4 7".
std::string Places(const Starts& starts, const std::string& text) {
  std::string out;
  const auto class_at = [&](size_t at) {
    return Starts::ClassOf(at < text.size() ? static_cast<unsigned char>(text[at]) : '\n');
  };
  for (size_t at = 0; at < text.size(); ++at) {
    if ((starts.Thirds(class_at(at), class_at(at + 1)) >> class_at(at + 2) & 1) != 0) {
      out += (out.empty() ? "" : " ") + std::to_string(at);
    }
  }
  return out;
}

TEST(StartsTest, AMatchBeginsWhereItsFirstThreeBytesStand) {
  EXPECT_EQ(Places(Of("(?:pay|pal|[fF]oo)\\w+"), "repay a pal of Food"), "2 8 15");
  EXPECT_EQ(Places(Of("ab?c+"), "abb abc ac acc"), "4 8 11");
  EXPECT_EQ(Places(Of("(?:x\\s?){3}"), "x xx xxy x x x"), "0 2 3 9 11");
}

TEST(StartsTest, OptionalPartsAndLookAroundAreNothing) {
  EXPECT_EQ(Places(Of("(?!no)(?:my )?(?:old )?(?=h)hat"), "my hat, old hat"), "0 3 8 12");
}

TEST(StartsTest, OfAShortMatchAnythingMayFollow) {
  EXPECT_EQ(Places(Of("id|ad"), "did ad id"), "1 4 7");
  EXPECT_EQ(Places(Of("z"), "z az"), "0 3");
}

TEST(StartsTest, CharactersBeyondAsciiAreTheirBytes) {
  EXPECT_EQ(Places(Of("ậb+", true), "xậbb"), "1 2") << "bytes of 80 and up in 32 kinds";
  EXPECT_EQ(Places(Of("[\\xc3][\\xa9]t"), "\xc3\xa9t \xc3\xa8t"), "0");
  const Starts any = Of(".bc", true);
  EXPECT_EQ(Places(any, "ậbc"), "0 1");
}

TEST(StartsTest, WhatMayBeNothingOrIsTooDeepBeginsAnywhere) {
  EXPECT_EQ(Of("(?:abc)?").bits(), 0);
  std::string deep = "abc";
  for (int i = 0; i < 150; ++i) {
    deep = "(?:" + deep + "|xyz)";
  }
  EXPECT_EQ(Of(deep).bits(), 0);
  EXPECT_EQ(Places(Of(deep), "ab"), "0 1");
}

TEST(StartsTest, BitsTellRareFromCommon) {
  EXPECT_GT(Of("qzx").bits(), 12);
  EXPECT_LT(Of("[a-z]{3}").bits(), 2);
  EXPECT_GT(Of("the").bits(), Of("(?:the|and|of ).*").bits());
}

}  // namespace
}  // namespace gatepost::scan
