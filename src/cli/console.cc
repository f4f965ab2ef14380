// `gatepost console`: the server in the foreground, and its accounts; `gatepost access`.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/console.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <iostream>
#include <string>
#include <thread>

#include "src/base/clock.h"
#include "src/base/diagnostic.h"
#include "src/base/digest.h"
#include "src/base/journal.h"
#include "src/base/password.h"
#include "src/cli/actor.h"
#include "src/cli/house.h"
#include "src/cli/incidents.h"
#include "src/cli/serve.h"
#include "src/cli/terminal.h"
#include "src/console/accounts.h"
#include "src/console/app.h"
#include "src/console/options.h"
#include "src/console/package.h"
#include "src/console/totp.h"
#include "src/gateway/control.h"
#include "src/record/audit_trail.h"
#include "src/record/key_ring.h"
#include "src/web/server.h"

namespace gatepost::cli {

namespace {

constexpr int kAskMs = 90'000;
constexpr int kFollowMs = 5'000;
constexpr web::ServerLimits kConsoleLimits{16, 256 * 1024};

struct Loaded {
  gateway::Config config;
  console::Options options;
};

Result<Loaded> LoadConsole(const Common& common) {
  Loaded loaded;
  GATEPOST_ASSIGN_OR_RETURN(loaded.config, LoadConfig(common.config));
  if (loaded.config.file.empty()) {
    return Status::Invalid("name a configuration with --config FILE");
  }
  Diagnostics diagnostics;
  Result<console::Options> options = console::LoadOptions(loaded.config.file, &diagnostics);
  if (!options.ok()) {
    return Status::Invalid(diagnostics.has_errors() ? diagnostics.ToStatus().message()
                                                    : options.status().message());
  }
  loaded.options = std::move(options).value();
  return loaded;
}

// Roles, categories and units as given; false: printed which word is none.
bool TakeRights(const AccountOptions& options, const console::Options& known,
                console::Account* account) {
  account->roles.clear();
  for (const std::string& word : options.roles) {
    console::Role role{};
    if (!console::RoleFromString(word, &role)) {
      std::vector<std::string> words;
      for (size_t i = 0; i < console::kRoleCount; ++i) {
        words.emplace_back(console::ToString(static_cast<console::Role>(i)));
      }
      const std::string near = Nearest(word, words);
      PrintError("'" + word + "' is not a role" +
                 (near.empty() ? std::string() : "; did you mean '" + near + "'?"));
      return false;
    }
    account->roles.push_back(role);
  }
  for (const std::string& unit : options.units) {
    if (known.units.count(unit) == 0) {
      PrintError("'" + unit + "' is not a unit: name it below 'console: units:' first");
      return false;
    }
  }
  account->categories = options.categories;
  account->units = options.units;
  return true;
}

// A password of the person's or one of ours; false: printed why not.
bool TakePassword(const AccountOptions& options, std::string* password) {
  if (!options.password_stdin) {
    *password = console::MakePassword();
    return true;
  }
  std::getline(std::cin, *password);
  if (password->size() < 12 || password->size() > 256) {
    PrintError("a password has 12 to 256 bytes");
    return false;
  }
  return true;
}

int Report(const Common& common, const Status& status, const Json& json, const std::string& text) {
  if (!status.ok()) {
    PrintError(status.message());
    return status.code() == Code::kInvalid ? kUsage : kIncomplete;
  }
  PrintLine(common.json ? DumpJson(json) : text);
  return kDone;
}

// Every change of access is on the record, with the person behind sudo.
Status Note(const gateway::Config& config, const std::string& name, const std::string& what) {
  GATEPOST_ASSIGN_OR_RETURN(
      const auto trail,
      record::AuditTrail::Open({record::AuditFolder(config.state), config.node, nullptr}));
  record::AuditEvent note;
  note.kind = record::AuditKind::kAccessChange;
  note.actor = Actor();
  note.via = "cli";
  note.details = {{"account", name}, {"what", what}};
  return trail->Append(note);
}

using Change = std::function<Status(console::Account*, bool)>;

Status ChangeAccount(const Loaded& loaded, const std::string& name, const std::string& what,
                     const Change& change) {
  console::Accounts accounts(loaded.config.state + "/console");
  // What cannot be done is not recorded as done: tried on a copy first.
  Result<console::Account> present = accounts.Find(name);
  console::Account copy;
  copy.name = name;
  if (present.ok()) {
    copy = *present;
  }
  GATEPOST_RETURN_IF_ERROR(change(&copy, present.ok()));
  GATEPOST_RETURN_IF_ERROR(Note(loaded.config, name, what));
  return accounts.Change(name, change);
}

Change OnlyExisting(const std::function<void(console::Account*)>& change) {
  return [change](console::Account* account, bool exists) {
    if (!exists) {
      return Status::NotFound(account->name + ": no such account");
    }
    change(account);
    ++account->epoch;
    return Status();
  };
}

template <typename List>
std::string Joined(const List& list) {
  std::string out;
  for (const auto& one : list) {
    out += (out.empty() ? "" : ", ") + std::string(one);
  }
  return out;
}

}  // namespace

int ConsoleRun(const Common& common) {
  Result<Loaded> loaded = LoadConsole(common);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return kUsage;
  }
  const sigset_t ends = PrepareToServe();
  const gateway::Config& config = loaded->config;
  console::House house;
  house.state = config.state;
  house.log = config.log;
  house.release = config.release;
  house.node = config.node;
  house.config = config.file;
  house.custody = config.custody;
  house.priority_list = config.notices.priority_list;
  house.countersign_ms = config.notices.countersign_ms;
  house.observe = config.observe;
  house.blocks_hold = config.blocks != policy::BlockAction::kReject;
  house.outbreaks = [state = config.state,
                     log = config.log](const std::string& id) -> Result<Json> {
    GATEPOST_ASSIGN_OR_RETURN(const auto found, FindOutbreaks(state, log, id));
    Json all = Json::array();
    for (const gateway::OutbreakCase& one : found) {
      all.push_back(gateway::ToJson(one, /*brief=*/true));
    }
    return all;
  };
  house.ask = [state = config.state](const Json& request, int fd) {
    return gateway::AskDaemon(state, request, fd, kAskMs);
  };
  Result<std::unique_ptr<console::App>> app = console::App::Open(std::move(house), loaded->options);
  if (!app.ok()) {
    PrintError(app.status().message());
    return kIncomplete;
  }
  Result<std::unique_ptr<web::Server>> server =
      web::Server::Bind("console", loaded->options.listener, kConsoleLimits,
                        [&app](const web::Request& request) { return (*app)->Handle(request); });
  if (!server.ok()) {
    PrintError(server.status().message());
    return server.status().code() == Code::kInvalid ? kUsage : kIncomplete;
  }
  Journal(Loudness::kNotice, "GP7001", "the console is open", {{"url", (*server)->url()}});
  std::atomic<bool> stop{false};
  std::thread follower([&] {
    for (int64_t next = 0; !stop;) {
      if (SteadyMs() >= next) {
        (*app)->Follow();
        next = SteadyMs() + kFollowMs;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  const bool served = ServeUntilTold(server->get(), ends);
  stop = true;
  follower.join();
  if (!served) {
    return kIncomplete;
  }
  Journal(Loudness::kNotice, "GP7002", "the console is closed");
  return kDone;
}

int AccountAdd(const AccountOptions& options) {
  const Result<Loaded> loaded = LoadConsole(options.common);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return kUsage;
  }
  console::Account fresh;
  std::string password;
  if (!TakeRights(options, loaded->options, &fresh) ||
      (!options.no_password && !TakePassword(options, &password))) {
    return kUsage;
  }
  if (fresh.roles.empty()) {
    PrintError("name at least one --role; 'gatepost console account add --help' lists them");
    return kUsage;
  }
  fresh.password = password.empty() ? "" : HashPassword(password);
  const Status status = ChangeAccount(
      *loaded, options.name, "added: " + Joined(options.roles),
      [&](console::Account* account, bool exists) {
        if (exists) {
          return Status::Invalid(options.name + ": this account exists; 'account set' changes it");
        }
        fresh.name = account->name;
        fresh.created_ms = NowUnixMs();
        // An account of that name that was removed must not leave its sessions.
        fresh.epoch = fresh.created_ms;
        *account = fresh;
        return Status();
      });
  Json json = {{"account", options.name}, {"roles", options.roles}};
  std::string text = options.name + "  added";
  if (!password.empty() && !options.password_stdin) {
    json["password"] = password;
    text += "\npassword  " + password + "\n(shown once; to be changed in the console's settings)";
  }
  return Report(options.common, status, json, text);
}

int AccountSet(const AccountOptions& options) {
  const Result<Loaded> loaded = LoadConsole(options.common);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return kUsage;
  }
  console::Account fresh;
  if (!TakeRights(options, loaded->options, &fresh)) {
    return kUsage;
  }
  const Status status = ChangeAccount(*loaded, options.name, "set: " + Joined(options.roles),
                                      OnlyExisting([&](console::Account* account) {
                                        account->roles = fresh.roles;
                                        account->categories = fresh.categories;
                                        account->units = fresh.units;
                                      }));
  return Report(options.common, status, {{"account", options.name}, {"roles", options.roles}},
                options.name + "  set");
}

int AccountPassword(const AccountOptions& options) {
  const Result<Loaded> loaded = LoadConsole(options.common);
  std::string password;
  if (!loaded.ok() || !TakePassword(options, &password)) {
    if (!loaded.ok()) {
      PrintError(loaded.status().message());
    }
    return kUsage;
  }
  const std::string hash = HashPassword(password);
  const Status status =
      ChangeAccount(*loaded, options.name, "password set",
                    OnlyExisting([&](console::Account* account) { account->password = hash; }));
  Json json = {{"account", options.name}};
  if (!options.password_stdin) {
    json["password"] = password;
  }
  return Report(
      options.common, status, json,
      options.password_stdin ? options.name + "  set" : options.name + "\npassword  " + password);
}

int AccountTotp(const AccountOptions& options) {
  const Result<Loaded> loaded = LoadConsole(options.common);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return kUsage;
  }
  const std::string secret = options.remove_totp ? std::string() : console::Base32(RandomBytes(20));
  const Status status = ChangeAccount(
      *loaded, options.name, options.remove_totp ? "second factor removed" : "second factor set",
      OnlyExisting([&](console::Account* account) { account->totp = secret; }));
  const std::string uri = secret.empty() ? "" : console::TotpUri(options.name, secret);
  return Report(options.common, status,
                {{"account", options.name}, {"secret", secret}, {"uri", uri}},
                secret.empty() ? options.name + "  second factor removed"
                               : options.name + "\nsecret  " + secret + "\nuri     " + uri +
                                     "\n(shown once; as a picture: qrencode -t ansiutf8 'URI')");
}

int AccountDeputy(const AccountOptions& options) {
  const Result<Loaded> loaded = LoadConsole(options.common);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return kUsage;
  }
  const int64_t now = NowUnixMs();
  const int64_t from = options.from.empty() ? now : ParseTime(options.from, now);
  const int64_t until = ParseTime(options.until, now);
  if (from < 0 || until <= from) {
    PrintError("--from and --until are days such as 2026-12-01, the second after the first");
    return kUsage;
  }
  console::Accounts accounts(loaded->config.state + "/console");
  if (const auto other = accounts.Find(options.of); !other.ok()) {
    PrintError(other.status().message());
    return kIncomplete;
  }
  const Status status = ChangeAccount(
      *loaded, options.name,
      "deputy of " + options.of + " from " + Rfc3339(from) + " until " + Rfc3339(until),
      [&](console::Account* account, bool exists) {
        if (!exists) {
          return Status::NotFound(options.name + ": no such account");
        }
        auto& all = account->deputies;
        all.erase(std::remove_if(all.begin(), all.end(),
                                 [&](const console::Deputy& one) {
                                   return one.until_ms < now || one.of == options.of;
                                 }),
                  all.end());
        all.push_back({options.of, from, until});
        return Status();
      });
  return Report(
      options.common, status,
      {{"account", options.name},
       {"of", options.of},
       {"from", Rfc3339(from)},
       {"until", Rfc3339(until)}},
      options.name + "  stands in for " + options.of + " until " + Rfc3339(until).substr(0, 16));
}

int AccessReview(const Common& common) {
  const Result<Loaded> loaded = LoadConsole(common);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return kUsage;
  }
  console::Accounts accounts(loaded->config.state + "/console");
  const Result<std::vector<console::Account>> all = accounts.All();
  if (!all.ok()) {
    PrintError(all.status().message());
    return kIncomplete;
  }
  Table table({"account", "roles", "categories", "units", "stands in for", "second factor"}, 1);
  for (const console::Account& account : *all) {
    std::vector<std::string> roles;
    for (const console::Role role : account.roles) {
      roles.emplace_back(console::ToString(role));
    }
    std::vector<std::string> deputies;
    for (const console::Deputy& one : account.deputies) {
      deputies.push_back(one.of + " until " + Rfc3339(one.until_ms).substr(0, 10));
    }
    if (common.json) {
      Json json = console::ToJson(account);
      json.erase("password");
      json.erase("totp");
      json["second_factor"] = !account.totp.empty();
      PrintLine(DumpJson(json));
      continue;
    }
    table.Add({account.name, Joined(roles),
               account.categories.empty() ? "all" : Joined(account.categories),
               account.units.empty() ? "all" : Joined(account.units), Joined(deputies),
               account.totp.empty() ? "no" : "yes"});
  }
  if (!common.json) {
    std::fputs(table.empty() ? "nobody has an account\n" : table.ToString().c_str(), stdout);
  }
  return kDone;
}

int AccessRemove(const AccountOptions& options) {
  const Result<Loaded> loaded = LoadConsole(options.common);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return kUsage;
  }
  Status status =
      ChangeAccount(*loaded, options.name, "removed", [&](console::Account* account, bool exists) {
        if (!exists) {
          return Status::NotFound(options.name + ": no such account");
        }
        account->name.clear();
        return Status();
      });
  const int exit_code =
      Report(options.common, status, {{"account", options.name}, {"state", "removed"}},
             options.name + "  removed: rights and sessions are gone");
  // The keys too: who left opens nothing any more, nor does a copy of their key file.
  const Result<record::KeyRing> ring =
      record::KeyRing::Load(loaded->config.custody.KeysFolder(loaded->config.state));
  if (!ring.ok()) {
    PrintError(ring.status().message());
    return kIncomplete;
  }
  const record::RingKey* const key = ring->FindName(options.name);
  if (exit_code != kDone || key == nullptr || key->kind != record::KeyKind::kPerson) {
    return exit_code;
  }
  KeysOptions keys;
  keys.common = options.common;
  keys.name = options.name;
  keys.reason = "left: gatepost access remove";
  return KeysRemove(keys);
}

}  // namespace gatepost::cli
