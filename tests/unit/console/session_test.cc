// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/totp.h"
#include "tests/unit/console/fixture.h"

namespace gatepost::console {
namespace {

class SessionTest : public ConsoleTest {};

TEST(Totp, CodesAreThoseOfRfc6238) {
  // Appendix B, SHA-1, the last six digits.
  const std::string secret = "12345678901234567890";
  EXPECT_EQ(TotpCode(secret, 59 / 30), "287082");
  EXPECT_EQ(TotpCode(secret, 1111111109 / 30), "081804");
  EXPECT_EQ(TotpCode(secret, 20000000000 / 30), "353130");
  std::string back;
  ASSERT_TRUE(FromBase32(Base32(secret), &back));
  EXPECT_EQ(back, secret);
  EXPECT_EQ(Base32("foobar"), "MZXW6YTBOI");  // RFC 4648 section 10
  EXPECT_FALSE(FromBase32("01", &back));
}

TEST(Sessions, EndWhenIdleAndWhenOldWhateverIsDone) {
  Sessions sessions({1'000, 5'000});
  const Session begun = sessions.Begin("lan", 1, "::1", 0);
  EXPECT_TRUE(sessions.Use(begun.token, 999).has_value());
  EXPECT_TRUE(sessions.Use(begun.token, 1'998).has_value());
  EXPECT_FALSE(sessions.Use(begun.token, 2'998).has_value());
  const Session second = sessions.Begin("lan", 1, "::1", 0);
  for (int64_t now = 500; now < 5'000; now += 500) {
    EXPECT_TRUE(sessions.Use(second.token, now).has_value());
  }
  EXPECT_FALSE(sessions.Use(second.token, 5'000).has_value());
  EXPECT_EQ(sessions.size(), 0U);
}

TEST(BrakeTest, FiveFailuresWaitAMinuteThenLonger) {
  Brake brake;
  for (int i = 0; i < 4; ++i) {
    brake.Failed("lan", 0);
  }
  EXPECT_EQ(brake.Wait("lan", 0), 0);
  brake.Failed("lan", 0);
  EXPECT_EQ(brake.Wait("lan", 0), 60'000);
  brake.Failed("lan", 60'000);
  EXPECT_EQ(brake.Wait("lan", 60'000), 120'000);
  EXPECT_EQ(brake.Wait("binh", 0), 0);
  brake.Succeeded("lan");
  EXPECT_EQ(brake.Wait("lan", 60'000), 0);
}

TEST_F(SessionTest, AWrongPasswordAndAnUnknownNameLookTheSame) {
  Add("lan", {Role::kReleaser});
  const Response wrong = Send({}, "POST", "/api/v1/session", {{"name", "lan"}, {"password", "x"}});
  const Response unknown =
      Send({}, "POST", "/api/v1/session", {{"name", "nobody"}, {"password", "x"}});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.body, unknown.body);
}

TEST_F(SessionTest, AfterFiveWrongPasswordsTheRightOneWaitsToo) {
  Add("lan", {Role::kReleaser});
  for (int i = 0; i < 5; ++i) {
    Send({}, "POST", "/api/v1/session", {{"name", "lan"}, {"password", "x"}});
  }
  EXPECT_EQ(Send({}, "POST", "/api/v1/session", {{"name", "lan"}, {"password", kPassword}}).status,
            429);
}

TEST_F(SessionTest, TheSecondFactorIsAskedForAndACodeCountsOnce) {
  Add("lan", {Role::kReleaser});
  const std::string secret = "12345678901234567890";
  Accounts accounts(folder_ + "/console");
  ASSERT_TRUE(accounts
                  .Change("lan",
                          [&](Account* account, bool) {
                            account->totp = Base32(secret);
                            return Status();
                          })
                  .ok());
  Json body = {{"name", "lan"}, {"password", kPassword}};
  Response response = Send({}, "POST", "/api/v1/session", body);
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(Body(response)["error"]["code"], "code-needed");
  body["code"] = TotpCode(secret, NowUnixMs() / kTotpStepMs);
  EXPECT_EQ(Send({}, "POST", "/api/v1/session", body).status, 200);
  EXPECT_EQ(Send({}, "POST", "/api/v1/session", body).status, 401) << "the same code again";
  // Who knows the password alone is on the record, and waits in the end.
  body.erase("code");
  for (int i = 0; i < 5; ++i) {
    Send({}, "POST", "/api/v1/session", body);
  }
  EXPECT_EQ(Send({}, "POST", "/api/v1/session", body).status, 429);
  size_t without_code = 0;
  ASSERT_TRUE(record::ReadAudit(record::AuditFolder(folder_), [&](const Json& one) {
                without_code +=
                    DumpJson(one).find("the code is still to come") == std::string::npos ? 0 : 1;
                return true;
              }).ok());
  EXPECT_GE(without_code, 5U);
}

TEST_F(SessionTest, TakingAnAccountAwayEndsItsSessionsAtOnce) {
  Add("lan", {Role::kReleaser});
  const Browser lan = SignIn("lan");
  EXPECT_EQ(Send(lan, "GET", "/api/v1/held").status, 200);
  Accounts accounts(folder_ + "/console");
  ASSERT_TRUE(accounts
                  .Change("lan",
                          [](Account* account, bool) {
                            account->name.clear();
                            return Status();
                          })
                  .ok());
  EXPECT_EQ(Send(lan, "GET", "/api/v1/held").status, 401);
}

TEST_F(SessionTest, AProxysHeaderIsBelievedOnlyFromItsAddress) {
  options_.proxy_header = "X-Remote-User";
  options_.proxy_addresses = {"192.0.2.10"};
  Open();
  Add("lan", {Role::kReleaser});
  const std::map<std::string, std::string> header = {{"x-remote-user", "lan"}};
  peer_ = "192.0.2.11";
  EXPECT_EQ(Send({}, "POST", "/api/v1/session", Json::object(), header).status, 401);
  EXPECT_EQ(Send({}, "GET", "/api/v1/session", nullptr, header).status, 401);
  peer_ = "192.0.2.10";
  EXPECT_EQ(Send({}, "POST", "/api/v1/session", Json::object(), header).status, 200);
}

TEST_F(SessionTest, BehindAProxyEverybodyHasAnAddressOfTheirOwn) {
  options_.proxy_addresses = {"192.0.2.10", "192.0.2.11"};  // and people sign in here
  Open();
  Add("lan", {Role::kAuditor});
  peer_ = "192.0.2.10";
  const auto from = [&](const std::string& forwarded, const std::string& password) {
    return Send({}, "POST", "/api/v1/session",
                {{"name", password == kPassword ? "lan" : "nobody"}, {"password", password}},
                {{"x-forwarded-for", forwarded}, {"x-remote-user", "lan"}})
        .status;
  };
  for (int i = 0; i < 6; ++i) {
    // What stands further left the client wrote itself: it does not make it another one.
    from("198.51.100." + std::to_string(i) + ", 203.0.113.7, 192.0.2.11", "wrong");
  }
  EXPECT_EQ(from("203.0.113.7", kPassword), 429);
  EXPECT_EQ(from("203.0.113.8", kPassword), 200);
  EXPECT_EQ(from("not an address", kPassword), 200) << "then it is the proxy's own";
  Json last;
  ASSERT_TRUE(record::ReadAudit(record::AuditFolder(folder_), [&](const Json& one) {
                last = one.value("event", "") == "sign-in-failed" ? one : last;
                return true;
              }).ok());
  EXPECT_EQ(last["client_ip"], "203.0.113.7");
  peer_ = "203.0.113.9";  // no proxy: what it says of others is not heard
  EXPECT_EQ(from("203.0.113.7", kPassword), 200);
}

TEST_F(SessionTest, OneWhoForgetsAPasswordOnLoopbackKeepsOutNobodyElse) {
  Add("lan", {Role::kReleaser});
  for (int i = 0; i < 10; ++i) {
    Send({}, "POST", "/api/v1/session",
         {{"name", "other" + std::to_string(i)}, {"password", "wrong"}});
  }
  EXPECT_EQ(Send({}, "POST", "/api/v1/session", {{"name", "lan"}, {"password", kPassword}}).status,
            200);
  peer_ = "203.0.113.9";
  for (int i = 0; i < 5; ++i) {
    Send({}, "POST", "/api/v1/session",
         {{"name", "other" + std::to_string(i)}, {"password", "wrong"}});
  }
  EXPECT_EQ(Send({}, "POST", "/api/v1/session", {{"name", "lan"}, {"password", kPassword}}).status,
            429);
}

TEST_F(SessionTest, APasswordIsChangedOnlyWithTheOldOneAndEndsEverySession) {
  Add("lan", {Role::kReleaser});
  const Browser first = SignIn("lan");
  const Browser second = SignIn("lan");
  EXPECT_EQ(Send(first, "PUT", "/api/v1/session",
                 {{"password", "wrong"}, {"new_password", "another long one"}})
                .status,
            403);
  EXPECT_EQ(
      Send(first, "PUT", "/api/v1/session", {{"password", kPassword}, {"new_password", "short"}})
          .status,
      400);
  EXPECT_EQ(Send(first, "PUT", "/api/v1/session",
                 {{"password", kPassword}, {"new_password", "another long one"}})
                .status,
            200);
  EXPECT_EQ(Send(first, "GET", "/api/v1/session").status, 401);
  EXPECT_EQ(Send(second, "GET", "/api/v1/session").status, 401);
}

TEST_F(SessionTest, EveryAnswerForbidsWhatAPageDoesNotNeed) {
  for (const char* path : {"/", "/app.js", "/api/v1/session", "/nothing"}) {
    const Response response = Send({}, "GET", path);
    std::map<std::string, std::string> headers(response.headers.begin(), response.headers.end());
    EXPECT_NE(headers["Content-Security-Policy"].find("default-src 'none'"), std::string::npos);
    EXPECT_EQ(headers["Content-Security-Policy"].find("unsafe"), std::string::npos) << path;
    EXPECT_EQ(headers["X-Content-Type-Options"], "nosniff") << path;
  }
}

}  // namespace
}  // namespace gatepost::console
