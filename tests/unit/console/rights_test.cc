// Every route and every role: what is allowed stands here a second time, written out, so that a
// change of the table is a change of this test as well.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <set>

#include "src/console/pages.h"
#include "tests/unit/console/fixture.h"

namespace gatepost::console {
namespace {

// Route -> the roles that may, as letters: m metadata viewer, c content viewer, r releaser,
// p approver, u auditor, a administrator, e rule approver; "-" nobody signed in either.
const std::map<std::string, std::string>& Matrix() {
  static const std::map<std::string, std::string> kMatrix = {
      {"POST /api/v1/session", "-mcrpuae"},
      {"GET /api/v1/openapi.json", "-mcrpuae"},
      {"GET /api/v1/session", "mcrpuae"},
      {"PUT /api/v1/session", "mcrpuae"},
      {"DELETE /api/v1/session", "mcrpuae"},
      {"POST /api/v1/session/key", "mcrpuae"},
      {"DELETE /api/v1/session/key", "mcrpuae"},
      {"GET /api/v1/summary", "mcrpuae"},
      {"GET /api/v1/held", "mcrpu"},
      {"POST /api/v1/held/release", "r"},
      {"POST /api/v1/held/delete", "r"},
      {"POST /api/v1/held/wrongly", "r"},
      {"POST /api/v1/held/request", "r"},
      {"POST /api/v1/held/{id}/decide", "p"},
      {"POST /api/v1/held/{id}/urgent", "r"},
      {"POST /api/v1/held/{id}/countersign", "p"},
      {"GET /api/v1/countersignatures", "mcrpu"},
      {"POST /api/v1/held/{id}/exception", "r"},
      {"GET /api/v1/exceptions", "uae"},
      {"DELETE /api/v1/exceptions/{id}", "e"},
      {"GET /api/v1/held/{id}", "mcrpu"},
      {"POST /api/v1/held/{id}/view", "c"},
      {"GET /api/v1/held/{id}/frame/{key}", "c"},
      {"GET /api/v1/held/{id}/picture/{key}", "c"},
      {"POST /api/v1/held/{id}/download", "c"},
      {"GET /api/v1/held/{id}/download/{key}", "c"},
      {"GET /api/v1/blocks", "ruae"},
      {"POST /api/v1/blocks", "rae"},
      {"DELETE /api/v1/blocks/{id}", "rae"},
      {"GET /api/v1/outbreaks", "ruae"},
      {"GET /api/v1/outbreaks/{id}", "ruae"},
      {"GET /api/v1/outages", "ruae"},
      {"POST /api/v1/outages", "a"},
      {"PUT /api/v1/outages/{id}", "a"},
      {"POST /api/v1/outages/{id}/end", "a"},
      {"GET /api/v1/decisions", "ru"},
      {"GET /api/v1/statistics", "ruae"},
      {"GET /api/v1/rules", "uae"},
      {"GET /api/v1/generations", "uae"},
      {"GET /api/v1/audit", "u"},
      {"GET /api/v1/access", "ua"},
  };
  return kMatrix;
}

class RightsTest : public ConsoleTest {};

std::string Filled(std::string path, const std::string& id) {
  for (const auto& [name, value] :
       {std::pair<std::string, std::string>{"{id}", id}, {"{key}", "0123456789abcdef"}}) {
    if (const size_t at = path.find(name); at != std::string::npos) {
      path.replace(at, name.size(), value);
    }
  }
  return path;
}

TEST_F(RightsTest, EveryRouteForEveryRoleIsAllowedOrDeniedAsWritten) {
  const std::string id = Hold();
  const std::string letters = "mcrpuae";
  std::set<std::string> routes;
  for (const Route& route : Routes()) {
    const std::string name = std::string(route.method) + " " + route.path;
    routes.insert(name);
    ASSERT_EQ(Matrix().count(name), 1U) << name << " is in the table of routes but not here";
  }
  EXPECT_EQ(routes.size(), Matrix().size());
  for (size_t role = 0; role < kRoleCount; ++role) {
    const std::string account = ToString(static_cast<Role>(role));
    Add(account, {static_cast<Role>(role)});
    Browser browser = SignIn(account);
    for (const auto& [name, allowed] : Matrix()) {
      if (name == "DELETE /api/v1/session" || name == "POST /api/v1/session") {
        continue;  // below
      }
      const size_t blank = name.find(' ');
      const bool get = name.substr(0, blank) == "GET";
      const Response response =
          Send(browser, name.substr(0, blank), Filled(name.substr(blank + 1), id),
               get ? Json() : Json::object());
      const bool may = allowed.find(letters[role]) != std::string::npos;
      EXPECT_EQ(response.status == 403, !may) << account << " " << name << ": " << response.body;
      EXPECT_NE(response.status, 401) << account << " " << name;
    }
    EXPECT_EQ(Send(browser, "DELETE", "/api/v1/session", Json::object()).status, 200);
    EXPECT_EQ(Send(browser, "GET", "/api/v1/session").status, 401);
  }
}

TEST_F(RightsTest, WithoutASessionNothingIsServedButSigningIn) {
  const std::string id = Hold();
  for (const Route& route : Routes()) {
    const bool open = Matrix().at(std::string(route.method) + " " + route.path).front() == '-';
    const Response response = Send({}, route.method, Filled(route.path, id), Json::object());
    if (!open) {
      EXPECT_EQ(response.status, 401) << route.method << " " << route.path;
    }
  }
}

TEST_F(RightsTest, EveryChangeNeedsTheForgeryToken) {
  const std::string id = Hold();
  Add("lan", {Role::kReleaser, Role::kContentViewer});
  const Browser browser = SignIn("lan");
  for (const Route& route : Routes()) {
    if (std::string(route.method) == "GET" || route.permission == Permission::kNone) {
      continue;
    }
    const Browser forged{browser.cookie, std::string(64, '0')};
    EXPECT_EQ(Send(forged, route.method, Filled(route.path, id), Json::object()).status, 403)
        << route.method << " " << route.path;
    const Browser without{browser.cookie, ""};
    EXPECT_EQ(Send(without, route.method, Filled(route.path, id), Json::object()).status, 403);
    EXPECT_EQ(Send(browser, route.method, Filled(route.path, id), Json::object(),
                   {{"sec-fetch-site", "cross-site"}})
                  .status,
              403);
  }
  EXPECT_EQ(Send(browser, "GET", "/api/v1/session").status, 200);
}

TEST_F(RightsTest, CategoriesAndUnitsBoundWhatIsSeenAndDone) {
  options_.units = {{"a-team", {"a@office.example"}}, {"elsewhere", {"@other.example"}}};
  Open();
  const std::string spam = Hold("spam");
  const std::string virus = Hold("virus", "y@outside.example");
  Add("lan", {Role::kReleaser, Role::kMetadataViewer}, {"spam"}, {"a-team"});
  Add("binh", {Role::kReleaser}, {}, {"elsewhere"});
  Add("gone", {Role::kReleaser}, {}, {"no-such-unit"});
  const Browser lan = SignIn("lan");
  const Json list = Body(Send(lan, "GET", "/api/v1/held"));
  ASSERT_EQ(list["total"], 1);
  EXPECT_EQ(list["rows"][0]["id"], spam);
  EXPECT_EQ(list["rows"][0]["subject"], "") << "a subject is content";
  EXPECT_EQ(Send(lan, "GET", "/api/v1/held/" + virus).status, 404);
  const Json detail = Body(Send(lan, "GET", "/api/v1/held/" + spam));
  ASSERT_EQ(detail["recipients"].size(), 1U) << "b's copy is not a-team's business";
  EXPECT_EQ(detail["recipients"][0]["rcpt"], "a@office.example");
  EXPECT_EQ(detail["subject"], "");
  const Json deleted =
      Body(Send(lan, "POST", "/api/v1/held/delete", {{"ids", {spam}}, {"reason", "because"}}));
  EXPECT_EQ(deleted["results"][0]["outcome"], "refused") << "b's copy would go with it";
  for (const char* name : {"binh", "gone"}) {
    const Browser browser = SignIn(name);
    const Response nothing = Send(browser, "GET", "/api/v1/held");
    EXPECT_EQ(Body(nothing).value("total", 0), 0) << name;
    EXPECT_NE(Send(browser, "GET", "/api/v1/held/" + spam).status, 200) << name;
  }
}

TEST_F(RightsTest, NobodyStandsInForALaterAccountOfTheSameName) {
  Add("binh", {Role::kReleaser});
  Add("lan", {Role::kAuditor});
  const int64_t now = NowUnixMs();
  Accounts accounts(folder_ + "/console");
  ASSERT_TRUE(accounts
                  .Change("lan",
                          [&](Account* account, bool) {
                            account->deputies = {{"binh", now - 60'000, now + 60'000}};
                            return Status();
                          })
                  .ok());
  ASSERT_TRUE(accounts
                  .Change("binh",
                          [](Account* account, bool) {
                            account->name.clear();
                            return Status();
                          })
                  .ok());
  EXPECT_TRUE(accounts.Find("lan")->deputies.empty());
  Add("binh", {Role::kAdministrator});
  EXPECT_FALSE(accounts.RightsOf(*accounts.Find("lan"), {}, now)->May(Permission::kOutage));
}

TEST_F(RightsTest, ADeputyHasTheRightsWhileTheyLastAndTheRecordSaysForWhom) {
  Hold("spam");
  Add("binh", {Role::kReleaser});
  Add("lan", {Role::kAuditor});
  const int64_t now = NowUnixMs();
  Accounts accounts(folder_ + "/console");
  const auto deputy = [&](int64_t from, int64_t until) {
    return accounts.Change("lan", [&](Account* account, bool) {
      account->deputies = {{"binh", from, until}};
      return Status();
    });
  };
  ASSERT_TRUE(deputy(now + 60'000, now + 120'000).ok());
  const Browser lan = SignIn("lan");
  const Json wrongly = {{"ids", {Body(Send(lan, "GET", "/api/v1/held"))["rows"][0]["id"]}},
                        {"reason", "it is a letter"}};
  EXPECT_EQ(Send(lan, "POST", "/api/v1/held/wrongly", wrongly).status, 403);
  ASSERT_TRUE(deputy(now - 60'000, now + 120'000).ok());
  EXPECT_EQ(Send(lan, "POST", "/api/v1/held/wrongly", wrongly).status, 200);
  const Json audit = Body(Send(lan, "GET", "/api/v1/audit?kind=wrongly-held"));
  ASSERT_EQ(audit["rows"].size(), 1U);
  EXPECT_EQ(audit["rows"][0]["actor"], "lan");
  EXPECT_EQ(audit["rows"][0]["on_behalf"], "binh");
  ASSERT_TRUE(accounts
                  .Change("binh",
                          [](Account* account, bool) {
                            account->name.clear();
                            return Status();
                          })
                  .ok());
  EXPECT_EQ(Send(lan, "POST", "/api/v1/held/wrongly", wrongly).status, 403)
      << "who has left leaves nothing to stand in for";
}

TEST_F(RightsTest, TheDescriptionOfTheApiNamesEveryRouteWithItsPermission) {
  const Json api = Body(Send({}, "GET", "/api/v1/openapi.json"));
  ASSERT_EQ(api["openapi"], "3.0.3");
  size_t described = 0;
  for (const auto& [path, methods] : api["paths"].items()) {
    described += methods.size();
  }
  EXPECT_EQ(described, Routes().size());
  for (const Route& route : Routes()) {
    const std::string path = std::string(route.path).substr(std::string("/api/v1").size());
    const std::string method = AsciiLower(route.method);
    ASSERT_TRUE(api["paths"].contains(path)) << path;
    ASSERT_TRUE(api["paths"][path].contains(method)) << method << " " << path;
    EXPECT_EQ(api["paths"][path][method]["x-permission"], ToString(route.permission)) << path;
  }
}

}  // namespace
}  // namespace gatepost::console
