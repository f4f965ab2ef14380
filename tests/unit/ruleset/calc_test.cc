// Arithmetic in conditions.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/calc.h"

#include <gtest/gtest.h>

namespace gatepost::ruleset {
namespace {

double Value(const std::string& text, const std::vector<double>& values = {}) {
  Condition condition;
  std::string problem;
  size_t at = 0;
  EXPECT_TRUE(ReadCalc(text, &condition, &problem, &at)) << text << ": " << problem;
  return Calculate(condition.steps, values);
}

std::string Problem(const std::string& text) {
  Condition condition;
  std::string problem;
  size_t at = 0;
  return ReadCalc(text, &condition, &problem, &at) ? "" : problem;
}

TEST(Calc, BindsAsArithmeticDoes) {
  EXPECT_EQ(Value("1 + 2 * 3 - 4 / 2"), 5);
  EXPECT_EQ(Value("(1 + 2) * 3 >= 9"), 1);
  EXPECT_EQ(Value("1 + 1 == 2 && 3 > 2 || 0"), 1);
  EXPECT_EQ(Value("!1 + 1"), 1);
  EXPECT_EQ(Value("!(1 - 1)"), 1);
  EXPECT_EQ(Value("-2 + 3"), 1);
  EXPECT_EQ(Value("10 - 2 - 3"), 5);
  EXPECT_EQ(Value("1 / 0"), 0);
}

TEST(Calc, AndAndOrKeepTheValue) {
  EXPECT_EQ(Value("2 && 3"), 3);
  EXPECT_EQ(Value("0 || 4"), 4);
  EXPECT_EQ(Value("5 || 4"), 5);
}

TEST(Calc, RulesStandForHowOftenTheyHit) {
  Condition condition;
  std::string problem;
  size_t at = 0;
  ASSERT_TRUE(ReadCalc("__A + A-B.c + __A >= 5", &condition, &problem, &at)) << problem;
  ASSERT_EQ(condition.children.size(), 2U);
  EXPECT_EQ(condition.children[1].name, "A-B.c");
  EXPECT_EQ(Calculate(condition.steps, {2, 1}), 1);
  EXPECT_EQ(Calculate(condition.steps, {1, 1}), 0);
}

TEST(Calc, SaysWhatIsMissing) {
  EXPECT_NE(Problem("A &&").find("is expected"), std::string::npos);
  EXPECT_NE(Problem("(A").find("not closed"), std::string::npos);
  EXPECT_NE(Problem("A)").find("closes nothing"), std::string::npos);
  EXPECT_NE(Problem("A B").find("operator"), std::string::npos);
  EXPECT_NE(Problem("A ? B").find("means nothing"), std::string::npos);
  EXPECT_NE(Problem("").find("is expected"), std::string::npos);
}

}  // namespace
}  // namespace gatepost::ruleset
