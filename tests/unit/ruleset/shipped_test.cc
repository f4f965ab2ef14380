// The packs that Gatepost ships, as texts for people: complete, and without a warning.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "src/ruleset/rule_set.h"

namespace gatepost::ruleset {
namespace {

class ShippedRules : public testing::Test {
 protected:
  void SetUp() override {
    Diagnostics diagnostics;
    auto loaded = RuleSet::Load({std::string(GATEPOST_SOURCE_DIR) + "/rules"}, &diagnostics);
    ASSERT_TRUE(loaded.ok()) << loaded.status().message();
    // Expressions without a word to look for are few and have their reason, pack by pack:
    // tests/workbench/commands.py.
    for (const Diagnostic& one : diagnostics.all()) {
      if (one.message.rfind("no run of three characters", 0) != 0) {
        ADD_FAILURE() << one.ToString();
      }
    }
    rules_ = *loaded;
  }
  std::shared_ptr<const RuleSet> rules_;
};

TEST_F(ShippedRules, EachHasTitlesInBothLanguagesAndSaysWhy) {
  for (const Rule& rule : rules_->rules()) {
    EXPECT_FALSE(rule.title_en.empty()) << rule.id;
    EXPECT_FALSE(rule.title_vi.empty()) << rule.id;
    EXPECT_NE(rule.title_en, rule.title_vi) << rule.id;
    EXPECT_FALSE(rule.why.empty()) << rule.id;
  }
}

TEST_F(ShippedRules, TheSeedIsWhole) {
  std::map<std::string, int> count;
  for (const Rule& rule : rules_->rules()) {
    ++count[rule.id.substr(0, rule.id.find('-'))];
  }
  const std::map<std::string, int> at_least{
      {"VNM", 49}, {"VNC", 10}, {"VNF", 11}, {"VNS", 28}, {"VNP", 18}, {"USC", 11},
      {"CUI", 4},  {"UKG", 5},  {"NAT", 4},  {"EUC", 4},  {"AUP", 4},  {"CAN", 2},
      {"DEV", 3},  {"FRC", 4},  {"TLP", 3},  {"COR", 3},  {"MLB", 14}, {"CMB", 17}};
  for (const auto& [prefix, number] : at_least) {
    EXPECT_GE(count[prefix], number) << prefix;
  }
}

// What a rule on state secrets matched must never be written anywhere.
TEST_F(ShippedRules, NoLevelLeavesASnippet) {
  for (const Rule& rule : rules_->rules()) {
    if (rule.group == "vn-level" || rule.group == "vn-level-maybe") {
      EXPECT_FALSE(rule.log_snippet) << rule.id;
    }
  }
}

}  // namespace
}  // namespace gatepost::ruleset
