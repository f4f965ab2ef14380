// The packs that Gatepost ships, as texts for people: complete, and without a warning.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "src/ruleset/rule_set.h"

namespace gatepost::ruleset {
namespace {

// Expressions without a word to look for are few, and each has its reason: short codes and numbers
// of papers, portion marks, two broken bytes in a row (tests/workbench/commands.py, by pack).
const std::set<std::string> kWordless = {"NAT-002", "USC-005", "VNC-006", "VNC-008",
                                         "VNM-020", "VNM-025", "VNM-026", "VNM-055",
                                         "VNM-091", "VNS-020", "VNS-021"};

// Whose expression stands there.
std::string RuleAt(const RuleSet& rules, const Place& place) {
  for (const Rule& rule : rules.rules()) {
    for (const auto* expressions : {&rule.match, &rule.mask, &rule.unless}) {
      for (const Expression& one : *expressions) {
        if (one.place.file == place.file && one.place.line == place.line &&
            one.place.column == place.column) {
          return rule.id;
        }
      }
    }
  }
  return "";
}

class ShippedRules : public testing::Test {
 protected:
  void SetUp() override {
    Diagnostics diagnostics;
    auto loaded = RuleSet::Load({std::string(GATEPOST_SOURCE_DIR) + "/rules"}, &diagnostics);
    ASSERT_TRUE(loaded.ok()) << loaded.status().message();
    std::set<std::string> wordless;
    for (const Diagnostic& one : diagnostics.all()) {
      const std::string rule = RuleAt(**loaded, one.place);
      if (one.message.rfind("no run of three characters", 0) == 0 && kWordless.count(rule) > 0) {
        wordless.insert(rule);
      } else {
        ADD_FAILURE() << rule << ": " << one.ToString();
      }
    }
    EXPECT_EQ(wordless, kWordless) << "a reason that is gone should go from the list";
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
