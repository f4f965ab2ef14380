// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/policy/block.h"

#include <gtest/gtest.h>

#include <string>

#include "src/policy/policy.h"

namespace gatepost::policy {
namespace {

constexpr int64_t kNow = 1'700'000'000'000;

class BlockTest : public ::testing::Test {
 protected:
  BlockTest() {
    envelope_.sender = mail::Address::Parse("lan@bad.example");
    envelope_.auth_user = "Lan@office.example";
    envelope_.received_at_ms = kNow;
    for (const char* rcpt : {"a@office.example", "b@office.example"}) {
      envelope_.recipients.push_back({mail::Address::Parse(rcpt), {}, false});
      verdict_.recipients.push_back(
          {envelope_.recipients.back().address, {}, Action::kAccept, "default", {}});
    }
    findings_.sha256 = std::string(64, 'a');
    findings_.parts.push_back({"1", "text", 10, std::string(64, 'b'), "yes"});
    findings_.parts.push_back({"2/plan.docx", "docx", 900, std::string(64, 'c'), "yes"});
    verdict_.action = Action::kAccept;
    verdict_.clause = "default";
  }

  Block Of(const std::string& sha256, const std::string& from, const std::string& user) {
    Block one;
    one.id = "BL-1";
    one.sha256 = sha256;
    one.from = from;
    one.auth_user = user;
    one.owner = "lan";
    one.reason = "because";
    one.created_ms = kNow - 1'000;
    one.expires_ms = kNow + 1'000;
    return one;
  }
  void Set(Action action, const std::string& clause, const std::string& category) {
    verdict_.action = action;
    verdict_.clause = clause;
    verdict_.category = category;
    for (RecipientVerdict& one : verdict_.recipients) {
      one.action = action;
      one.clause = clause;
    }
  }
  void Apply(BlockAction action = BlockAction::kReject) {
    ApplyBlocks({Of("", ".example", "")}, action, envelope_, findings_, &verdict_);
  }

  mail::Envelope envelope_;
  inspect::Findings findings_;
  Verdict verdict_;
};

TEST_F(BlockTest, FitsAFileAnywhereASenderAndAUser) {
  const auto fits = [this](const Block& one) { return Fits(one, envelope_, findings_); };
  EXPECT_TRUE(fits(Of(std::string(64, 'a'), "", "")));  // the whole message
  EXPECT_TRUE(fits(Of(std::string(64, 'c'), "", "")));  // a member of an archive
  EXPECT_FALSE(fits(Of(std::string(64, 'd'), "", "")));
  EXPECT_TRUE(fits(Of("", "lan@bad.example", "")));
  EXPECT_TRUE(fits(Of("", "bad.example", "")));
  EXPECT_FALSE(fits(Of("", "minh@bad.example", "")));
  EXPECT_FALSE(fits(Of("", ".bad.example", "")));
  EXPECT_FALSE(fits(Of("", "<>", "")));
  EXPECT_TRUE(fits(Of("", "", "lan@office.example")));
  EXPECT_FALSE(fits(Of("", "", "lan")));
  findings_.facts["header.from.address"] = "minh@shown.example";
  EXPECT_TRUE(fits(Of("", "minh@shown.example", "")));
  envelope_.sender = mail::Address::Parse("");
  EXPECT_TRUE(fits(Of("", "<>", "")));
  Block over = Of("", "", "lan@office.example");
  over.expires_ms = kNow;
  EXPECT_FALSE(fits(over));
}

TEST_F(BlockTest, RefusesForEverybodyAndSaysSo) {
  Apply();
  EXPECT_EQ(verdict_.action, Action::kReject);
  EXPECT_EQ(verdict_.clause, "blocked");
  EXPECT_EQ(verdict_.reply_code, "550 5.7.1");
  for (const RecipientVerdict& one : verdict_.recipients) {
    EXPECT_EQ(one.action, Action::kReject);
    EXPECT_EQ(one.clause, "blocked");
  }
  ASSERT_EQ(verdict_.blocks.size(), 1U);
  EXPECT_EQ(verdict_.blocks[0].by, "from");
  EXPECT_EQ(verdict_.blocks[0].because, "");
}

TEST_F(BlockTest, HoldsWhereTheConfigurationSaysSo) {
  verdict_.recipients[0].action = Action::kQuarantine;
  verdict_.recipients[0].clause = "spam";
  verdict_.action = Action::kQuarantine;
  verdict_.clause = "spam";
  verdict_.category = "spam";
  Apply(BlockAction::kQuarantine);
  EXPECT_EQ(verdict_.recipients[0].clause, "spam");
  EXPECT_EQ(verdict_.recipients[1].action, Action::kQuarantine);
  EXPECT_EQ(verdict_.recipients[1].clause, "blocked");
  EXPECT_EQ(verdict_.category, "spam");
  EXPECT_TRUE(verdict_.reply_code.empty());
}

TEST_F(BlockTest, NeverMakesAVerdictWeaker) {
  for (const Action action : {Action::kReject, Action::kDefer}) {
    for (const BlockAction wanted : {BlockAction::kReject, BlockAction::kQuarantine}) {
      Set(action, "infected", "virus");
      verdict_.store = false;
      Apply(wanted);
      EXPECT_EQ(verdict_.action, action);
      EXPECT_EQ(verdict_.clause, "infected");
      EXPECT_FALSE(verdict_.store);
      ASSERT_EQ(verdict_.blocks.size(), 1U);
      EXPECT_EQ(verdict_.blocks[0].because, "clause infected");
    }
  }
}

TEST_F(BlockTest, NeverSendsAMarkingBackByRefusingIt) {
  Set(Action::kQuarantine, "marking-arrives", "marking");
  verdict_.marking_rules = {"VN-1"};
  Apply();
  EXPECT_EQ(verdict_.action, Action::kQuarantine);
  EXPECT_EQ(verdict_.clause, "marking-arrives");
  EXPECT_EQ(verdict_.blocks[0].because, "clause marking-arrives");
  // Merely suspected, it would have been delivered: now it is held, not refused.
  Set(Action::kTag, "marking-possible", "marking");
  verdict_.blocks.clear();
  Apply();
  EXPECT_EQ(verdict_.action, Action::kQuarantine);
  EXPECT_EQ(verdict_.clause, "blocked");
  EXPECT_EQ(verdict_.category, "marking");
}

TEST_F(BlockTest, WhatDoesNotFitLeavesNoTrace) {
  ApplyBlocks({Of("", "other.example", "")}, BlockAction::kReject, envelope_, findings_, &verdict_);
  EXPECT_EQ(verdict_.action, Action::kAccept);
  EXPECT_TRUE(verdict_.blocks.empty());
}

}  // namespace
}  // namespace gatepost::policy
