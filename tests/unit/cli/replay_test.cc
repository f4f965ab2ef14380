// What a replay counts and shows, and how it finds the messages of a mailbox.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>

#include "src/cli/past_mail.h"
#include "src/cli/replay_show.h"

namespace gatepost::cli {
namespace {

using policy::Action;

record::Decision Decided(Action action, const std::string& clause,
                         const std::vector<std::pair<std::string, double>>& hits,
                         const std::vector<Action>& copies = {}) {
  record::Decision decision;
  decision.verdict.action = action;
  decision.verdict.clause = clause;
  for (const auto& [id, score] : hits) {
    inspect::RuleHit hit;
    hit.id = id;
    hit.score = score;
    decision.findings.hits.push_back(hit);
  }
  for (const Action copy : copies.empty() ? std::vector<Action>{action} : copies) {
    policy::RecipientVerdict one;
    one.action = copy;
    decision.verdict.recipients.push_back(one);
  }
  decision.findings.subject = "Họp giao ban <b>tuần</b>";
  return decision;
}

ReplayMail Mail(const record::Decision& before, const record::Decision& after) {
  ReplayMail mail = CompareSides(before, after);
  mail.name = "1.eml";
  return mail;
}

TEST(Replay, EachChangeHasItsName) {
  const auto change = [](Action before, Action after) {
    return ChangeOf(SideOf(Decided(before, "", {})), SideOf(Decided(after, "", {})));
  };
  EXPECT_EQ(change(Action::kAccept, Action::kAccept), ReplayChange::kNone);
  EXPECT_EQ(change(Action::kTag, Action::kQuarantine), ReplayChange::kNewlyHeld);
  EXPECT_EQ(change(Action::kAccept, Action::kDefer), ReplayChange::kNewlyHeld);
  EXPECT_EQ(change(Action::kAccept, Action::kReject), ReplayChange::kNewlyRejected);
  EXPECT_EQ(change(Action::kQuarantine, Action::kReject), ReplayChange::kNewlyRejected);
  EXPECT_EQ(change(Action::kReject, Action::kTag), ReplayChange::kNewlyFree);
  EXPECT_EQ(change(Action::kAccept, Action::kTag), ReplayChange::kNewlyTagged);
  EXPECT_EQ(change(Action::kTag, Action::kAccept), ReplayChange::kNoLongerTagged);
  EXPECT_EQ(change(Action::kReject, Action::kQuarantine), ReplayChange::kOther);
}

TEST(Replay, ACopyThatIsKeptFromAnotherRecipientIsAChange) {
  const auto held = [](const std::vector<Action>& copies) {
    return SideOf(Decided(Action::kQuarantine, "", {}, copies));
  };
  const ReplaySide first = held({Action::kQuarantine, Action::kAccept});
  EXPECT_EQ(ChangeOf(first, held({Action::kQuarantine, Action::kQuarantine})),
            ReplayChange::kNewlyHeld);
  EXPECT_EQ(ChangeOf(held({Action::kQuarantine, Action::kQuarantine}), first),
            ReplayChange::kOther);
}

TEST(Replay, TheCauseIsTheHitsThatDifferOrTheClause) {
  record::Decision before = Decided(Action::kAccept, "default", {{"A", 1}, {"B", 2}, {"S", 9}});
  before.findings.hits[2].mode = ruleset::Mode::kShadow;
  const record::Decision after =
      Decided(Action::kQuarantine, "hold", {{"A", 1}, {"B", 3}, {"S", 9}});
  EXPECT_EQ(Mail(before, after).because, (std::vector<std::string>{"B", "S"}));
  const record::Decision policy = Decided(Action::kQuarantine, "hold", {{"A", 1}, {"B", 2}});
  EXPECT_EQ(Mail(before, policy).because, std::vector<std::string>{"clause hold"});
  EXPECT_EQ(Mail(policy, before).because, std::vector<std::string>{"clause hold"});
}

TEST(Replay, CountsArePerRuleAndRulesThatAreAlikeAreLeftOut) {
  ReplayReport report;
  for (int i = 0; i < 3; ++i) {
    report.Add(Mail(Decided(Action::kAccept, "default", {{"SAME", 1}}),
                    Decided(Action::kQuarantine, "hold", {{"SAME", 1}, {"NEW", 0}})),
               2);
  }
  report.Add(Mail(Decided(Action::kAccept, "default", {}), Decided(Action::kAccept, "default", {})),
             2);
  report.Finish();
  EXPECT_EQ(report.compared, 4U);
  EXPECT_EQ(report.changes[0], 1U);
  ASSERT_EQ(report.rules.size(), 1U);
  const ReplayRule& rule = report.rules.at("NEW");
  EXPECT_EQ(rule.hits_before, 0U);
  EXPECT_EQ(rule.hits_after, 3U);
  EXPECT_EQ(rule.changes[static_cast<size_t>(ReplayChange::kNewlyHeld)], 3U);
  EXPECT_EQ(rule.examples.size(), 2U);
}

TEST(Replay, SubjectsAreMaskedMarkedOnesNeverShownAndNothingIsMarkup) {
  EXPECT_EQ(MaskSubject("Họp giao  ban"), "H·· g··· b··");
  ReplayReport report;
  report.Add(Mail(Decided(Action::kAccept, "default", {}),
                  Decided(Action::kQuarantine, "hold", {{"<i>", 1}})),
             2);
  ShowOptions show;
  EXPECT_EQ(ReplayHtml(report, show).find("tuần"), std::string::npos);
  show.subjects = true;
  const std::string page = ReplayHtml(report, show);
  EXPECT_NE(page.find("Họp giao ban &lt;b&gt;tuần"), std::string::npos);
  EXPECT_NE(page.find("&lt;i&gt;"), std::string::npos);
  EXPECT_EQ(page.find("<i>"), std::string::npos);
  record::Decision marked = Decided(Action::kQuarantine, "hold", {{"L", 1}});
  marked.verdict.category = "marking";
  ReplayReport secret;
  secret.Add(Mail(Decided(Action::kAccept, "default", {}), marked), 2);
  EXPECT_EQ(ReplayHtml(secret, show).find("Họp"), std::string::npos);
  EXPECT_EQ(DumpJson(ReplayJson(secret, show)).find("Họp"), std::string::npos);
  show.vietnamese = true;
  EXPECT_NE(ReplayHtml(secret, show).find("mới bị giữ"), std::string::npos);
}

TEST(PastMail, ASeparatorHasADateAndProseHasNone) {
  EXPECT_TRUE(IsFromLine("From a@b.example Thu Oct  1 10:00:00 2026"));
  EXPECT_TRUE(IsFromLine("From MAILER-DAEMON  Thu Oct 1 10:00 2026"));
  EXPECT_TRUE(IsFromLine("From a@b.example  Fri Jun 10 09:31:02 +0700 2005"));
  EXPECT_FALSE(IsFromLine("From the beginning, at 10:30, until 2026"));
  EXPECT_FALSE(IsFromLine("From here on"));
  EXPECT_FALSE(IsFromLine("From: a@b.example"));
}

TEST(PastMail, OneQuoteIsTakenFromLinesThatWereQuoted) {
  EXPECT_EQ(UnquoteFrom("a\n>From b\n>>From c\n> From d\n>Fromage\n>From e"),
            "a\nFrom b\n>From c\n> From d\n>Fromage\nFrom e");
}

TEST(PastMail, TheTimeIsThatOfTheLastHopElseOfTheDateField) {
  EXPECT_EQ(DateOf("Date: Thu, 1 Oct 2026 10:00:00 +0700\r\n\r\n"), 1'790'823'600'000);
  EXPECT_EQ(DateOf("Received: from x by y; Thu, 1 Oct 2026 03:00:00 +0000 (UTC)\r\n"
                   "Date: Mon, 1 Jan 2001 00:00:00 +0000\r\n\r\n"),
            1'790'823'600'000);
  EXPECT_EQ(DateOf("Date: 1 Oct 26 03:00 GMT\r\n\r\n"), 1'790'823'600'000);
  EXPECT_EQ(DateOf("Date: yesterday\r\n\r\n"), 0);
  EXPECT_EQ(DateOf(""), 0);
}

}  // namespace
}  // namespace gatepost::cli
