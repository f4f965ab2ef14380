// The shipped policy (rules/policy.yaml): what it decides, and what it says to senders.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "src/base/yaml.h"
#include "src/policy/policy.h"

namespace gatepost::policy {
namespace {

using mail::Direction;

std::string Shipped() { return std::string(GATEPOST_SOURCE_DIR) + "/rules"; }

class ShippedPolicy : public ::testing::Test {
 protected:
  void SetUp() override {
    Diagnostics mine;
    auto rules = ruleset::RuleSet::Load({Shipped()}, &mine);
    ASSERT_TRUE(rules.ok()) << rules.status().message();
    mine = Diagnostics();
    auto policy = Policy::Load(Shipped() + "/policy.yaml", **rules, &mine);
    ASSERT_TRUE(policy.ok()) << policy.status().message();
    for (const Diagnostic& one : mine.all()) {
      ADD_FAILURE() << one.ToString();  // the shipped one has no warnings either
    }
    policy_ = *policy;
  }
  static mail::Recipient To(const char* address, Direction direction) {
    mail::Recipient recipient;
    recipient.address = mail::Address::Parse(address);
    recipient.direction = direction;
    return recipient;
  }
  static inspect::RuleHit Hit(const char* id, const char* group, ruleset::Severity severity,
                              ruleset::Level level = ruleset::Level::kNone) {
    inspect::RuleHit hit;
    hit.id = id;
    hit.group = group;
    hit.severity = severity;
    hit.level = level;
    return hit;
  }
  Verdict Judge(Direction direction, const inspect::Findings& findings,
                const char* to = "x@there.example") {
    mail::Envelope envelope;
    envelope.recipients = {To(to, direction)};
    return policy_->Judge(envelope, findings);
  }
  std::shared_ptr<const Policy> policy_;
};

TEST_F(ShippedPolicy, ACertainMarkingIsRefusedOnItsWayOutAndHeldOnItsWayIn) {
  inspect::Findings findings;
  findings.hits.push_back(Hit("CMB-01", "vn-level", ruleset::Severity::kCritical));
  for (const Direction way : {Direction::kOutbound, Direction::kInternal}) {
    const Verdict verdict = Judge(way, findings);
    EXPECT_EQ(verdict.action, Action::kReject);
    EXPECT_FALSE(verdict.store);
    EXPECT_EQ(verdict.category, "marking");
    EXPECT_EQ(verdict.basis, "464-QĐ/TU Điều 6.2");
  }
  for (const Direction way : {Direction::kInbound, Direction::kRelay}) {
    EXPECT_EQ(Judge(way, findings).action, Action::kQuarantine);
    EXPECT_TRUE(Judge(way, findings).store);
  }
}

TEST_F(ShippedPolicy, AStateSecretToOneOutsideRefusesTheWholeAndKeepsNothing) {
  inspect::Findings findings;
  findings.hits.push_back(Hit("CMB-01", "vn-level", ruleset::Severity::kCritical));
  mail::Envelope envelope;
  envelope.recipients = {To("clerk@quangtri.gov.vn", Direction::kOutbound),
                         To("colleague@office.example", Direction::kInternal),
                         To("postmaster@office.example", Direction::kInternal),
                         To("citizen@gmail.com", Direction::kOutbound)};
  envelope.recipients[3].known_correspondent = true;
  const Verdict verdict = policy_->Judge(envelope, findings);
  EXPECT_EQ(verdict.action, Action::kReject);
  EXPECT_EQ(verdict.clause, "marking-leaves");
  EXPECT_EQ(verdict.reply_code, "550 5.7.1");
  EXPECT_FALSE(verdict.store);
  for (const RecipientVerdict& one : verdict.recipients) {
    EXPECT_EQ(one.action, Action::kReject) << one.recipient.key();
  }
}

TEST_F(ShippedPolicy, EveryLevelComingInIsHeldAndNoBounceIsAnswered) {
  for (const ruleset::Level level :
       {ruleset::Level::kMat, ruleset::Level::kToiMat, ruleset::Level::kTuyetMat}) {
    inspect::Findings findings;
    findings.hits.push_back(Hit("CMB-01", "vn-level", ruleset::Severity::kCritical, level));
    findings.score = 50;  // spam or not: it is neither refused nor dropped
    EXPECT_EQ(Judge(Direction::kInbound, findings).action, Action::kQuarantine);
    EXPECT_EQ(Judge(Direction::kInbound, findings, "postmaster@office.example").action,
              Action::kQuarantine);
    findings.facts["sender.null"] = "true";
    const Verdict verdict = Judge(Direction::kInbound, findings);
    EXPECT_EQ(verdict.clause, "marking-arrives");
    EXPECT_TRUE(verdict.reply_code.empty());
    EXPECT_TRUE(verdict.store);
  }
}

bool HasAnyWord(const std::string& text, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(),
                     [&text](const char* word) { return text.find(word) != std::string::npos; });
}

TEST_F(ShippedPolicy, EveryClauseHasItsBasisAndEveryReplySaysWhatToDoInBothLanguages) {
  Diagnostics diagnostics;
  const auto root = LoadYaml(Shipped() + "/policy.yaml", &diagnostics);
  ASSERT_TRUE(root.ok());
  size_t replies = 0;
  for (const YamlNode& clause : root->Find("clauses")->items) {
    const std::string name = clause.Find("name")->scalar;
    const YamlNode* basis = clause.Find("basis");
    EXPECT_TRUE(basis != nullptr && !basis->scalar.empty()) << name;
    const YamlNode& then = *clause.Find("then");
    const std::string action = then.Find("action")->scalar;
    const YamlNode* text = then.Find("text");
    EXPECT_EQ(text != nullptr, action == "reject" || action == "defer") << name;
    if (text == nullptr) {
      continue;
    }
    ++replies;
    const std::string en = text->Find("en")->scalar;
    const std::string vi = text->Find("vi")->scalar;
    EXPECT_TRUE(HasAnyWord(en, {"please", "Please"})) << name << ": " << en;
    EXPECT_TRUE(HasAnyWord(vi, {"vui long", "Vui long"})) << name << ": " << vi;
    for (const std::string& reply : {en, vi}) {
      EXPECT_TRUE(std::all_of(reply.begin(), reply.end(), [](char c) {
        return c >= ' ' && c <= '~' && c != '%';
      })) << name;
      EXPECT_FALSE(HasAnyWord(reply, {"Tuyet", "Toi mat", "TOI MAT", " mat ", "MAT", "ecret",
                                      "lassified", "VNM", "CMB"}))
          << name << ": " << reply;
    }
    // RFC 5321 allows 512 bytes a line; code, separator and "(ref GP-...)" come on top.
    EXPECT_LE(en.size() + vi.size() + 3, 400U) << name;
  }
  EXPECT_GE(replies, 5U);
}

TEST_F(ShippedPolicy, AMarkingLowerDownIsHeldOrTagged) {
  inspect::Findings findings;
  findings.hits.push_back(Hit("VNM-009", "vn-level-maybe", ruleset::Severity::kHigh));
  EXPECT_EQ(Judge(Direction::kOutbound, findings).action, Action::kQuarantine);
  EXPECT_EQ(Judge(Direction::kInternal, findings).action, Action::kQuarantine);
  findings.hits[0].severity = ruleset::Severity::kMedium;
  EXPECT_EQ(Judge(Direction::kOutbound, findings).action, Action::kQuarantine);
  EXPECT_EQ(Judge(Direction::kInternal, findings).action, Action::kTag);
  EXPECT_EQ(Judge(Direction::kInbound, findings).action, Action::kTag);
  findings.hits[0] = Hit("VNM-027", "level-mention", ruleset::Severity::kInfo);
  for (const Direction way : {Direction::kOutbound, Direction::kInternal, Direction::kInbound}) {
    EXPECT_EQ(Judge(way, findings).action, Action::kAccept);  // the regulation itself
    EXPECT_TRUE(Judge(way, findings).marking_rules.empty());
  }
}

TEST_F(ShippedPolicy, VirusesAmbiguityAndMissingSignatures) {
  inspect::Findings findings;
  findings.infections.push_back({"Eicar", ""});
  EXPECT_EQ(Judge(Direction::kInbound, findings).reply_code, "550 5.7.1");
  EXPECT_EQ(Judge(Direction::kInbound, findings, "postmaster@office.example").action,
            Action::kReject);
  inspect::Findings odd;
  odd.defects.push_back({"DuplicateFrom", mail::Grade::kC, "1"});
  EXPECT_EQ(Judge(Direction::kOutbound, odd).reply_code, "550 5.6.0");
  odd.defects[0].grade = mail::Grade::kB;
  EXPECT_EQ(Judge(Direction::kOutbound, odd).action, Action::kAccept);
  inspect::Findings blind;
  blind.unscannable.push_back({decode::Reason::kNoSignatures, ""});
  EXPECT_EQ(Judge(Direction::kInbound, blind).action, Action::kDefer);
  inspect::Findings optional;
  optional.unscannable.push_back({decode::Reason::kNoSignatures, ""});
  optional.facts["antivirus.mode"] = "optional";
  EXPECT_EQ(Judge(Direction::kInbound, optional).action, Action::kTag);
}

TEST_F(ShippedPolicy, WhatCannotBeReadIsHeldExceptAPictureOrUnknownDataComingIn) {
  for (const decode::Reason reason :
       {decode::Reason::kEncrypted, decode::Reason::kTooBig, decode::Reason::kTooDeep,
        decode::Reason::kDamaged, decode::Reason::kCrashed, decode::Reason::kTimedOut,
        decode::Reason::kNotScanned, decode::Reason::kTruncated}) {
    inspect::Findings findings;
    findings.unscannable.push_back({reason, "a"});
    EXPECT_EQ(Judge(Direction::kInbound, findings).action, Action::kQuarantine)
        << decode::ToString(reason);
    EXPECT_EQ(Judge(Direction::kOutbound, findings).category, "unscannable");
  }
  inspect::Findings noise;
  noise.unscannable.push_back({decode::Reason::kUnknownType, "data.bin"});
  EXPECT_EQ(Judge(Direction::kInbound, noise).action, Action::kTag);
  EXPECT_EQ(Judge(Direction::kOutbound, noise).action, Action::kQuarantine);
  noise.facts["container.unknown"] = "true";
  EXPECT_EQ(Judge(Direction::kInbound, noise).action, Action::kQuarantine);
  EXPECT_EQ(Judge(Direction::kInbound, noise).category, "unscannable");
  inspect::Findings picture;
  picture.unscannable.push_back({decode::Reason::kImageOnly, "scan.pdf"});
  EXPECT_EQ(Judge(Direction::kInbound, picture).action, Action::kTag);
  inspect::Findings unread;
  unread.unscannable.push_back({decode::Reason::kNotRead, "photo.png"});
  EXPECT_EQ(Judge(Direction::kInbound, unread).action, Action::kTag);
  EXPECT_EQ(Judge(Direction::kInbound, unread).category, "unscannable");
  picture.hits.push_back(Hit("CMB-04", "image-only", ruleset::Severity::kMedium));
  EXPECT_EQ(Judge(Direction::kOutbound, picture).action, Action::kQuarantine);
}

TEST_F(ShippedPolicy, AnOfficialPaperToFreemailIsHeldUnlessItAnswers) {
  inspect::Findings findings;
  findings.hits.push_back(Hit("CMB-09", "freemail", ruleset::Severity::kMedium));
  mail::Envelope envelope;
  envelope.recipients = {To("citizen@gmail.com", Direction::kOutbound),
                         To("clerk@quangtri.gov.vn", Direction::kOutbound)};
  Verdict verdict = policy_->Judge(envelope, findings);
  EXPECT_EQ(verdict.recipients[0].action, Action::kQuarantine);
  EXPECT_EQ(verdict.recipients[1].action, Action::kAccept);
  EXPECT_EQ(verdict.category, "freemail");
  EXPECT_EQ(verdict.basis, "464-QĐ/TU Điều 5.5");
  envelope.recipients[0].known_correspondent = true;
  verdict = policy_->Judge(envelope, findings);
  EXPECT_EQ(verdict.action, Action::kAccept);
}

TEST_F(ShippedPolicy, ScoresTagAtFiveAndRefuseAtFifteen) {
  inspect::Findings findings;
  findings.score = 4.99;
  EXPECT_EQ(Judge(Direction::kInbound, findings).action, Action::kAccept);
  findings.score = 5;
  EXPECT_EQ(Judge(Direction::kInbound, findings).action, Action::kTag);
  findings.score = 15;
  EXPECT_EQ(Judge(Direction::kInbound, findings).action, Action::kReject);
  EXPECT_EQ(Judge(Direction::kInbound, findings, "abuse@office.example").action, Action::kTag);
}

}  // namespace
}  // namespace gatepost::policy
