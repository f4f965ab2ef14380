// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/policy/policy.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace gatepost::policy {
namespace {

constexpr const char* kRules = R"(
pack: test
title: {en: Test, vi: Thử}
rules:
  - {id: LVL-1, title: {en: a, vi: a}, zones: [body], form: raw, match: 'alpha', severity: critical,
     group: vn-level, level: mat, examples: {match: [alpha], no_match: [x]}}
  - {id: LVL-2, title: {en: b, vi: b}, zones: [body], form: raw, match: 'beta', severity: medium,
     group: vn-level-maybe, examples: {match: [beta], no_match: [x]}}
  - {id: FOR-1, title: {en: c, vi: c}, zones: [body], form: raw, match: 'gamma', severity: high,
     group: marking-foreign, examples: {match: [gamma], no_match: [x]}}
)";

// A rule set and policies in a folder of their own.
class PolicyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "gatepost-policy-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    std::filesystem::create_directories(folder_ + "/rules");
    std::ofstream(folder_ + "/rules/test.yaml") << kRules;
    Diagnostics diagnostics;
    auto rules = ruleset::RuleSet::Load({folder_ + "/rules"}, &diagnostics);
    ASSERT_TRUE(rules.ok()) << rules.status().message();
    rules_ = *rules;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<std::shared_ptr<const Policy>> Load(const std::string& clauses) {
    file_ = folder_ + "/policy.yaml";
    std::ofstream(file_) << "policy: 1\nclauses:\n" << clauses;
    return Policy::Load(file_, *rules_, &diagnostics_);
  }
  std::shared_ptr<const Policy> MustLoad(const std::string& clauses) {
    auto policy = Load(clauses);
    EXPECT_TRUE(policy.ok()) << policy.status().message();
    return policy.ok() ? *policy : nullptr;
  }
  std::string LoadError(const std::string& clauses) {
    const auto policy = Load(clauses);
    return policy.ok() ? "" : policy.status().message();
  }

  static mail::Recipient To(const char* address, mail::Direction direction) {
    mail::Recipient recipient;
    recipient.address = mail::Address::Parse(address);
    recipient.direction = direction;
    return recipient;
  }
  static mail::Envelope Inbound(const char* to = "a@office.example") {
    mail::Envelope envelope;
    envelope.sender = mail::Address::Parse("x@outside.example");
    envelope.recipients.push_back(To(to, mail::Direction::kInbound));
    return envelope;
  }
  static inspect::RuleHit Hit(const char* id, const char* group, ruleset::Severity severity,
                              ruleset::Mode mode = ruleset::Mode::kEnforce) {
    inspect::RuleHit hit;
    hit.id = id;
    hit.group = group;
    hit.severity = severity;
    hit.mode = mode;
    return hit;
  }

  std::string folder_, file_;
  std::shared_ptr<const ruleset::RuleSet> rules_;
  Diagnostics diagnostics_;
};

constexpr const char* kText = ", text: {en: Refused, vi: Bi tu choi}";

TEST_F(PolicyTest, FirstMatchingClauseDecidesAndTheRestIsAccepted) {
  const auto policy = MustLoad(
      "- {name: a, category: spam, when: {score: {at_least: tag}}, then: {action: tag}}\n"
      "- {name: b, category: spam, when: {score: {at_least: 4}}, then: {action: quarantine}}\n");
  inspect::Findings findings;
  findings.score = 6;
  EXPECT_EQ(policy->Judge(Inbound(), findings).clause, "a");
  findings.score = 4.5;
  EXPECT_EQ(policy->Judge(Inbound(), findings).clause, "b");
  findings.score = 1;
  const Verdict verdict = policy->Judge(Inbound(), findings);
  EXPECT_EQ(verdict.action, Action::kAccept);
  EXPECT_EQ(verdict.clause, "default");
}

TEST_F(PolicyTest, ARejectOfSomeRecipientsBecomesAHoldForThose) {
  const auto policy =
      MustLoad(std::string("- {name: r, category: policy, when: {recipient: {domain: b.example}}, "
                           "then: {action: reject") +
               kText + "}}\n");
  mail::Envelope envelope = Inbound("one@b.example");
  envelope.recipients.push_back(To("two@c.example", mail::Direction::kInbound));
  const Verdict verdict = policy->Judge(envelope, {});
  EXPECT_EQ(verdict.action, Action::kQuarantine);
  EXPECT_EQ(verdict.reply_code, "");
  ASSERT_EQ(verdict.recipients.size(), 2U);
  EXPECT_EQ(verdict.recipients[0].action, Action::kQuarantine);
  EXPECT_EQ(verdict.recipients[0].clause, "r");
  EXPECT_EQ(verdict.recipients[1].action, Action::kAccept);

  envelope.recipients[1] = To("two@b.example", mail::Direction::kInbound);
  const Verdict all = policy->Judge(envelope, {});
  EXPECT_EQ(all.action, Action::kReject);
  EXPECT_EQ(all.reply_code, "550 5.7.1");
  EXPECT_EQ(all.reply_text, "Refused / Bi tu choi");
}

TEST_F(PolicyTest, ARejectByContentRejectsTheWholeAndStoresNothing) {
  const auto policy = MustLoad(
      std::string("- {name: m, category: marking, when: {direction: outbound, rules: [LVL-1]}, "
                  "then: {action: reject, scope: message, store: false") +
      kText + "}}\n");
  mail::Envelope envelope;
  envelope.recipients = {To("a@office.example", mail::Direction::kInternal),
                         To("b@outside.example", mail::Direction::kOutbound)};
  inspect::Findings findings;
  findings.hits.push_back(Hit("LVL-1", "vn-level", ruleset::Severity::kCritical));
  const Verdict verdict = policy->Judge(envelope, findings);
  EXPECT_EQ(verdict.action, Action::kReject);
  EXPECT_FALSE(verdict.store);
  EXPECT_EQ(verdict.recipients[0].action, Action::kReject);
  EXPECT_EQ(verdict.recipients[0].clause, "m");
  EXPECT_EQ(verdict.marking_rules, std::vector<std::string>{"LVL-1"});
}

TEST_F(PolicyTest, AnyDeferDefersTheWholeEvenBesideAContentReject) {
  const auto policy = MustLoad(
      std::string("- {name: d, category: policy, when: {recipient: {address: d@b.example}}, "
                  "then: {action: defer") +
      kText + "}}\n" +
      "- {name: v, category: virus, when: {infected: true}, then: {action: reject, scope: message" +
      kText + "}}\n");
  mail::Envelope envelope = Inbound("d@b.example");
  envelope.recipients.push_back(To("e@b.example", mail::Direction::kInbound));
  inspect::Findings findings;
  findings.infections.push_back({"Eicar", ""});
  const Verdict verdict = policy->Judge(envelope, findings);
  EXPECT_EQ(verdict.action, Action::kDefer);
  EXPECT_EQ(verdict.reply_code, "451 4.7.1");
  EXPECT_EQ(verdict.recipients[1].action, Action::kDefer);
}

TEST_F(PolicyTest, PostmasterAndAbuseAreNeverRejectedOnScore) {
  const auto policy =
      MustLoad(std::string("- {name: s, category: spam, when: {any: [{score: {at_least: 15}}]}, "
                           "then: {action: reject") +
               kText + "}}\n");
  inspect::Findings findings;
  findings.score = 99;
  EXPECT_EQ(policy->Judge(Inbound("Postmaster@office.example"), findings).action, Action::kTag);
  EXPECT_EQ(policy->Judge(Inbound("abuse+x@office.example"), findings).action, Action::kTag);
  EXPECT_EQ(policy->Judge(Inbound("abusers@office.example"), findings).action, Action::kReject);
  mail::Envelope away;
  away.recipients = {To("postmaster@elsewhere.example", mail::Direction::kOutbound)};
  EXPECT_EQ(policy->Judge(away, findings).action, Action::kReject);
}

TEST_F(PolicyTest, ShadowClausesAndShadowRulesDecideNothing) {
  const auto policy = MustLoad(
      "- {name: s, mode: shadow, category: spam, when: {}, then: {action: quarantine}}\n"
      "- {name: h, category: policy, when: {rules: ['LVL-*']}, then: {action: tag}}\n");
  inspect::Findings findings;
  findings.hits.push_back(
      Hit("LVL-1", "vn-level", ruleset::Severity::kCritical, ruleset::Mode::kShadow));
  const Verdict verdict = policy->Judge(Inbound(), findings);
  EXPECT_EQ(verdict.action, Action::kAccept);
  EXPECT_EQ(verdict.recipients[0].shadow_clause, "s");
  // A marking found in shadow is a marking all the same: nothing of it may be written.
  EXPECT_EQ(verdict.marking_rules.size(), 1U);
}

TEST_F(PolicyTest, HitConditionsOfOneMapAreAboutOneHit) {
  const auto policy = MustLoad(
      "- {name: h, category: policy, when: {groups: [vn-level-maybe], severity: high}, "
      "then: {action: tag}}\n");
  inspect::Findings findings;
  findings.hits.push_back(Hit("LVL-2", "vn-level-maybe", ruleset::Severity::kMedium));
  findings.hits.push_back(Hit("FOR-1", "marking-foreign", ruleset::Severity::kHigh));
  EXPECT_EQ(policy->Judge(Inbound(), findings).action, Action::kAccept);
  findings.hits[0].severity = ruleset::Severity::kHigh;
  EXPECT_EQ(policy->Judge(Inbound(), findings).action, Action::kTag);
}

TEST_F(PolicyTest, AllAnyAndNotNest) {
  const auto policy = MustLoad(R"(
- name: n
  category: policy
  when:
    direction: inbound
    any:
      - all: [{facts: {sender.domain: x*}}, {not: {facts: {sender.ours: true}}}]
      - not: [{score: {below: 100}}, {infected: true}]
  then: {action: tag}
)");
  inspect::Findings findings;
  EXPECT_EQ(policy->Judge(Inbound(), findings).action, Action::kAccept);
  findings.facts["sender.domain"] = "y xz";  // one of several values
  EXPECT_EQ(policy->Judge(Inbound(), findings).action, Action::kTag);
  findings.facts["sender.ours"] = "true";
  EXPECT_EQ(policy->Judge(Inbound(), findings).action, Action::kAccept);
  findings.score = 100;
  EXPECT_EQ(policy->Judge(Inbound(), findings).action, Action::kTag);
  findings.infections.push_back({"V", ""});
  EXPECT_EQ(policy->Judge(Inbound(), findings).action, Action::kAccept);
}

TEST_F(PolicyTest, AKnownCorrespondentIsARecipientsOwnMatter) {
  const auto policy = MustLoad(
      "- {name: k, category: freemail, when: {direction: outbound, known_correspondent: false}, "
      "then: {action: quarantine}}\n");
  mail::Envelope envelope;
  envelope.recipients = {To("a@free.example", mail::Direction::kOutbound),
                         To("b@free.example", mail::Direction::kOutbound)};
  envelope.recipients[1].known_correspondent = true;
  const Verdict verdict = policy->Judge(envelope, {});
  EXPECT_EQ(verdict.recipients[0].action, Action::kQuarantine);
  EXPECT_EQ(verdict.recipients[1].action, Action::kAccept);
}

TEST_F(PolicyTest, ADomainBehindAPercentIsNotTheDomainShown) {
  const auto policy = MustLoad(
      "- {name: t, category: policy, when: {recipient: {domain: [office.example, .sub.example]}}, "
      "then: {action: tag}}\n");
  EXPECT_EQ(policy->Judge(Inbound("a@office.example"), {}).action, Action::kTag);
  EXPECT_EQ(policy->Judge(Inbound("a@OFFICE.example."), {}).action, Action::kTag);
  EXPECT_EQ(policy->Judge(Inbound("a@x.sub.example"), {}).action, Action::kTag);
  EXPECT_EQ(policy->Judge(Inbound("a@sub.example"), {}).action, Action::kAccept);
  EXPECT_EQ(policy->Judge(Inbound("a%gmail.com@office.example"), {}).action, Action::kAccept);
}

TEST_F(PolicyTest, AnUnfinishedInspectionIsHeldWithoutAClauseForIt) {
  Diagnostics diagnostics;
  std::ofstream(folder_ + "/empty.yaml") << "policy: 1\nclauses: []\n";
  const auto empty = Policy::Load(folder_ + "/empty.yaml", *rules_, &diagnostics);
  ASSERT_TRUE(empty.ok()) << empty.status().message();
  EXPECT_FALSE(diagnostics.all().empty());  // it is warned of
  inspect::Findings findings;
  findings.unscannable.push_back({decode::Reason::kCrashed, ""});
  EXPECT_EQ((*empty)->Judge(Inbound(), findings).action, Action::kQuarantine);
  EXPECT_EQ((*empty)->Judge(Inbound(), findings).category, "unscannable");
}

TEST_F(PolicyTest, JudgeIsPure) {
  const auto policy = MustLoad(
      "- {name: g, category: ambiguous, when: {defects: {grade: B}}, then: {action: tag}}\n");
  inspect::Findings findings;
  findings.defects.push_back({"DuplicateFrom", mail::Grade::kC, "1"});
  const Verdict first = policy->Judge(Inbound(), findings);
  const Verdict second = policy->Judge(Inbound(), findings);
  EXPECT_EQ(first.clause, second.clause);
  EXPECT_EQ(first.action, Action::kTag);
  findings.defects[0].grade = mail::Grade::kA;
  EXPECT_EQ(policy->Judge(Inbound(), findings).action, Action::kAccept);
}

TEST_F(PolicyTest, AMessageWithoutRecipientsIsStillJudged) {
  const auto policy =
      MustLoad("- {name: i, category: policy, when: {direction: inbound}, then: {action: tag}}\n");
  mail::Envelope nobody;
  const Verdict verdict = policy->Judge(nobody, {});
  EXPECT_EQ(verdict.action, Action::kTag);
  EXPECT_TRUE(verdict.recipients.empty());
}

TEST_F(PolicyTest, MistakesAreNamedWithPlaceAndNearestWord) {
  const std::string error = LoadError(
      "- {name: a, category: spam, whem: {}, when: {}, then: {action: tag}}\n"
      "- {name: b, category: spam, when: {rules: [LVL-9]}, then: {action: quarantene}}\n"
      "- {name: c, category: spam, when: {groups: [vn-levle]}, then: {action: tag}}\n"
      "- {name: c, category: spam, when: {unscannable: [enkrypted]}, then: {action: tag}}\n"
      "- {name: d, category: spam, when: {defects: {ids: [Nope]}}, then: {action: tag}}\n"
      "- {name: e, category: spam, when: {sender: {list: none-such}}, then: {action: tag}}\n"
      "- {name: F, category: spam, when: {direction: inward}, then: {action: tag}}\n"
      "- {name: g, when: {}, then: {action: tag}}\n"
      "- {name: h, category: spam, when: {}, then: reject}\n"
      "- {name: i, category: spam, when: {}, then: keep}\n");
  EXPECT_NE(error.find("'then' is a map, as in 'then: {action: reject}'"), std::string::npos) << error;
  EXPECT_NE(error.find("'then' is a map, as in 'then: {action: quarantine}'"), std::string::npos);
  EXPECT_NE(
      error.find(file_ + ":3:29: error: unknown key 'whem' in a clause, did you mean 'when'?"),
      std::string::npos)
      << error;
  EXPECT_NE(error.find("the rule 'LVL-9', did you mean 'LVL-1'?"), std::string::npos) << error;
  EXPECT_NE(error.find("did you mean 'quarantine'?"), std::string::npos);
  EXPECT_NE(error.find("did you mean 'vn-level'?"), std::string::npos);
  EXPECT_NE(error.find("'c' is given twice (first in line 5)"), std::string::npos) << error;
  EXPECT_NE(error.find("enkrypted"), std::string::npos);
  EXPECT_NE(error.find("no defect is named 'Nope'"), std::string::npos);
  EXPECT_NE(error.find("the list 'none-such'"), std::string::npos);
  EXPECT_NE(error.find("'F'"), std::string::npos);
  EXPECT_NE(error.find("'inward' is none of inbound"), std::string::npos);
  EXPECT_NE(error.find("needs a category"), std::string::npos);
}

TEST_F(PolicyTest, AReplyTellsNeitherMarkingNorRule) {
  const auto refused = [&](const std::string& then) {
    return LoadError(
        "- {name: a, category: marking, when: {infected: true}, then: {action: " + then + "}}\n");
  };
  EXPECT_NE(refused("reject, text: {en: Refused, vi: Thu co dau Mat}").find("'mat'"),
            std::string::npos);
  EXPECT_NE(refused("reject, text: {en: This is SECRET, vi: x}").find("'secret'"),
            std::string::npos);
  EXPECT_NE(refused("reject, text: {en: lvl-1 hit, vi: x}").find("'LVL-1'"), std::string::npos);
  EXPECT_NE(refused("reject, text: {en: Từ chối, vi: x}").find("ASCII"), std::string::npos);
  EXPECT_NE(refused("reject, text: {en: 100% spam, vi: x}").find("ASCII"), std::string::npos);
  EXPECT_NE(refused("reject, text: {en: " + std::string(400, 'x') + ", vi: x}").find("400 bytes"),
            std::string::npos);
  EXPECT_NE(refused("reject, code: 451 4.7.1, text: {en: a, vi: b}").find("'550 5.7.1'"),
            std::string::npos);
  EXPECT_NE(refused("defer, code: 550 5.7.1, text: {en: a, vi: b}").find("'451 4.7.1'"),
            std::string::npos);
  EXPECT_NE(refused("reject, code: 550 4.7.1, text: {en: a, vi: b}").find("'550 5.7.1'"),
            std::string::npos);
  EXPECT_NE(refused("reject, text: {en: a}").find("needs en and vi"), std::string::npos);
  EXPECT_NE(refused("tag, code: 250 2.0.0").find("belong to reject"), std::string::npos);
  EXPECT_NE(refused("quarantine, store: false").find("'store: false' needs"), std::string::npos);
  EXPECT_EQ(refused("reject, text: {en: matter of format, vi: x}"), "");  // a word, not a part
}

TEST_F(PolicyTest, AFactThatNobodySetsIsAnErrorWithTheNearestName) {
  const auto refused = [&](const std::string& fact) {
    return LoadError("- {name: a, category: spam, when: {facts: {" + fact +
                     ": true}}, then: {action: tag}}\n");
  };
  EXPECT_NE(refused("sender.nul").find("did you mean 'sender.null'?"), std::string::npos);
  EXPECT_NE(refused("document.macro").find("did you mean 'document.macros'?"), std::string::npos);
  EXPECT_NE(refused("sender.*").find("nothing sets the fact"), std::string::npos);
  EXPECT_NE(refused("unscannable.encripted").find("nothing sets the fact"), std::string::npos);
  EXPECT_EQ(refused("unscannable.encrypted"), "");
  EXPECT_EQ(refused("outbreak.count"), "");
}

TEST_F(PolicyTest, UnreachableClausesAreWarnings) {
  MustLoad(
      "- {name: a, category: spam, when: {facts: {sender.null: true}}, then: {action: tag}}\n"
      "- {name: b, category: spam, when: {facts: {sender.null: true}}, then: {action: tag}}\n"
      "- {name: c, when: {}, then: {action: accept}}\n"
      "- {name: d, category: spam, when: {infected: true}, then: {action: tag}}\n");
  std::string all;
  for (const Diagnostic& one : diagnostics_.all()) {
    all += one.ToString() + "\n";
  }
  EXPECT_NE(all.find("'b' is never reached: 'a'"), std::string::npos) << all;
  EXPECT_NE(all.find("'d' is never reached: 'c'"), std::string::npos) << all;
}

TEST_F(PolicyTest, ToStringTellsEveryClauseIncludingTheImplicitOnes) {
  const auto policy = MustLoad(
      "- {name: a, category: spam, basis: Law 1, when: {any: [{infected: true}, "
      "{score: {at_least: 3}}]}, then: {action: quarantine}}\n");
  EXPECT_EQ(policy->ToString(),
            "a: when any(infected or score >= 3) then quarantine [spam] (Law 1)\n"
            "unfinished: when unscannable crashed,timed-out then quarantine [unscannable]\n"
            "default: when always then accept\n");
  EXPECT_EQ(policy->version().size(), 64U);
}

}  // namespace
}  // namespace gatepost::policy
