// Times of rules: which messages stand for which, what a changed rule keeps, what a restart keeps.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/counters.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/record/fixture.h"

namespace gatepost::gateway {
namespace {

namespace fs = std::filesystem;

class CountersTest : public record::FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    std::filesystem::create_directories(folder_ + "/rules");
  }

  std::shared_ptr<const ruleset::RuleSet> Rules(const std::string& word) const {
    std::ofstream file(folder_ + "/rules/t.yaml");
    file << "pack: t\nrules:\n";
    for (const auto& [id, match] :
         {std::pair<std::string, std::string>("A-1", word), {"A-2", "same"}}) {
      file << "  - id: " << id << "\n    title: {en: t, vi: t}\n    why: t\n    zones: [body]\n"
           << "    match: '" << match << "'\n    examples: {match: ['" << match
           << "'], no_match: [x]}\n";
    }
    file.close();
    Diagnostics diagnostics;
    auto rules = ruleset::RuleSet::Load({folder_ + "/rules"}, &diagnostics);
    EXPECT_TRUE(rules.ok()) << rules.status().message();
    return *rules;
  }

  // A message in which both rules took so long.
  static record::Decision Measured(uint64_t first_ns, uint64_t second_ns) {
    record::Decision decision;
    decision.findings.times.measured = true;
    decision.findings.times.rules = {{0, "A-1", first_ns}, {1, "A-2", second_ns}};
    decision.findings.times.shared = {{{}, "raw 1, words", 5'000}};
    return decision;
  }
};

TEST_F(CountersTest, TheMeasuredMessagesStandForAllOfThem) {
  Counters counters(folder_);
  uint64_t stand_for = 0;
  for (int i = 0; i < 64; ++i) {
    ASSERT_EQ(counters.Weight(), 1U) << "few messages are all measured";
  }
  for (int i = 0; i < 1'600; ++i) {
    stand_for += counters.Weight();
  }
  EXPECT_EQ(stand_for, 1'600U);
}

TEST_F(CountersTest, ATimeIsOfAnAverageMessageAndCountsByWeight) {
  Counters counters(folder_);
  const auto rules = Rules("word");
  counters.Know(*rules);
  EXPECT_LT(counters.tally().Microseconds(rules->rules()[0]), 0) << "not measured yet";
  counters.Count(Measured(16'000, 1'000), 0.1, 1);
  counters.Count(Measured(33'000, 1'000), 0.1, 16);
  record::Decision unmeasured = Measured(1'000'000, 1);
  counters.Count(unmeasured, 0.1, 0);
  unmeasured.findings.times = {};  // a worker crashed
  counters.Count(unmeasured, 0.1, 16);
  const Tally tally = counters.tally();
  EXPECT_EQ(tally.measured, 2U);
  EXPECT_EQ(tally.timed, 17U);
  EXPECT_NEAR(tally.Microseconds(rules->rules()[0]), 32, 1e-6);
  EXPECT_NEAR(tally.Microseconds(rules->rules()[1]), 1, 1e-6);
  EXPECT_NEAR(tally.shared_seconds.at("raw 1, words"), 17 * 5e-6, 1e-12);
}

TEST_F(CountersTest, AChangedRulesTimeBeginsAnewAndItsHitsStay) {
  const auto before = Rules("word");
  const auto after = Rules("words?");
  {
    Counters counters(folder_);
    counters.Know(*before);
    record::Decision decision = Measured(16'000, 1'000);
    inspect::RuleHit hit;
    hit.id = "A-1";
    decision.findings.hits = {hit};
    counters.Count(decision, 0.1, 1);
  }
  Counters counters(folder_);
  counters.Know(*before);
  EXPECT_NEAR(counters.tally().Microseconds(before->rules()[0]), 16, 1e-6) << "over a restart";
  EXPECT_LT(counters.tally().Microseconds(after->rules()[0]), 0) << "that is another's time";
  counters.Know(*after);
  EXPECT_LT(counters.tally().Microseconds(after->rules()[0]), 0);
  EXPECT_NEAR(counters.tally().Microseconds(after->rules()[1]), 1, 1e-6) << "it is as it was";
  EXPECT_TRUE(counters.tally().shared_seconds.empty()) << "other rules share now";
  counters.Count(Measured(4'000, 3'000), 0.1, 1);
  EXPECT_NEAR(counters.tally().Microseconds(after->rules()[0]), 4, 1e-6);
  EXPECT_NEAR(counters.tally().Microseconds(after->rules()[1]), 2, 1e-6);
  EXPECT_EQ(counters.tally().rules.at("A-1").enforced, 1U);
}

TEST_F(CountersTest, CountsOfAnEarlierVersionAreKept) {
  std::ofstream(folder_ + "/rule-counters.json")
      << R"({"v": 1, "since_ms": 1000, "rules": {"A-1": [3, 4, 5000, 1000]}})";
  Counters counters(folder_);
  const Tally tally = counters.tally();
  EXPECT_EQ(tally.rules.at("A-1").enforced, 3U);
  EXPECT_EQ(tally.rules.at("A-1").last_ms, 5'000);
  EXPECT_EQ(tally.measured, 0U);
}

}  // namespace
}  // namespace gatepost::gateway
