// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/answer.h"

#include <gtest/gtest.h>

namespace gatepost::gateway {
namespace {

using mail::Direction;
using policy::Action;

// A decision about recipients that went these ways with these actions.
record::Decision Decided(Action action,
                         const std::vector<std::pair<Direction, Action>>& recipients) {
  record::Decision decision;
  decision.id = "GP-20261123-204512-7F3K9QZ2";
  decision.node = "mx";
  decision.verdict.action = action;
  int number = 0;
  for (const auto& [direction, each] : recipients) {
    policy::RecipientVerdict one;
    one.recipient = mail::Address::Parse("Clerk" + std::to_string(++number) + "@Office.example");
    one.direction = direction;
    one.action = each;
    decision.verdict.recipients.push_back(one);
  }
  return decision;
}

std::string Header(const Answer& answer, const std::string& name) {
  for (const auto& [key, value] : answer.add_headers) {
    if (key == name) {
      return value;
    }
  }
  return "(none)";
}

TEST(Answer, UnknownIsADefer) {
  const Answer answer = AnswerFor(record::Decision(), {});
  EXPECT_EQ(answer.kind, Answer::Kind::kTempfail);
  EXPECT_EQ(answer.code, "451");
}

TEST(Answer, ARejectCarriesTheClausesTextAndTheRef) {
  record::Decision decision =
      Decided(Action::kReject, {{Direction::kInbound, Action::kReject}});
  decision.verdict.reply_code = "550 5.6.0";
  decision.verdict.reply_text = "Message refused\r\nMAIL FROM:<x>";
  const Answer answer = AnswerFor(decision, {});
  EXPECT_EQ(answer.kind, Answer::Kind::kReject);
  EXPECT_EQ(answer.code + " " + answer.xcode, "550 5.6.0");
  EXPECT_EQ(answer.text, "Message refused  MAIL FROM:<x> (ref GP-20261123-204512-7F3K9QZ2)");
  EXPECT_EQ(ReplyLine(decision), "550 5.6.0 " + answer.text);
}

TEST(Answer, AReplyCodeOfTheWrongClassIsReplaced) {
  record::Decision decision = Decided(Action::kDefer, {});
  decision.verdict.reply_code = "550 5.7.1";
  EXPECT_EQ(AnswerFor(decision, {}).code, "451");
}

TEST(Answer, HeldForAllIsDiscardedBecauseOurCopyIsTheOnlyOne) {
  const Answer answer =
      AnswerFor(Decided(Action::kQuarantine, {{Direction::kInbound, Action::kQuarantine},
                                              {Direction::kInbound, Action::kQuarantine}}),
                {});
  EXPECT_EQ(answer.kind, Answer::Kind::kDiscard);
  EXPECT_TRUE(answer.delete_recipients.empty());
}

TEST(Answer, HeldForSomeDeletesThemSpelledAsGiven) {
  const Answer answer =
      AnswerFor(Decided(Action::kQuarantine, {{Direction::kInbound, Action::kAccept},
                                              {Direction::kInbound, Action::kQuarantine}}),
                {});
  EXPECT_EQ(answer.kind, Answer::Kind::kAccept);
  EXPECT_EQ(answer.delete_recipients, std::vector<std::string>{"Clerk2@Office.example"});
}

TEST(Answer, MailThatStaysGetsTheHeadersUsersKnow) {
  record::Decision decision = Decided(Action::kTag, {{Direction::kInbound, Action::kTag}});
  decision.findings.score = 7.25;
  inspect::RuleHit hit;
  hit.id = "VNS-006";
  hit.score = 7.25;
  decision.findings.hits.push_back(hit);
  inspect::RuleHit level;
  level.id = "VNM-002";
  level.severity = ruleset::Severity::kCritical;
  level.level = ruleset::Level::kToiMat;
  decision.findings.hits.push_back(level);
  decision.findings.defects.push_back({"NonEmptyPreamble", mail::Grade::kA, "0"});
  const Answer answer = AnswerFor(decision, {5, 15});
  EXPECT_EQ(Header(answer, "X-Spam-Status"), "Yes, score=7.2 required=5.0\n\ttests=VNS-006");
  EXPECT_EQ(Header(answer, "X-Spam-Flag"), "YES");
  EXPECT_EQ(Header(answer, "X-Gatepost-Classification"), "toi-mat");
  EXPECT_EQ(Header(answer, "MIME-Ambiguity-Results"), "mx;\n\tNonEmptyPreamble/A");
}

TEST(Answer, MailThatLeavesTheHouseBearsTheIdAlone) {
  record::Decision decision = Decided(Action::kTag, {{Direction::kInternal, Action::kTag},
                                                     {Direction::kOutbound, Action::kAccept}});
  decision.findings.score = 9;
  const Answer answer = AnswerFor(decision, {5, 15});
  ASSERT_EQ(answer.add_headers.size(), 1U);
  EXPECT_EQ(answer.add_headers[0].first, "X-Gatepost-Id");
}

TEST(Answer, ObservingAcceptsEverythingEvenWhatCouldNotBeDecided) {
  for (const Action action : {Action::kReject, Action::kDefer, Action::kQuarantine}) {
    record::Decision decision = Decided(action, {{Direction::kInbound, action}});
    decision.observed = true;
    const Answer answer = AnswerFor(decision, {});
    EXPECT_EQ(answer.kind, Answer::Kind::kAccept);
    EXPECT_TRUE(answer.delete_recipients.empty());
  }
}

TEST(Answer, OurFieldsAreKnownInAnyCase) {
  EXPECT_TRUE(IsOurHeader("x-gatepost-id"));
  EXPECT_TRUE(IsOurHeader("MIME-AMBIGUITY-RESULTS"));
  EXPECT_FALSE(IsOurHeader("X-Spam-Level-Of-Others"));
}

}  // namespace
}  // namespace gatepost::gateway
