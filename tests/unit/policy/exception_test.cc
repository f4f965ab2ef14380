// Exceptions take hits away and nothing else; shadow effects are what the policy would have said.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/policy/exception.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "src/inspect/wire.h"
#include "src/policy/shadow.h"

namespace gatepost::policy {
namespace {

constexpr const char* kRules = R"(
pack: test
title: {en: Test, vi: Thử}
rules:
  - {id: SPM-1, title: {en: a, vi: a}, zones: [body], form: raw, match: 'alpha', score: 6,
     examples: {match: [alpha], no_match: [x]}}
  - {id: SPM-2, title: {en: b, vi: b}, zones: [body], form: raw, match: 'beta', score: 2,
     examples: {match: [beta], no_match: [x]}}
  - {id: LVL-1, title: {en: c, vi: c}, zones: [body], form: raw, match: 'gamma', severity: critical,
     group: vn-level, level: mat, examples: {match: [gamma], no_match: [x]}}
)";

constexpr const char* kPolicy = R"(policy: 1
thresholds: {tag: 5, reject: 15}
clauses:
  - {name: infected, category: virus, when: {infected: true}, then: {action: quarantine}}
  - {name: secret, category: marking, when: {groups: [vn-level]}, then: {action: quarantine}}
  - {name: odd, category: ambiguous, when: {defects: {grade: C}}, then: {action: quarantine}}
  - {name: lure, category: virus, when: {rules: [LUR-1]}, then: {action: quarantine}}
  - {name: unreadable, category: unscannable, when: {unscannable: true}, then: {action: quarantine}}
  - {name: new-hold, category: spam, mode: shadow, when: {rules: [SPM-2]},
     then: {action: quarantine}}
  - {name: spam, category: spam, when: {score: {at_least: 7}}, then: {action: quarantine}}
  - {name: tagged, category: spam, when: {score: {at_least: tag}}, then: {action: tag}}
)";

class ExceptionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "gatepost-except-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    std::filesystem::create_directories(folder_ + "/rules");
    std::ofstream(folder_ + "/rules/test.yaml")
        << kRules
        << "  - {id: LUR-1, title: {en: d, vi: d}, zones: [body], form: raw, match: 'lure',"
        << " examples: {match: [lure], no_match: [x]}}\n";
    std::ofstream(folder_ + "/policy.yaml") << kPolicy;
    Diagnostics diagnostics;
    auto rules = ruleset::RuleSet::Load({folder_ + "/rules"}, &diagnostics);
    ASSERT_TRUE(rules.ok()) << rules.status().message();
    auto policy = Policy::Load(folder_ + "/policy.yaml", **rules, &diagnostics);
    ASSERT_TRUE(policy.ok()) << policy.status().message();
    policy_ = *policy;
    rules_ = *rules;
    envelope_.sender = mail::Address::Parse("news@partner.example");
    mail::Recipient clerk;
    clerk.address = mail::Address::Parse("clerk@office.example");
    envelope_.recipients.push_back(clerk);
    envelope_.received_at_ms = 1'000;
    Hit("SPM-1", 6);
    Hit("SPM-2", 2);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Hit(const char* id, double score, const char* path = "",
           ruleset::Mode mode = ruleset::Mode::kEnforce) {
    inspect::RuleHit hit;
    hit.id = id;
    hit.score = score;
    hit.mode = mode;
    if (*path != '\0') {
      hit.evidence.emplace_back();
      hit.evidence.back().path = path;
    }
    findings_.hits.push_back(hit);
    findings_.score = inspect::ScoreOf(findings_.hits);
  }
  static Exception For(const char* sender, std::vector<std::string> rules = {},
                       const char* sha256 = "") {
    Exception one;
    one.id = "EX-1";
    one.sender = sender;
    one.rules = std::move(rules);
    one.sha256 = sha256;
    one.owner = "an";
    one.reason = "wanted";
    one.expires_ms = 2'000;
    return one;
  }
  Verdict Judge(const Exception& one) const { return policy_->Judge(envelope_, findings_, {one}); }

  std::string folder_;
  std::shared_ptr<const Policy> policy_;
  std::shared_ptr<const ruleset::RuleSet> rules_;
  mail::Envelope envelope_;
  inspect::Findings findings_;
};

TEST_F(ExceptionTest, AnExceptionTakesTheHitsOfItsSenderAndIsNamedInTheVerdict) {
  EXPECT_EQ(policy_->Judge(envelope_, findings_).clause, "spam");
  const Verdict verdict = Judge(For("partner.example"));
  EXPECT_EQ(verdict.action, Action::kAccept);
  EXPECT_EQ(verdict.score, 0);
  ASSERT_EQ(verdict.exceptions.size(), 1U);
  EXPECT_EQ(verdict.exceptions[0].id, "EX-1");
  EXPECT_EQ(verdict.exceptions[0].owner, "an");
  EXPECT_EQ(verdict.exceptions[0].rules, (std::vector<std::string>{"SPM-1", "SPM-2"}));
  EXPECT_EQ(verdict.exceptions[0].blocked, "");
}

TEST_F(ExceptionTest, OnlyTheRulesThatItNamesAreTaken) {
  const Verdict verdict = Judge(For("news@partner.example", {"SPM-2"}));
  EXPECT_EQ(verdict.action, Action::kTag);
  EXPECT_EQ(verdict.score, 6);
  EXPECT_EQ(Judge(For("", {"SPM-*"})).action, Action::kAccept);
}

TEST_F(ExceptionTest, AnotherSenderOrAnExpiredExceptionChangesNothing) {
  EXPECT_EQ(Judge(For("other.example")).action, Action::kQuarantine);
  EXPECT_TRUE(Judge(For("other.example")).exceptions.empty());
  EXPECT_EQ(Judge(For(".partner.example")).action, Action::kQuarantine);
  Exception old = For("partner.example");
  old.expires_ms = 1'000;
  EXPECT_EQ(Judge(old).action, Action::kQuarantine);
  // The percent hack does not borrow a partner's name.
  envelope_.sender = mail::Address::Parse("x%evil.example@partner.example");
  EXPECT_EQ(Judge(For("partner.example")).action, Action::kQuarantine);
}

TEST_F(ExceptionTest, VirusMarkingGradeCAndUnreadableMailAreNeverLetGo) {
  const Exception everything = For("", {"*"});
  inspect::Findings plain = findings_;
  const auto blocked = [&](const char* because) {
    const Verdict verdict = Judge(everything);
    EXPECT_EQ(verdict.action, Action::kQuarantine) << because;
    ASSERT_EQ(verdict.exceptions.size(), 1U) << because;
    EXPECT_EQ(verdict.exceptions[0].blocked, because);
    EXPECT_TRUE(verdict.exceptions[0].rules.empty());
    findings_ = plain;
  };
  findings_.infections.push_back({"Eicar", "1"});
  blocked("infected");
  findings_.defects.push_back({"mime.two-boundaries", mail::Grade::kC, "1"});
  blocked("defect of grade C");
  findings_.unscannable.push_back({decode::Reason::kEncrypted, "a.zip"});
  blocked("unscannable (encrypted)");
  Hit("LUR-1", 0);
  blocked("clause lure");
  Hit("LVL-1", 0);
  findings_.hits.back().group = "vn-level";
  findings_.hits.back().severity = ruleset::Severity::kCritical;
  blocked("marking");
  // A marking in shadow mode as well: somebody suspected it.
  Hit("LVL-1", 0, "", ruleset::Mode::kShadow);
  findings_.hits.back().group = "vn-level";
  findings_.hits.back().severity = ruleset::Severity::kCritical;
  blocked("marking");
}

TEST_F(ExceptionTest, ASenderThatFailsAuthenticationIsNoGround) {
  findings_.facts["auth.dmarc"] = "fail";
  const Verdict verdict = Judge(For("partner.example"));
  EXPECT_EQ(verdict.action, Action::kQuarantine);
  ASSERT_EQ(verdict.exceptions.size(), 1U);
  EXPECT_EQ(verdict.exceptions[0].blocked, "the sender is not authenticated");
}

TEST_F(ExceptionTest, AFilesExceptionTakesWhatStandsInThatFileOnly) {
  const std::string digest(64, 'a');
  findings_.hits.clear();
  findings_.parts.push_back({"2", "zip", 1000, digest, "yes"});
  findings_.parts.push_back({"2/plan.docx", "docx", 900, std::string(64, 'b'), "yes"});
  Hit("SPM-1", 6, "2/plan.docx");
  Hit("SPM-2", 2, "1");
  EXPECT_EQ(Judge(For("", {}, digest.c_str())).score, 2);
  // A combination has no place: it is taken only when there is no other file.
  findings_.hits.clear();
  Hit("SPM-1", 6);
  EXPECT_EQ(Judge(For("", {}, digest.c_str())).score, 0);
  findings_.parts.push_back({"3", "pdf", 1000, std::string(64, 'c'), "yes"});
  EXPECT_EQ(Judge(For("", {}, digest.c_str())).score, 6);
  EXPECT_TRUE(Judge(For("", {}, std::string(64, 'd').c_str())).exceptions.empty());
}

TEST_F(ExceptionTest, AShadowRuleSaysWhatItWouldHaveDoneAndNothingWhereItChangesNothing) {
  findings_.hits.clear();
  Hit("SPM-1", 6, "", ruleset::Mode::kShadow);
  const EnforceRule enforce = [](const std::string& rule, inspect::Findings* findings) {
    for (inspect::RuleHit& hit : findings->hits) {
      hit.mode = hit.id == rule ? ruleset::Mode::kEnforce : hit.mode;
    }
    findings->score = inspect::ScoreOf(findings->hits);
  };
  Verdict verdict = policy_->Judge(envelope_, findings_);
  EXPECT_EQ(verdict.action, Action::kAccept);
  auto effects = ShadowEffects(*policy_, envelope_, findings_, {}, verdict, enforce);
  ASSERT_EQ(effects.size(), 1U);
  EXPECT_EQ(effects[0].rule, "SPM-1");
  EXPECT_EQ(effects[0].action, Action::kTag);
  EXPECT_EQ(effects[0].by, "tagged");
  EXPECT_EQ(effects[0].recipients, 1U);
  findings_.infections.push_back({"Eicar", "1"});
  verdict = policy_->Judge(envelope_, findings_);
  EXPECT_TRUE(ShadowEffects(*policy_, envelope_, findings_, {}, verdict, enforce).empty());
}

TEST_F(ExceptionTest, AShadowClauseIsNamedAloneOrTogetherWithTheShadowRulesItNeeds) {
  const EnforceRule enforce = [](const std::string& rule, inspect::Findings* findings) {
    for (inspect::RuleHit& hit : findings->hits) {
      hit.mode = hit.id == rule ? ruleset::Mode::kEnforce : hit.mode;
    }
    findings->score = inspect::ScoreOf(findings->hits);
  };
  findings_.hits.clear();
  Hit("SPM-2", 2);
  auto effects = ShadowEffects(*policy_, envelope_, findings_, {},
                               policy_->Judge(envelope_, findings_), enforce);
  ASSERT_EQ(effects.size(), 1U);
  EXPECT_EQ(effects[0].clause, "new-hold");
  EXPECT_EQ(effects[0].action, Action::kQuarantine);
  EXPECT_TRUE(effects[0].with.empty());
  findings_.hits[0].mode = ruleset::Mode::kShadow;
  findings_.score = 0;
  effects = ShadowEffects(*policy_, envelope_, findings_, {}, policy_->Judge(envelope_, findings_),
                          enforce);
  ASSERT_EQ(effects.size(), 1U);
  EXPECT_EQ(effects[0].clause, "new-hold");
  EXPECT_EQ(effects[0].with, std::vector<std::string>{"SPM-2"});
}

TEST_F(ExceptionTest, AShadowClauseNamesNoneOfTheShadowRulesThatItDoesNotNeed) {
  const EnforceRule enforce = [](const std::string& rule, inspect::Findings* findings) {
    for (inspect::RuleHit& hit : findings->hits) {
      hit.mode = hit.id == rule ? ruleset::Mode::kEnforce : hit.mode;
    }
    findings->score = inspect::ScoreOf(findings->hits);
  };
  findings_.hits.clear();
  Hit("OTH-1", 2);
  Hit("OTH-2", 1);
  Hit("SPM-2", 0.5);
  Hit("OTH-3", 0.1);
  for (inspect::RuleHit& hit : findings_.hits) {
    hit.mode = ruleset::Mode::kShadow;
  }
  findings_.score = 0;
  const auto effects = ShadowEffects(*policy_, envelope_, findings_, {},
                                     policy_->Judge(envelope_, findings_), enforce);
  const auto clause = std::find_if(effects.begin(), effects.end(),
                                   [](const ShadowEffect& one) { return !one.clause.empty(); });
  ASSERT_NE(clause, effects.end());
  EXPECT_EQ(clause->clause, "new-hold");
  EXPECT_EQ(clause->action, Action::kQuarantine);
  EXPECT_EQ(clause->with, std::vector<std::string>{"SPM-2"});
}

TEST_F(ExceptionTest, ARuleSaysBeforehandWhyNoExceptionTakesItsHits) {
  const auto why = [this](const char* id) { return policy_->WhyNoException(*rules_->Find(id)); };
  EXPECT_EQ(why("LVL-1"), "finds markings");
  EXPECT_EQ(why("LUR-1"), "is what clause 'lure' (virus) keeps back");
  EXPECT_EQ(why("SPM-1"), "");
  EXPECT_EQ(why("SPM-2"), "") << "a clause in shadow mode guards nothing";
  // As Judge has it.
  for (const char* id : {"LVL-1", "LUR-1", "SPM-1"}) {
    inspect::RuleHit hit;
    const ruleset::Rule& rule = *rules_->Find(id);
    hit.id = id;
    hit.severity = rule.severity;
    hit.level = rule.level;
    hit.group = rule.group;
    findings_.hits = {hit};
    const Verdict verdict = Judge(For("partner.example"));
    ASSERT_EQ(verdict.exceptions.size(), 1U) << id;
    EXPECT_EQ(verdict.exceptions[0].blocked.empty(), why(id).empty()) << id;
  }
}

}  // namespace
}  // namespace gatepost::policy
