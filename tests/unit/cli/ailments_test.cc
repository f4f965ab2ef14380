// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/ailments.h"

#include <gtest/gtest.h>

namespace gatepost::cli {
namespace {

constexpr int64_t kDayS = 86'400;

// A daemon's state that knows of nothing but signatures of that age.
Json WithSignatures(const char* need, const char* mode, int64_t age_s) {
  return {{"mode", mode},
          {"antivirus",
           {{"mode", need},
            {"signatures", 8'000'000},
            {"age_s", age_s},
            {"max_age_s", 7 * kDayS},
            {"too_old", age_s > 7 * kDayS}}}};
}

TEST(AilmentsTest, SignaturesOlderThanMaxAgeAreAnAilmentWhereTheyAreRequired) {
  const std::vector<std::string> said = Ailments(WithSignatures("required", "enforce", 9 * kDayS));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_NE(said[0].find("too old (9 days; antivirus: max_age allows 7 days)"), std::string::npos)
      << said[0];
  EXPECT_NE(said[0].find("all mail gets 451"), std::string::npos) << said[0];
  EXPECT_TRUE(Warnings(WithSignatures("required", "enforce", 9 * kDayS)).empty());
}

TEST(AilmentsTest, SignaturesOlderThanMaxAgeAreAWarningWhereTheyAreOptional) {
  const Json state = WithSignatures("optional", "enforce", 9 * kDayS);
  EXPECT_TRUE(Ailments(state).empty()) << Ailments(state)[0];
  const std::vector<std::string> said = Warnings(state);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_NE(said[0].find("not scanned for viruses"), std::string::npos) << said[0];
}

TEST(AilmentsTest, FreshSignaturesOrNoScannerAreNothingToSpeakOf) {
  for (const char* need : {"required", "optional"}) {
    EXPECT_TRUE(Ailments(WithSignatures(need, "enforce", kDayS)).empty()) << need;
    EXPECT_TRUE(Warnings(WithSignatures(need, "enforce", kDayS)).empty()) << need;
  }
  EXPECT_TRUE(Ailments(WithSignatures("off", "enforce", 9 * kDayS)).empty());
  EXPECT_TRUE(Warnings(WithSignatures("off", "enforce", 9 * kDayS)).empty());
}

TEST(AilmentsTest, ObserveSaysThatMailPassesAndWouldBeDeferred) {
  for (const bool none : {false, true}) {
    Json state = WithSignatures("required", "observe", 9 * kDayS);
    if (none) {
      state["antivirus"]["signatures"] = 0;
    }
    const std::vector<std::string> said = Ailments(state);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_NE(said[0].find("mail passes; it would be deferred (451)"), std::string::npos)
        << said[0];
    EXPECT_EQ(said[0].find("all mail gets"), std::string::npos) << said[0];
  }
  Json full = WithSignatures("off", "observe", 0);
  full["log_on_reserve"] = true;
  ASSERT_EQ(Ailments(full).size(), 1U);
  EXPECT_EQ(Ailments(full)[0].find("must be held gets 451"), std::string::npos)
      << Ailments(full)[0];
}

}  // namespace
}  // namespace gatepost::cli
