// A console without a socket over a house of its own: accounts, held mail, a decision log.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>

#include "src/base/clock.h"
#include "src/base/password.h"
#include "src/console/app.h"
#include "src/record/decision_log.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::console {

constexpr const char* kPassword = "correct horse battery";

class ConsoleTest : public record::FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    store_ = std::move(record::Quarantine::Open(folder_ + "/held")).value();
    Open();
  }
  void Open() {
    House house;
    house.state = folder_;
    house.log = folder_ + "/log";
    house.node = "test";
    house.custody.keys = folder_ + "/keys";
    house.custody.two_persons = two_persons_;
    house.priority_list = priority_list_;
    house.release = "unix:" + folder_ + "/nobody";
    house.outbreaks = [this](const std::string& id) -> Result<Json> {
      return id.empty() || id == "OB-1" ? Result<Json>(outbreaks_)
                                        : Result<Json>(Status::NotFound(id + ": no such outbreak"));
    };
    house.ask = [this](const Json& request, int /*fd*/) -> Result<Json> {
      asked_ = request;
      return answer_;
    };
    Result<std::unique_ptr<App>> app = App::Open(std::move(house), options_);
    ASSERT_TRUE(app.ok()) << app.status().message();
    app_ = std::move(app).value();
  }
  void Add(const std::string& name, std::vector<Role> roles,
           std::vector<std::string> categories = {}, std::vector<std::string> units = {}) {
    Accounts accounts(folder_ + "/console");
    const std::string& hash = Hash();
    const Status status = accounts.Change(name, [&](Account* account, bool /*exists*/) {
      account->password = hash;
      account->roles = std::move(roles);
      account->categories = std::move(categories);
      account->units = std::move(units);
      return Status();
    });
    ASSERT_TRUE(status.ok()) << status.message();
  }
  static const std::string& Hash() {
    static const std::string kHash = HashPassword(kPassword);
    return kHash;
  }
  std::string Hold(const std::string& category = "spam",
                   const std::string& sender = "x@outside.example") {
    record::Decision decision = record::HeldDecision(sender);
    decision.verdict.category = category;
    const Fd fd = record::Message("Subject: s\r\n\r\n" + decision.id);
    return store_->Hold(decision, fd.get()).value();
  }

  // A browser of its own: cookie and token.
  struct Browser {
    std::string cookie, csrf;
  };
  Response Send(const Browser& browser, const std::string& method, const std::string& path,
                const Json& body = nullptr, std::map<std::string, std::string> headers = {}) {
    Request request;
    request.method = method;
    const size_t mark = path.find('?');
    request.path = path.substr(0, mark);
    for (size_t at = mark; at != std::string::npos && at < path.size();) {
      const size_t end = std::min(path.find('&', at + 1), path.size());
      const std::string one = path.substr(at + 1, end - at - 1);
      request.query[one.substr(0, one.find('='))] = one.substr(one.find('=') + 1);
      at = end == path.size() ? std::string::npos : end;
    }
    request.headers = std::move(headers);
    if (!browser.cookie.empty()) {
      request.headers["cookie"] = "gatepost=" + browser.cookie;
    }
    if (!browser.csrf.empty()) {
      request.headers.emplace("x-csrf-token", browser.csrf);
    }
    if (!body.is_null()) {
      request.body = DumpJson(body);
      request.headers.emplace("content-type", "application/json");
    }
    request.peer = peer_;
    return app_->Handle(request);
  }
  Browser SignIn(const std::string& name) {
    const Response response =
        Send({}, "POST", "/api/v1/session", {{"name", name}, {"password", kPassword}});
    EXPECT_EQ(response.status, 200) << response.body;
    Browser browser;
    browser.csrf = Json::parse(response.body).value("csrf", "");
    for (const auto& [header, value] : response.headers) {
      if (header == "Set-Cookie") {
        const size_t begin = value.find('=') + 1;
        browser.cookie = value.substr(begin, value.find(';') - begin);
      }
    }
    return browser;
  }
  static Json Body(const Response& response) { return Json::parse(response.body); }

  Options options_;
  std::set<std::string> two_persons_;
  std::string priority_list_;
  Json outbreaks_ = Json::array({{{"id", "OB-1"},
                                  {"senders", {"x@outside.example"}},
                                  {"recipients",
                                   {{{"rcpt", "a@office.example"}, {"action", "accept"}},
                                    {{"rcpt", "b@office.example"}, {"action", "quarantine"}}}}}});
  std::string peer_ = "127.0.0.1";
  Json asked_;
  Json answer_ = Json::object();
  std::unique_ptr<record::Quarantine> store_;
  std::unique_ptr<App> app_;
};

}  // namespace gatepost::console
