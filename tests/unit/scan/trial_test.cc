// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/trial.h"

#include <gtest/gtest.h>

#include <string>

#include "src/scan/letters.h"

namespace gatepost::scan {
namespace {

struct Asked {
  explicit Asked(const std::vector<std::string>& expressions) {
    for (size_t id = 0; id < expressions.size(); ++id) {
      const Syntax syntax = ParseSyntax(expressions[id], false, true);
      if (trial.Add(syntax, static_cast<uint32_t>(id))) {
        trial.Expect(Starts::Of(syntax));
        ++added;
      }
    }
    trial.Finish();
  }
  // "id@place" one after the other.
  std::string Places(const std::string& text) {
    std::string out;
    trial.RunAll(text, &budget, [&](uint32_t id, uint32_t at) {
      out += (out.empty() ? "" : " ") + std::to_string(id) + "@" + std::to_string(at);
    });
    return out;
  }
  Trial trial;
  Trial::Budget budget;
  int added = 0;
};

TEST(TrialTest, AMatchBeginsWhereOneEndsToo) {
  Asked asked({"(?:name|phone)[ ,]+(?:fax|age)"});
  EXPECT_EQ(asked.Places("name, fax; name and age; PHONE  age"), "0@0 0@25");
  EXPECT_EQ(asked.Places("name, fa"), "") << "the text ends before a match does";
}

TEST(TrialTest, ExpressionsAreToldApartEachOnceAPlace) {
  Asked asked({"foo+", "fo.", "bar"});
  EXPECT_EQ(asked.Places("fooo fob bar"), "0@0 1@0 1@5 2@9");
  EXPECT_EQ(Asked({}).Places("foo"), "");
  EXPECT_TRUE(Asked({}).trial.empty());
}

TEST(TrialTest, RepeatsAreCountedWhileTheyAreSmallAndMoreThanEnoughWhenLarge) {
  Asked asked({"(?:ab){3}", "x{2,3}y", "(?:[a-z]{40}){200}1"});
  EXPECT_EQ(asked.Places("abab ababab"), "0@5");
  EXPECT_EQ(asked.Places("xy xxy xxxy xxxxy"), "1@3 1@7 1@8 1@13 1@14");
  EXPECT_NE(Asked({"(?:[a-z]{40}){200}1"}).Places(std::string(8'000, 'q') + "1"), "");
}

TEST(TrialTest, LookAroundIsNothingAndCapitalsAreLetters) {
  Asked asked({"\\bsun(?=day)(?!s)"});
  EXPECT_EQ(asked.Places("SUNDAY mysun"), "0@0 0@9");
}

TEST(TrialTest, WhatMayBeNothingOrIsTooLargeIsLeftOut) {
  EXPECT_EQ(Asked({"(?:abc)?", "(?=a)"}).added, 0);
  std::string deep = "abc";
  for (int i = 0; i < 150; ++i) {
    deep = "(?:" + deep + "|xyz)";
  }
  EXPECT_EQ(Asked({deep}).added, 0);
  EXPECT_EQ(Asked({"(?:(?:(?:[a-z]{50}[0-9]){50}x){50}y){50}"}).added, 1) << "rounds are left out";
}

TEST(TrialTest, CharactersBeyondAsciiAreAnyBytesBeyondIt) {
  Trial trial;
  ASSERT_TRUE(trial.Add(ParseSyntax("b\\w+ậ!", true, true), 0));
  trial.Finish();
  Trial::Budget budget;
  EXPECT_EQ(trial.FirstBegin("a bcậ!", 0, 5, &budget), 2U);
  EXPECT_EQ(trial.FirstBegin("a bca!", 0, 5, &budget), 6U);
}

TEST(TrialTest, WithoutRoomItSaysYesUntilItForgets) {
  Asked asked({"(?:a|b){4}c[0-9]*z"});
  asked.budget.bytes = 0;
  EXPECT_EQ(asked.Places("abab!"), "0@0 0@1 0@3") << "it knows the three first bytes alone";
  EXPECT_TRUE(asked.budget.full);
  asked.budget = Trial::Budget();
  asked.trial.Forget();
  EXPECT_EQ(asked.Places("abab! ababc1z"), "0@6");
  EXPECT_FALSE(asked.budget.full);
}

TEST(TrialTest, LearningEndsWhereItCostsTooMuch) {
  Asked asked({"(?:a|b){4}c[0-9]*z"});
  asked.budget.visits = 0;
  EXPECT_EQ(asked.Places("abab! ababc1z"), "0@0 0@1 0@6 0@7 0@11 0@12") << "first bytes alone";
  EXPECT_TRUE(asked.budget.full);
}

TEST(TrialTest, ALongWayIsNotGoneToItsEnd) {
  Asked asked({"a[^!]*!"});
  EXPECT_EQ(asked.Places("a" + std::string(100, '.')), "0@0");
  EXPECT_EQ(asked.Places("a" + std::string(50, '.')), "");
  EXPECT_EQ(asked.trial.FirstBegin(std::string(3'000, 'a'), 0, 100, &asked.budget), 0U);
}

TEST(LettersTest, ATableFindsWhatASearchFinds) {
  const std::string expression = "(?:e|\xc3[\xa8\xa9]|\xd0\xb5)";
  Pattern::Options options;
  Result<Pattern> pattern = Pattern::Compile(expression, options);
  ASSERT_TRUE(pattern.ok());
  Matcher matcher;
  const auto letters = Letters::Of(ParseSyntax(expression, false, false), *pattern, &matcher);
  ASSERT_NE(letters, nullptr);
  const std::string text = "E \xc3\xa9t\xc3\xa9 \xc3 be\xd0\xb5";
  size_t at = 0;
  size_t from = 0;
  for (int i = 0; i < 4; ++i) {
    Range found;
    ASSERT_EQ(matcher.Find(*pattern, text, from, &found), Matcher::Outcome::kMatch);
    EXPECT_EQ(letters->Find(text, &at), found.size());
    EXPECT_EQ(at, found.begin);
    at += found.size();
    from = found.end;
  }
  EXPECT_EQ(letters->Find(text, &at), 0U);
}

TEST(LettersTest, EdgesAndLongerMatchesHaveNoTable) {
  for (const char* expression : {"\\be", "e$", "e(?=a)", "eee", "e?", "ea?b", "[^a][^b]"}) {
    Pattern::Options options;
    Result<Pattern> pattern = Pattern::Compile(expression, options);
    ASSERT_TRUE(pattern.ok());
    Matcher matcher;
    EXPECT_EQ(Letters::Of(ParseSyntax(expression, false, false), *pattern, &matcher), nullptr)
        << expression;
  }
}

TEST(LettersTest, CapitalsCountWhereTheExpressionSaysSo) {
  Pattern::Options options;
  options.caseless = true;
  Result<Pattern> pattern = Pattern::Compile("ab?", options);
  ASSERT_TRUE(pattern.ok());
  Matcher matcher;
  const auto letters = Letters::Of(ParseSyntax("ab?", false, true), *pattern, &matcher);
  ASSERT_NE(letters, nullptr);
  size_t at = 0;
  EXPECT_EQ(letters->Find("xAB", &at), 2U);
  EXPECT_EQ(at, 1U);
  EXPECT_EQ(letters->Find("A", &(at = 0)), 1U);
}

}  // namespace
}  // namespace gatepost::scan
