// Blocks, outbreaks and outages in the console: the files of the command line, rights over the
// whole house only. SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/record/blocks.h"
#include "src/record/outages.h"
#include "tests/unit/console/fixture.h"

namespace gatepost::console {
namespace {

class IncidentsTest : public ConsoleTest {
 protected:
  void SetUp() override {
    ConsoleTest::SetUp();
    Add("lan", {Role::kReleaser});
    Add("auditor", {Role::kAuditor});
    Add("admin", {Role::kAdministrator});
  }
  Json Trail(const char* kind) {
    return Body(Send(SignIn("auditor"), "GET", std::string("/api/v1/audit?kind=") + kind))["rows"];
  }
};

TEST_F(IncidentsTest, ABlockIsAddedForATimeAndTakenBackWithAReason) {
  const Browser lan = SignIn("lan");
  const auto add = [&](const Json& body) { return Send(lan, "POST", "/api/v1/blocks", body); };
  for (const Json& bad :
       {Json{{"from", "a@b.example"}, {"for", "4h"}, {"reason", ""}},
        Json{{"from", "a@b.example"}, {"for", ""}, {"reason", "spreads"}},
        Json{{"from", "a@b.example"}, {"for", "367d"}, {"reason", "spreads"}},
        Json{{"from", "no sender"}, {"for", "4h"}, {"reason", "spreads"}},
        Json{{"sha256", "12"}, {"for", "4h"}, {"reason", "spreads"}},
        Json{{"from", "a@b.example"}, {"auth_user", "c"}, {"for", "4h"}, {"reason", "spreads"}},
        Json{{"for", "4h"}, {"reason", "spreads"}}}) {
    EXPECT_EQ(add(bad).status, 400) << bad.dump();
  }
  EXPECT_TRUE(record::ReadBlocks(record::BlocksFile(folder_))->empty());
  const Response made = add({{"from", " A@B.example"}, {"for", "4h"}, {"reason", "it spreads"}});
  ASSERT_EQ(made.status, 200) << made.body;
  const auto all = record::ReadBlocks(record::BlocksFile(folder_));
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(all->front().from, "a@b.example");
  EXPECT_EQ(all->front().owner, "lan");
  EXPECT_EQ(all->front().expires_ms - all->front().created_ms, 4 * 3'600'000);
  const Json list = Body(Send(SignIn("auditor"), "GET", "/api/v1/blocks"));
  ASSERT_EQ(list["blocks"].size(), 1U);
  EXPECT_EQ(list["blocks"][0]["expired"], false);
  EXPECT_EQ(list["action"], "reject");
  const std::string path = "/api/v1/blocks/" + all->front().id;
  EXPECT_EQ(Send(SignIn("auditor"), "DELETE", path, {{"reason", "no longer"}}).status, 403);
  EXPECT_EQ(Send(lan, "DELETE", path, {{"reason", ""}}).status, 400);
  EXPECT_EQ(Send(lan, "DELETE", path, {{"reason", "no longer"}}).status, 200);
  EXPECT_EQ(Send(lan, "DELETE", path, {{"reason", "no longer"}}).status, 404);
  EXPECT_TRUE(record::ReadBlocks(record::BlocksFile(folder_))->empty());
  const Json trail = Trail("block");
  ASSERT_EQ(trail.size(), 2U);
  EXPECT_EQ(trail[0]["details"]["what"], "remove");
  EXPECT_EQ(trail[1]["details"]["from"], "a@b.example");
  EXPECT_EQ(trail[1]["reason"], "it spreads");
}

TEST_F(IncidentsTest, WhoSeesAPartOfTheHouseBlocksNothingAndSeesNoOutbreak) {
  options_.units = {{"a-team", {"a@office.example"}}};
  Open();
  Add("unit", {Role::kReleaser, Role::kAdministrator}, {}, {"a-team"});
  Add("spam", {Role::kReleaser, Role::kAuditor}, {"spam"});
  for (const char* name : {"unit", "spam"}) {
    const Browser browser = SignIn(name);
    for (const char* path : {"blocks", "outbreaks", "outbreaks/OB-1", "outages"}) {
      EXPECT_EQ(Send(browser, "GET", std::string("/api/v1/") + path).status, 403) << name << path;
    }
    EXPECT_EQ(Send(browser, "POST", "/api/v1/blocks",
                   {{"from", "a@b.example"}, {"for", "4h"}, {"reason", "it spreads"}})
                  .status,
              403);
    EXPECT_EQ(Send(browser, "POST", "/api/v1/outages", {{"cause", "the disk"}}).status, 403);
    const Json permissions = Body(Send(browser, "GET", "/api/v1/session"))["permissions"];
    EXPECT_EQ(std::count(permissions.begin(), permissions.end(), "incidents"), 0);
  }
}

TEST_F(IncidentsTest, AnOutbreakNamesWhomItTouchedOnlyWhereItIsAskedFor) {
  const Browser admin = SignIn("admin");
  const Json list = Body(Send(admin, "GET", "/api/v1/outbreaks"))["outbreaks"];
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["recipients"], 2);
  const Json one = Body(Send(admin, "GET", "/api/v1/outbreaks/OB-1"));
  EXPECT_EQ(one["recipients"][1]["rcpt"], "b@office.example");
  EXPECT_EQ(Send(admin, "GET", "/api/v1/outbreaks/OB-2").status, 404);
}

TEST_F(IncidentsTest, AnOutageIsRecordedDescribedAnewAndEnded) {
  const Browser admin = SignIn("admin");
  const auto start = [&](const Json& body) { return Send(admin, "POST", "/api/v1/outages", body); };
  EXPECT_EQ(start({{"cause", ""}}).status, 400);
  EXPECT_EQ(start({{"cause", "a disk"}, {"expected", "soon"}}).status, 400);
  EXPECT_EQ(start({{"cause", "a disk"}, {"expected", "100000000000d"}}).status, 400);
  EXPECT_EQ(start({{"cause", "a disk"}, {"start", "2999-01-01"}}).status, 400);
  const Response begun =
      start({{"cause", "a full disk"}, {"start", "20m"}, {"expected", "2h"}, {"parts", ""}});
  ASSERT_EQ(begun.status, 200) << begun.body;
  const Json one = Body(begun);
  EXPECT_EQ(one["open"], true);
  EXPECT_EQ(one["by"], "admin");
  EXPECT_NE(one["notice"]["vi"].get<std::string>().find("a full disk"), std::string::npos);
  const std::string path = "/api/v1/outages/" + one.value("id", "");
  EXPECT_EQ(Send(SignIn("lan"), "PUT", path, {{"cause", "mine"}}).status, 403);
  const Response told = Send(admin, "PUT", path, {{"parts", "mail from abroad"}});
  ASSERT_EQ(told.status, 200) << told.body;
  EXPECT_EQ(Body(told)["cause"], "a full disk");
  EXPECT_EQ(Body(told)["expected"], one["expected"]) << "what is not given stays";
  EXPECT_EQ(Send(admin, "POST", path + "/end", {{"end", "3h"}}).status, 400)
      << "before the beginning";
  const Response over = Send(admin, "POST", path + "/end", Json::object());
  ASSERT_EQ(over.status, 200) << over.body;
  EXPECT_EQ(Body(over)["open"], false);
  EXPECT_EQ(Send(admin, "POST", "/api/v1/outages/OU-1/end", Json::object()).status, 404);
  const Json list = Body(Send(SignIn("auditor"), "GET", "/api/v1/outages"))["outages"];
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0]["parts"], "mail from abroad");
  const Json trail = Trail("outage");
  ASSERT_EQ(trail.size(), 3U);
  EXPECT_EQ(trail[0]["details"]["what"], "end");
  EXPECT_EQ(trail[2]["details"]["what"], "start");
}

}  // namespace
}  // namespace gatepost::console
