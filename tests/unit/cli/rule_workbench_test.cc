// What the commands about rules say to a person. SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "src/cli/ailments.h"
#include "src/cli/rule_report.h"
#include "src/cli/terminal.h"
#include "src/cli/waiting.h"
#include "src/ruleset/sources.h"

namespace gatepost::cli {
namespace {

namespace fs = std::filesystem;

class RuleWorkbench : public testing::Test {
 protected:
  RuleWorkbench() {
    std::string name = (fs::temp_directory_path() / "gatepost-workbench-XXXXXX").string();
    root_ = mkdtemp(name.data());
    std::ofstream(root_ / "r.yaml")
        << "pack: t\ntitle: {en: T, vi: T}\nrules:\n" + Rule("A-1") + Rule("A-2") + Rule("A-3");
  }
  ~RuleWorkbench() override { fs::remove_all(root_); }
  static std::string Rule(const std::string& id) {
    return "  - id: " + id +
           "\n    title: {en: Loans, vi: Cho vay}\n    why: " + std::string(30, 'w') + " " +
           std::string(30, 'x') + " " + std::string(30, 'y') +
           "\n    zones: [body]\n    form: fold\n    match: 'vay tien nhanh'\n    score: 2\n    "
           "severity: low\n    examples: {match: [a, b, c], no_match: [x, y, z]}\n";
  }
  // The folder is a package's; A-1 has been seen enforced.
  std::shared_ptr<const ruleset::RuleSet> Load() {
    ruleset::Sources sources = ruleset::Sources::OfFolders(
        std::vector<ruleset::Sources::Folder>{{root_.string(), true, {}}});
    sources.SetKnownRules(
        std::make_shared<const std::set<std::string>>(std::set{std::string("A-1")}));
    Diagnostics diagnostics;
    const auto rules = ruleset::RuleSet::Load(&sources, &diagnostics);
    EXPECT_TRUE(rules.ok()) << diagnostics.ToStatus().message();
    return rules.ok() ? *rules : nullptr;
  }
  std::string Explained(bool vietnamese, scan::ExpressionCost cost) {
    const auto rules = Load();
    RuleReport report;
    report.rule = rules->Find("A-1");
    report.rules = rules.get();
    report.costs = {std::move(cost)};
    ReportStyle style;
    style.vietnamese = vietnamese;
    style.columns = 60;
    return RuleReportText(report, style);
  }

  fs::path root_;
};

// Wherever lines were broken.
std::string Unwrapped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n';
    if (!blank || out.empty() || out.back() != ' ') {
      out += blank ? ' ' : c;
    }
  }
  return out;
}

TEST_F(RuleWorkbench, OnlyWhatTheDaemonHasLoadedCanBeAccepted) {
  const auto rules = Load();
  const auto told = [&](const Json& daemon) {
    std::string out;
    for (const WaitingRule& one : WaitingRules(*rules, daemon)) {
      out += one.id + (one.loaded ? "+" : "-") + (one.rule == nullptr ? "gone " : " ");
    }
    return out;
  };
  EXPECT_EQ(told(nullptr), "A-2- A-3- ") << "no daemon answers";
  EXPECT_EQ(told({{"waiting_rules", Json::array()}}), "A-2- A-3- ");
  EXPECT_EQ(told({{"waiting_rules", {"A-3", "Z-1"}}}), "A-3+ Z-1+gone A-2- ");
}

TEST_F(RuleWorkbench, ExplainSpeaksTheLanguageAndFitsTheTerminal) {
  scan::ExpressionCost cost;
  cost.literal = "vay tien nhanh";
  const std::string english = Explained(false, cost);
  EXPECT_NE(english.find("A-1  Loans / Cho vay\n  defined    "), std::string::npos) << english;
  EXPECT_NE(Unwrapped(english).find("Hyperscan by its literal"), std::string::npos) << english;
  const std::string vietnamese = Explained(true, cost);
  EXPECT_NE(vietnamese.find("A-1  Cho vay / Loans\n  nằm ở      "), std::string::npos)
      << vietnamese;
  EXPECT_NE(Unwrapped(vietnamese).find("Hyperscan tìm theo chuỗi đó"), std::string::npos)
      << vietnamese;
  EXPECT_NE(vietnamese.find("  phải khớp  a\n"), std::string::npos) << vietnamese;
  for (const char* word : {"literal", "looks at", "matches", "weight"}) {
    EXPECT_EQ(vietnamese.find(word), std::string::npos) << word;
  }
  EXPECT_NE(english.find(std::string(30, 'w') + "\n             " + std::string(30, 'x') + "\n"),
            std::string::npos)
      << english;
}

TEST_F(RuleWorkbench, ExplainNamesTheEngineThatIsUsed) {
  scan::ExpressionCost cost;
  cost.way = scan::ExpressionCost::Way::kEverywhere;
  cost.refused = "Pattern is too large.";
  const std::string said = Unwrapped(Explained(false, cost));
  EXPECT_NE(said.find("every paragraph"), std::string::npos) << said;
  EXPECT_NE(said.find("too large"), std::string::npos) << said;
  cost.way = scan::ExpressionCost::Way::kWords;
  cost.refused.clear();
  EXPECT_EQ(Explained(false, cost).find("Hyperscan"), std::string::npos);
}

TEST(StatusOfGeneration, AGenerationThatCouldNotBeKeptHasNoNumberZero) {
  EXPECT_EQ(GenerationText({{"number", 17}}), "17");
  EXPECT_EQ(GenerationText({{"number", 0}}).find('0'), std::string::npos);
  ASSERT_EQ(Warnings({{"generation", {{"number", 0}}}}).size(), 1U);
  EXPECT_NE(Warnings({{"generation", {{"number", 0}}}})[0].find("GP2010"), std::string::npos);
  EXPECT_TRUE(Warnings({{"generation", {{"number", 3}}}}).empty());
}

TEST(Terminal, SentencesAreWrappedAtBlanksByWhatTheyTakeOnTheScreen) {
  EXPECT_EQ(Wrapped("một hai ba", 7), (std::vector<std::string>{"một hai", "ba"}));
  EXPECT_EQ(Wrapped("abcdefgh ij", 4), (std::vector<std::string>{"abcdefgh", "ij"}));
  EXPECT_EQ(Wrapped("", 4), std::vector<std::string>{""});
}

}  // namespace
}  // namespace gatepost::cli
