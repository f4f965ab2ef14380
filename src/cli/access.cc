// `gatepost access`: who may see and open what, of the console and of the key ring together.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>

#include "src/base/clock.h"
#include "src/cli/accounts.h"
#include "src/cli/house.h"
#include "src/cli/key_tools.h"
#include "src/cli/terminal.h"
#include "src/record/key_ring.h"

namespace gatepost::cli {

namespace {

void ListAccounts(const Common& common, const std::vector<console::Account>& all) {
  Table table({"account", "roles", "categories", "units", "stands in for", "second factor"}, 1);
  for (const console::Account& account : all) {
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
}

void ListKeys(const Common& common, const record::KeyRing& ring,
              const std::set<std::string>& online) {
  Table table({"key", "of", "kind", "opens"}, 3);
  for (const record::RingKey& key : ring.keys()) {
    const bool service = key.kind == record::KeyKind::kService;
    const std::set<std::string>& opens = service ? online : key.categories;
    if (common.json) {
      PrintLine(DumpJson({{"key", key.id},
                          {"name", key.name},
                          {"kind", record::ToString(key.kind)},
                          {"categories", opens},
                          {"all_categories", !service && opens.empty()}}));
      continue;
    }
    table.Add({key.id, key.name, record::ToString(key.kind),
               !opens.empty() ? Joined(opens)
               : service      ? "none"
                              : "all"});
  }
  if (!common.json) {
    PrintLine("");
    std::fputs(table.empty() ? "no keys: held mail is stored in clear\n" : table.ToString().c_str(),
               stdout);
  }
}

}  // namespace

int AccessReview(const Common& common) {
  const Result<LoadedConsole> loaded = LoadConsole(common);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return kUsage;
  }
  const record::CustodyOptions& custody = loaded->config.custody;
  const Result<std::vector<console::Account>> all = console::Accounts(loaded->Folder()).All();
  const Result<record::KeyRing> ring =
      record::KeyRing::Load(custody.KeysFolder(loaded->config.state));
  if (!all.ok() || !ring.ok()) {
    PrintError((all.ok() ? ring.status() : all.status()).message());
    return kIncomplete;
  }
  ListAccounts(common, *all);
  ListKeys(common, *ring, custody.online);
  return kDone;
}

// Rights first: whatever becomes of the key, the console is closed to who has left.
int AccessRemove(const AccountOptions& options) {
  const Result<LoadedConsole> loaded = LoadConsole(options.common);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return kUsage;
  }
  const Result<record::KeyRing> ring =
      record::KeyRing::Load(loaded->config.custody.KeysFolder(loaded->config.state));
  const record::RingKey* key = ring.ok() ? ring->FindName(options.name) : nullptr;
  key = key != nullptr && key->kind == record::KeyKind::kPerson ? key : nullptr;
  const Result<console::Account> account = console::Accounts(loaded->Folder()).Find(options.name);
  if (account.status().code() == Code::kNotFound && ring.ok() && key == nullptr) {
    PrintError(options.name +
               ": no such account, and no reviewer's key of that name; 'gatepost access review' "
               "lists both");
    return kIncomplete;
  }
  int exit_code = kDone;
  if (account.status().code() != Code::kNotFound) {
    std::vector<std::string> deputies;
    const Result<std::vector<console::Account>> all = console::Accounts(loaded->Folder()).All();
    for (const console::Account& one : all.ok() ? *all : std::vector<console::Account>()) {
      for (const console::Deputy& deputy : one.deputies) {
        if (deputy.of == options.name) {
          deputies.push_back(one.name);
        }
      }
    }
    const Status status =
        ChangeAccount(*loaded, options.name, "removed",
                      [&](console::Account* one, bool exists) {
                        if (!exists) {
                          return Status::NotFound(options.name + ": no such account");
                        }
                        one->name.clear();
                        return Status();
                      },
                      {{"deputies_ended", Joined(deputies)}});
    exit_code =
        ReportChange(options.common, status, {{"account", options.name}, {"state", "removed"}},
                     options.name + "  removed: rights, deputyships and sessions are gone");
  }
  // The key too: who left opens nothing any more, nor does a copy of their key file.
  if (!ring.ok()) {
    PrintError(ring.status().message());
    return kIncomplete;
  }
  if (key == nullptr) {
    return exit_code;
  }
  if (const std::string why = WhyKeyStays(*ring, options.name, loaded->config); !why.empty()) {
    PrintError(why + ", and then 'gatepost access remove " + options.name + "' again");
    return kIncomplete;
  }
  KeysOptions keys;
  keys.common = options.common;
  keys.name = options.name;
  keys.reason = "left: gatepost access remove";
  const int removed = KeysRemove(keys);
  return removed == kDone ? exit_code : removed;
}

}  // namespace gatepost::cli
