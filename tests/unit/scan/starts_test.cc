// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/starts.h"

#include <gtest/gtest.h>

#include <string>

namespace gatepost::scan {
namespace {

Starts Of(const std::string& expression, bool utf8 = false) {
  return Starts::Of(ParseSyntax(expression, utf8, true));
}

// Where a match of any of them may begin: "id@place" one after the other.
std::string Places(const std::vector<Starts>& starts, const std::string& text) {
  std::vector<StartNet::Entry> entries;
  for (uint32_t id = 0; id < starts.size(); ++id) {
    entries.push_back({&starts[id], id});
  }
  std::string out;
  StartNet(entries).Scan(text, [&](uint32_t id, uint32_t at) {
    out += (out.empty() ? "" : " ") + std::to_string(id) + "@" + std::to_string(at);
  });
  return out;
}

TEST(StartsTest, AMatchBeginsWhereItsFirstThreeBytesStand) {
  EXPECT_EQ(Places({Of("(?:pay|pal|[fF]oo)\\w+")}, "repay a pal of Food"), "0@2 0@8 0@15");
  EXPECT_EQ(Places({Of("ab?c+")}, "abb abc ac acc"), "0@4 0@8 0@11");
  EXPECT_EQ(Places({Of("(?:x\\s?){3}")}, "x xx xxy x x x"), "0@0 0@2 0@3 0@9 0@11");
}

TEST(StartsTest, OptionalPartsAndLookAroundAreNothing) {
  EXPECT_EQ(Places({Of("(?!no)(?:my )?(?:old )?(?=h)hat")}, "my hat, old hat"),
            "0@0 0@3 0@8 0@12");
}

TEST(StartsTest, OfAShortMatchAnythingMayFollow) {
  EXPECT_EQ(Places({Of("id|ad")}, "did ad id"), "0@1 0@4 0@7");
  EXPECT_EQ(Places({Of("z")}, "z az"), "0@0 0@3");
}

TEST(StartsTest, CharactersBeyondAsciiAreTheirBytes) {
  EXPECT_EQ(Places({Of("ậb+", true)}, "xậbb"), "0@1 0@2") << "bytes of 80 and up in 32 kinds";
  EXPECT_EQ(Places({Of("[\\xc3][\\xa9]t")}, "\xc3\xa9t \xc3\xa8t"), "0@0");
  const Starts any = Of(".bc", true);
  EXPECT_EQ(Places({any}, "ậbc"), "0@0 0@1");
}

TEST(StartsTest, WhatMayBeNothingOrIsTooDeepBeginsAnywhere) {
  EXPECT_EQ(Of("(?:abc)?").bits(), 0);
  std::string deep = "abc";
  for (int i = 0; i < 150; ++i) {
    deep = "(?:" + deep + "|xyz)";
  }
  EXPECT_EQ(Of(deep).bits(), 0);
  EXPECT_EQ(Places({Of(deep)}, "ab"), "0@0 0@1");
}

TEST(StartsTest, BitsTellRareFromCommon) {
  EXPECT_GT(Of("qzx").bits(), 12);
  EXPECT_LT(Of("[a-z]{3}").bits(), 2);
  EXPECT_GT(Of("the").bits(), Of("(?:the|and|of ).*").bits());
}

TEST(StartsTest, ANetTellsItsMembersApart) {
  EXPECT_EQ(Places({Of("foo"), Of("fo."), Of("bar")}, "foo fob bar"), "0@0 1@0 1@4 2@8");
  EXPECT_TRUE(StartNet({}).empty());
  EXPECT_EQ(Places({}, "foo"), "");
}

}  // namespace
}  // namespace gatepost::scan
