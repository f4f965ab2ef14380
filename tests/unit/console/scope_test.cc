// Rights over some mail only: what an officer of one unit cannot see, grant or count.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/console/fixture.h"

namespace gatepost::console {
namespace {

class ScopeTest : public ConsoleTest {
 protected:
  void SetUp() override {
    options_.units = {{"a-team", {"a@office.example"}}};
    two_persons_ = {"spam"};
    ConsoleTest::SetUp();
    Add("lan", {Role::kReleaser, Role::kContentViewer, Role::kApprover});
    Add("boss", {Role::kApprover});
    Add("unit", {Role::kReleaser, Role::kApprover, Role::kAuditor}, {}, {"a-team"});
  }
  Json Ask(const Browser& browser, const std::string& id) {
    return Body(Send(browser, "POST", "/api/v1/held/request",
                     {{"ids", {id}}, {"reason", "a citizen asks"}}))["results"][0];
  }
  Response Decide(const Browser& browser, const std::string& id, const Json& more = {}) {
    Json body = {{"decision", "approve"}, {"reason", "it is one of ours"}};
    if (more.is_object()) {
      body.update(more);
    }
    return Send(browser, "POST", "/api/v1/held/" + id + "/decide", body);
  }
  size_t Told(const Browser& auditor, const std::string& kind, const std::string& id) {
    return Body(Send(auditor, "GET", "/api/v1/audit?kind=" + kind + "&held_id=" + id))["rows"]
        .size();
  }
};

TEST_F(ScopeTest, AnApproverOfOneUnitDoesNotGrantWhatGoesToOthersToo) {
  const std::string id = Hold();  // for a and b
  EXPECT_EQ(Ask(SignIn("lan"), id)["outcome"], "requested");
  const Response no = Decide(SignIn("unit"), id);
  EXPECT_EQ(no.status, 403) << no.body;
  EXPECT_EQ(store_->Find(id)->requests.at(0).state, record::RequestState::kPending);
  EXPECT_EQ(Decide(SignIn("boss"), id).status, 200);
}

TEST_F(ScopeTest, WhatCannotBeDecidedIsNotOnTheRecordAsDecided) {
  Add("auditor", {Role::kAuditor});
  const Browser auditor = SignIn("auditor");
  const Browser lan = SignIn("lan");
  const std::string id = Hold();
  EXPECT_EQ(Decide(SignIn("boss"), id).status, 404) << "nobody has asked";
  EXPECT_EQ(Ask(lan, id)["outcome"], "requested");
  EXPECT_EQ(Ask(lan, id)["outcome"], "refused");
  EXPECT_EQ(Decide(lan, id).status, 409) << "their own request";
  EXPECT_EQ(Told(auditor, "approve", id), 0U);
  EXPECT_EQ(Told(auditor, "request", id), 1U);
  EXPECT_EQ(Decide(SignIn("boss"), id, {{"override_infection", "yes"}}).status, 200)
      << "a word is not a yes, and no error either";
  EXPECT_FALSE(store_->Find(id)->requests.at(0).override_infection);
  EXPECT_EQ(Told(auditor, "approve", id), 1U);
}

TEST_F(ScopeTest, RequestsAndHistoryNameNobodyOfAnotherUnit) {
  const std::string id = Hold();
  EXPECT_EQ(Ask(SignIn("lan"), id)["outcome"], "requested");
  const Response detail = Send(SignIn("unit"), "GET", "/api/v1/held/" + id);
  ASSERT_EQ(detail.status, 200);
  EXPECT_NE(detail.body.find("a@office.example"), std::string::npos);
  EXPECT_EQ(detail.body.find("b@office.example"), std::string::npos) << detail.body;
}

TEST_F(ScopeTest, WhatActsOrCountsForTheWholeHouseNeedsAllOfIt) {
  const std::string id = Hold();
  const Browser unit = SignIn("unit");
  EXPECT_EQ(Send(unit, "GET", "/api/v1/statistics").status, 403);
  EXPECT_EQ(Send(unit, "GET", "/api/v1/audit").status, 403);
  EXPECT_EQ(Send(unit, "POST", "/api/v1/held/" + id + "/exception",
                 {{"by", "sender"}, {"days", 7}, {"reason", "a shop of ours"}})
                .status,
            403)
      << "an exception lets mail to everybody pass";
  EXPECT_EQ(Send(SignIn("lan"), "GET", "/api/v1/statistics").status, 200);
}

TEST_F(ScopeTest, TrackingFindsAUnitsMailBehindAnyNumberOfOthers) {
  record::DecisionLog::Options where;
  where.path = folder_ + "/log";
  where.node = "test";
  auto log = std::move(record::DecisionLog::Open(where)).value();
  const auto decide = [&](const std::string& to) {
    record::Decision decision = record::HeldDecision("x@outside.example");
    decision.envelope.recipients.resize(1);
    decision.envelope.recipients[0].address = mail::Address::Parse(to);
    decision.verdict.recipients.resize(1);
    decision.verdict.recipients[0].recipient = decision.envelope.recipients[0].address;
    ASSERT_TRUE(log->Append(record::ToJson(decision, "key")).ok());
  };
  decide("a@office.example");
  for (int i = 0; i < 120; ++i) {
    decide("b@office.example");
  }
  app_->Follow();
  const Json found = Body(Send(SignIn("unit"), "GET", "/api/v1/decisions"));
  ASSERT_EQ(found["rows"].size(), 1U);
  EXPECT_EQ(found["rows"][0]["recipients"][0]["rcpt"], "a@office.example");
  EXPECT_EQ(found["next"], 0) << "there is no more";
  const Json all = Body(Send(SignIn("lan"), "GET", "/api/v1/decisions"));
  EXPECT_EQ(all["rows"].size(), 50U);
  EXPECT_NE(all["next"], 0);
}

TEST(SessionsTest, WhatIsOverIsGoneWithoutBeingAskedFor) {
  SessionLimits limits;
  limits.idle_ms = 1'000;
  Sessions sessions(limits);
  const Session one = sessions.Begin("lan", 0, "127.0.0.1", 0);
  const Session two = sessions.Begin("binh", 0, "127.0.0.1", 900);
  sessions.EndOver(1'500);
  EXPECT_FALSE(sessions.Lives(one.token));
  EXPECT_TRUE(sessions.Lives(two.token));
  EXPECT_EQ(sessions.size(), 1U);
}

}  // namespace
}  // namespace gatepost::console
