// Mail that cannot wait: one officer releases it, another countersigns; never a virus or a marking.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/console/fixture.h"
#include "tests/unit/record/smtp_listener.h"

namespace gatepost::console {
namespace {

class UrgentTest : public ConsoleTest {
 protected:
  void SetUp() override {
    ConsoleTest::SetUp();
    two_persons_ = {"freemail", "virus", "marking"};
    priority_list_ = folder_ + "/priority.txt";
    Spill(priority_list_, "# the chair\na@office.example\n");
    answer_ = {{"infections", Json::array()}};
    record::StoreOptions options;
    options.folder = folder_ + "/held";
    options.two_persons = two_persons_;
    store_ = std::move(record::Quarantine::Open(options)).value();
    Open();
    Add("lan", {Role::kReleaser});
    Add("minh", {Role::kApprover});
    Add("both", {Role::kReleaser, Role::kApprover});
  }
  static std::string Path(const std::string& id, const char* what) {
    return "/api/v1/held/" + id + "/" + what;
  }
  Json Waiting(const Browser& browser) {
    return Body(Send(browser, "GET", "/api/v1/countersignatures"))["rows"];
  }
};

TEST_F(UrgentTest, OneOfficerReleasesItAndAnotherCountersigns) {
  const std::string id = Hold("freemail");
  const Browser lan = SignIn("lan");
  const Browser minh = SignIn("minh");
  const Browser both = SignIn("both");
  EXPECT_EQ(Body(Send(lan, "GET", "/api/v1/held/" + id))["may_release_urgently"], true);
  EXPECT_EQ(Body(Send(minh, "GET", "/api/v1/held/" + id))["may_release_urgently"], false);
  const Json plain =
      Body(Send(lan, "POST", "/api/v1/held/release", {{"ids", {id}}, {"reason", "cannot wait"}}));
  EXPECT_EQ(plain["results"][0]["outcome"], "refused") << "without a second person";
  EXPECT_EQ(Send(lan, "POST", Path(id, "urgent"), {{"reason", " "}}).status, 400);
  EXPECT_TRUE(Waiting(lan).empty());
  record::Listener peer(folder_ + "/nobody", {});
  const Response sent =
      Send(both, "POST", Path(id, "urgent"),
           {{"reason", "the session is at nine"}, {"recipients", {"a@office.example"}}});
  ASSERT_EQ(sent.status, 200) << sent.body;
  EXPECT_EQ(Body(sent)["outcome"], "released") << sent.body;
  EXPECT_EQ(asked_["do"], "scan") << "inspected again";
  peer.Join();
  EXPECT_NE(peer.data.find(id), std::string::npos);

  const Json waiting = Waiting(minh);
  ASSERT_EQ(waiting.size(), 1U);
  EXPECT_EQ(waiting[0]["id"], id);
  EXPECT_EQ(waiting[0]["by"], "both");
  EXPECT_EQ(waiting[0]["overdue"], false);
  EXPECT_EQ(waiting[0]["may_countersign"], true);
  EXPECT_EQ(waiting[0]["subject"], "") << "an approver does not read";
  EXPECT_EQ(Waiting(both)[0]["may_countersign"], false) << "not one's own";
  EXPECT_EQ(Waiting(lan)[0]["may_countersign"], false);

  EXPECT_EQ(Send(minh, "POST", Path(id, "countersign"), {{"reason", ""}}).status, 400);
  EXPECT_EQ(Send(lan, "POST", Path(id, "countersign"), {{"reason", "fine"}}).status, 403);
  EXPECT_EQ(Send(both, "POST", Path(id, "countersign"), {{"reason", "fine"}}).status, 409);
  const Response done = Send(minh, "POST", Path(id, "countersign"), {{"reason", "looked at it"}});
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(Send(minh, "POST", Path(id, "countersign"), {{"reason", "again"}}).status, 404);
  EXPECT_TRUE(Waiting(minh).empty());
  const Json detail = Body(Send(minh, "GET", "/api/v1/held/" + id));
  EXPECT_EQ(detail["requests"][0]["wants_countersign"], false);
  EXPECT_EQ(detail["requests"][0]["decided_by"], "minh");
  const auto said = [&](const char* kind, const char* detail_key) {
    size_t found = 0;
    for (const Json& one : detail["history"]) {
      found += one["kind"] == kind && !one["details"].value(detail_key, "").empty() ? 1U : 0U;
    }
    return found;
  };
  EXPECT_EQ(said("release", "urgent"), 2U) << "begun and released: " << detail["history"].dump();
  EXPECT_EQ(said("approve", "countersigned"), 1U);
}

TEST_F(UrgentTest, WhatPostfixRefusesWaitsForNobodysSignature) {
  const std::string id = Hold("freemail");  // and nobody listens at `release`
  const Json sent =
      Body(Send(SignIn("lan"), "POST", Path(id, "urgent"), {{"reason", "at nine"}}));
  EXPECT_EQ(sent["outcome"], "refused") << sent.dump();
  const record::Held held = store_->Find(id).value();
  EXPECT_EQ(held.state, record::HeldState::kHeld);
  EXPECT_TRUE(held.requests.empty()) << "nor may anybody go on alone by it";
  EXPECT_TRUE(Waiting(SignIn("minh")).empty());
}

TEST_F(UrgentTest, WhatWaitsIsFoundByAConsoleThatWasNotThereAndByNobodyWhoMayNotSeeIt) {
  const std::string id = Hold("freemail");
  {
    record::AuditEvent event;  // as the command line tells it
    event.kind = record::AuditKind::kRelease;
    event.actor = "lan as root";
    event.held_id = id;
    event.details = {{"outcome", "begun"}, {"urgent", "countersignature due"}};
    const auto trail = record::AuditTrail::Open({record::AuditFolder(folder_), "test", nullptr});
    ASSERT_TRUE(trail.ok());
    ASSERT_TRUE((*trail)->Append(event).ok());
    ASSERT_TRUE(store_->GrantUrgent(id, "lan as root", "at nine", {}, 1).ok());
  }
  Add("other", {Role::kApprover}, {"spam"});
  EXPECT_TRUE(Waiting(SignIn("other")).empty());
  EXPECT_EQ(Send(SignIn("other"), "POST", Path(id, "countersign"), {{"reason", "fine"}}).status,
            404);
  EXPECT_EQ(Waiting(SignIn("minh")).size(), 1U);
  EXPECT_EQ(Waiting(SignIn("lan"))[0]["may_countersign"], false);
  Open();
  const Json rows = Waiting(SignIn("minh"));
  ASSERT_EQ(rows.size(), 1U) << "a console that is opened later";
  EXPECT_EQ(rows[0]["overdue"], true);
}

TEST_F(UrgentTest, AVirusAMarkingAndMailOfOthersAlwaysWaitForTheSecondPerson) {
  Browser lan = SignIn("lan");
  const auto refused = [&](const std::string& id, const char* why) {
    EXPECT_EQ(Body(Send(lan, "GET", "/api/v1/held/" + id))["may_release_urgently"], false) << why;
    const Response no = Send(lan, "POST", Path(id, "urgent"), {{"reason", "the chair wants it"}});
    EXPECT_EQ(no.status, 409) << why;
    EXPECT_EQ(Body(no)["error"]["code"], "not-urgent") << no.body;
    EXPECT_TRUE(store_->Find(id)->requests.empty()) << why;
  };
  refused(Hold("virus"), "a virus");
  refused(Hold("marking"), "a marking");
  refused(Hold("spam"), "needs no second person");
  const std::string infected = Hold("freemail");
  answer_ = {{"infections", {{{"name", "Eicar"}, {"path", "a.exe"}}}}};
  const Json sent =
      Body(Send(lan, "POST", Path(infected, "urgent"), {{"reason", "the chair wants it"}}));
  EXPECT_EQ(sent["outcome"], "refused") << "infected by today's signatures";
  EXPECT_TRUE(store_->Find(infected)->requests.empty());
  Spill(priority_list_, "somebody.else@office.example\n");
  refused(Hold("freemail", "y@outside.example"), "nobody on the list");
  priority_list_ = "";
  Open();
  lan = SignIn("lan");
  refused(Hold("freemail", "z@outside.example"), "no list");
}

TEST_F(UrgentTest, OnlyOnesOwnCopiesAreReleased) {
  options_.units = {{"b-team", {"b@office.example"}}};
  Open();
  Add("binh", {Role::kReleaser}, {}, {"b-team"});
  const std::string id = Hold("freemail");
  const Response no = Send(SignIn("binh"), "POST", Path(id, "urgent"),
                           {{"reason", "cannot wait"}, {"recipients", {"a@office.example"}}});
  EXPECT_EQ(no.status, 409) << no.body;
  EXPECT_TRUE(store_->Find(id)->requests.empty());
}

}  // namespace
}  // namespace gatepost::console
