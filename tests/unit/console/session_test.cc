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
