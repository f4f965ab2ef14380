// `gatepost console account`: who may sign in, and as what.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/accounts.h"

#include <algorithm>
#include <iostream>

#include "src/base/clock.h"
#include "src/base/diagnostic.h"
#include "src/base/digest.h"
#include "src/base/password.h"
#include "src/cli/actor.h"
#include "src/cli/house.h"
#include "src/cli/known.h"
#include "src/cli/terminal.h"
#include "src/console/package.h"
#include "src/console/totp.h"
#include "src/record/audit_trail.h"

namespace gatepost::cli {

namespace {

// Roles, categories and units as given; false: printed which word is none.
bool TakeRights(const AccountOptions& options, const LoadedConsole& loaded,
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
    if (loaded.options.units.count(unit) == 0) {
      PrintError("'" + unit + "' is not a unit: name it below 'console: units:' first");
      return false;
    }
  }
  if (!AreCategories(loaded.config, options.categories)) {
    return false;
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

// Every change of access is on the record, with the person behind sudo.
Status Note(const gateway::Config& config, const std::string& name, const std::string& what,
            const std::vector<std::pair<std::string, std::string>>& details) {
  GATEPOST_RETURN_IF_ERROR(StateIsThere(config));  // not a trail of its own for a mistyped one
  GATEPOST_ASSIGN_OR_RETURN(
      const auto trail,
      record::AuditTrail::Open({record::AuditFolder(config.state), config.node, nullptr}));
  record::AuditEvent note;
  note.kind = record::AuditKind::kAccessChange;
  note.actor = Actor();
  note.via = "cli";
  note.details = {{"account", name}, {"what", what}};
  note.details.insert(note.details.end(), details.begin(), details.end());
  return trail->Append(note);
}

// What the account may do to whose mail, for the trail.
std::vector<std::pair<std::string, std::string>> BoundsOf(const console::Account& account) {
  return {{"categories", account.categories.empty() ? "all" : Joined(account.categories)},
          {"units", account.units.empty() ? "all" : Joined(account.units)}};
}

std::vector<std::string> RolesOf(const console::Account& account) {
  std::vector<std::string> words;
  for (const console::Role role : account.roles) {
    words.emplace_back(console::ToString(role));
  }
  return words;
}

AccountChange OnlyExisting(const std::function<void(console::Account*)>& change) {
  return [change](console::Account* account, bool exists) {
    if (!exists) {
      return Status::NotFound(account->name + ": no such account");
    }
    change(account);
    ++account->epoch;
    return Status();
  };
}

}  // namespace

Status ChangeAccount(const LoadedConsole& loaded, const std::string& name, const std::string& what,
                     const AccountChange& change,
                     const std::vector<std::pair<std::string, std::string>>& details) {
  console::Accounts accounts(loaded.Folder());
  // What cannot be done is not recorded as done: tried on a copy first.
  Result<console::Account> present = accounts.Find(name);
  console::Account copy;
  copy.name = name;
  if (present.ok()) {
    copy = *present;
  }
  GATEPOST_RETURN_IF_ERROR(change(&copy, present.ok()));
  GATEPOST_RETURN_IF_ERROR(Note(loaded.config, name, what, details));
  return accounts.Change(name, change);
}

int ReportChange(const Common& common, const Status& status, const Json& json,
                 const std::string& text) {
  if (!status.ok()) {
    PrintError(status.message());
    return status.code() == Code::kInvalid ? kUsage : kIncomplete;
  }
  PrintLine(common.json ? DumpJson(json) : text);
  return kDone;
}

int AccountAdd(const AccountOptions& options) {
  const Result<LoadedConsole> loaded = LoadConsole(options.common);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return kUsage;
  }
  console::Account fresh;
  std::string password;
  if (!TakeRights(options, *loaded, &fresh) ||
      (!options.no_password && !TakePassword(options, &password))) {
    return kUsage;
  }
  if (fresh.roles.empty()) {
    PrintError("name at least one --role; 'gatepost console account add --help' lists them");
    return kUsage;
  }
  fresh.password = password.empty() ? "" : HashPassword(password);
  if (const Status made = MakeState(loaded->config); !made.ok()) {
    PrintError(made.message());
    return kIncomplete;
  }
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
      },
      BoundsOf(fresh));
  Json json = {{"account", options.name}, {"roles", options.roles}};
  std::string text = options.name + "  added";
  if (!password.empty() && !options.password_stdin) {
    json["password"] = password;
    text += "\npassword  " + password + "\n(shown once; to be changed in the console's settings)";
  }
  return ReportChange(options.common, status, json, text);
}

int AccountSet(const AccountOptions& options) {
  const Result<LoadedConsole> loaded = LoadConsole(options.common);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return kUsage;
  }
  console::Account fresh;
  if (!TakeRights(options, *loaded, &fresh)) {
    return kUsage;
  }
  if ((options.all_categories && !fresh.categories.empty()) ||
      (options.all_units && !fresh.units.empty())) {
    PrintError("--all-categories and --all-units take the bounds away; name those or none");
    return kUsage;
  }
  if (fresh.roles.empty() && fresh.categories.empty() && fresh.units.empty() &&
      !options.all_categories && !options.all_units) {
    PrintError("nothing to set: name --role, --category, --unit, --all-categories or --all-units");
    return kUsage;
  }
  // What no option speaks of stays as it is.
  const auto set = [&](console::Account* account) {
    account->roles = fresh.roles.empty() ? account->roles : fresh.roles;
    if (options.all_categories || !fresh.categories.empty()) {
      account->categories = fresh.categories;
    }
    if (options.all_units || !fresh.units.empty()) {
      account->units = fresh.units;
    }
  };
  const Result<console::Account> present = console::Accounts(loaded->Folder()).Find(options.name);
  console::Account will = present.ok() ? *present : fresh;
  set(&will);
  const Status status = ChangeAccount(*loaded, options.name, "set: " + Joined(RolesOf(will)),
                                      OnlyExisting(set), BoundsOf(will));
  return ReportChange(options.common, status,
                      {{"account", options.name},
                       {"roles", RolesOf(will)},
                       {"categories", will.categories},
                       {"units", will.units}},
                      options.name + "  set: " + Joined(RolesOf(will)) + "; categories " +
                          BoundsOf(will)[0].second + ", units " + BoundsOf(will)[1].second);
}

int AccountPassword(const AccountOptions& options) {
  const Result<LoadedConsole> loaded = LoadConsole(options.common);
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
  return ReportChange(
      options.common, status, json,
      options.password_stdin ? options.name + "  set" : options.name + "\npassword  " + password);
}

int AccountTotp(const AccountOptions& options) {
  const Result<LoadedConsole> loaded = LoadConsole(options.common);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return kUsage;
  }
  const std::string secret = options.remove_totp ? std::string() : console::Base32(RandomBytes(20));
  const Status status = ChangeAccount(
      *loaded, options.name, options.remove_totp ? "second factor removed" : "second factor set",
      OnlyExisting([&](console::Account* account) { account->totp = secret; }));
  const std::string uri = secret.empty() ? "" : console::TotpUri(options.name, secret);
  return ReportChange(
      options.common, status, {{"account", options.name}, {"secret", secret}, {"uri", uri}},
      secret.empty() ? options.name + "  second factor removed"
                     : options.name + "\nsecret  " + secret + "\nuri     " + uri +
                           "\n(shown once; as a picture: qrencode -t ansiutf8 'URI')");
}

int AccountDeputy(const AccountOptions& options) {
  const Result<LoadedConsole> loaded = LoadConsole(options.common);
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
  if (options.of == options.name) {
    PrintError("nobody stands in for themselves: --for names another account");
    return kUsage;
  }
  console::Accounts accounts(loaded->Folder());
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
  return ReportChange(
      options.common, status,
      {{"account", options.name},
       {"of", options.of},
       {"from", Rfc3339(from)},
       {"until", Rfc3339(until)}},
      options.name + "  stands in for " + options.of + " until " + Rfc3339(until).substr(0, 16));
}

}  // namespace gatepost::cli
