// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/shape.h"

#include <gtest/gtest.h>

namespace gatepost::ruleset {
namespace {

TEST(Shape, TheLiteralIsTheLongestRunThatEveryMatchHolds) {
  EXPECT_EQ(ShapeOf("abc[0-9]defgh").literal, "defgh");
  EXPECT_EQ(ShapeOf("vay (?:tiền) nhanh").literal, "vay tiền nhanh");
  EXPECT_EQ(ShapeOf("ab+cde").literal, "cde");
  EXPECT_EQ(ShapeOf("abc?de").literal, "ab");
  EXPECT_EQ(ShapeOf("(?:abcd|xyz)").literal, "xyz");
  EXPECT_EQ(ShapeOf("(?:abcd|[0-9])").literal, "");
  EXPECT_EQ(ShapeOf("(?:abcd)?ef").literal, "ef");
  EXPECT_EQ(ShapeOf("(?:abcd)+ef").literal, "abcd");
  EXPECT_EQ(ShapeOf("(?:(?:abcd))").literal, "abcd");
  EXPECT_EQ(ShapeOf("a\\.b\\x{1EAD}t").literal, "a.bật");
  EXPECT_EQ(ShapeOf("a{2}bcd").literal, "bcd");
  EXPECT_EQ(ShapeOf("(?i)hello").literal, "hello");
}

TEST(Shape, LettersAreCodePoints) {
  EXPECT_EQ(ShapeOf("mật").literal_letters, 3U);
  EXPECT_EQ(ShapeOf("ậ").literal_letters, 1U);
}

TEST(Shape, TheShortestMatch) {
  EXPECT_EQ(ShapeOf("abc").shortest, 3U);
  EXPECT_EQ(ShapeOf("a{3}[0-9]{2,}").shortest, 5U);
  EXPECT_EQ(ShapeOf("(?:abc|d)e?").shortest, 1U);
  EXPECT_EQ(ShapeOf("(?:ab){4}").shortest, 8U);
  EXPECT_EQ(ShapeOf("").shortest, 0U);
  EXPECT_EQ(ShapeOf("(?:(?:(?:a{999999}){999999}){999999}){999999}").shortest, 1'000'000'000'000U);
}

TEST(Shape, GapsWithoutEnd) {
  EXPECT_TRUE(ShapeOf("a.*b").open_gap);
  EXPECT_TRUE(ShapeOf("a(?:.*)b").open_gap);
  EXPECT_TRUE(ShapeOf("a[^x]+b").open_gap);
  EXPECT_TRUE(ShapeOf("a\\S*b").open_gap);
  EXPECT_FALSE(ShapeOf("a.{0,20}b").open_gap);
  EXPECT_FALSE(ShapeOf("a *b").open_gap);
  EXPECT_FALSE(ShapeOf("a[0-9]*b").open_gap);
  EXPECT_TRUE(ShapeOf(".*ab").open_edge);
  EXPECT_TRUE(ShapeOf("ab.*").open_edge);
  EXPECT_TRUE(ShapeOf("^.*ab").open_edge);
  EXPECT_FALSE(ShapeOf("a.*b").open_edge);
}

TEST(Shape, RepeatsInRepeats) {
  EXPECT_TRUE(ShapeOf("(?:a+b?)+").nested_repeat);
  EXPECT_TRUE(ShapeOf("(a*)*").nested_repeat);
  EXPECT_FALSE(ShapeOf("(?:a{1,9})+").nested_repeat);
  EXPECT_FALSE(ShapeOf("(?:a+){1,9}").nested_repeat);
}

TEST(Shape, BrokenExpressionsEndToo) {
  for (const char* text : {"(", ")", "[", "[a", "(?", "(?<", "\\", "\\x{", "a{", "{", "(((", "a|",
                           "|", "[]", "[^", "(?:a", "\\p{", "[[:alpha:", "[a-"}) {
    ShapeOf(text);
  }
}

TEST(Shape, LooksThroughPossessiveRepeatsAtomicGroupsAndBackReferences) {
  EXPECT_EQ(ShapeOf("foo++barbaz").literal, "barbaz");
  EXPECT_EQ(ShapeOf("foo++bar(?>bazaar)").literal, "barbazaar");
  EXPECT_EQ(ShapeOf("(?!secret)key").literal, "key");
  EXPECT_EQ(ShapeOf("\\Akey").literal, "key");
  EXPECT_EQ(ShapeOf("key(?=secrets)").literal, "key");
  EXPECT_EQ(ShapeOf("(?<=secrets)key").literal, "key");
  EXPECT_EQ(ShapeOf("ab{2,3}+cde").literal, "cde");
  EXPECT_EQ(ShapeOf("(key)\\k{name}\\g{1}st").literal, "key");
  EXPECT_EQ(ShapeOf("(?:a){12}\\g12key").literal, "key");
  const Shape either = ShapeOf("(alpha|beta)-\\1");
  EXPECT_EQ(either.literals, (std::vector<std::string>{"alpha", "beta"}));
  EXPECT_EQ(either.literal_letters, 4U);
}

}  // namespace
}  // namespace gatepost::ruleset
