// The accounts of the console: one small file below the state folder, written by the command line
// (`gatepost console account ...`), read by the console whenever it has changed. Passwords are
// argon2id, second factors TOTP secrets; nothing else in it is secret.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/console/rights.h"

namespace gatepost::console {

// Stands in for another account, with all of that one's rights, for some time.
struct Deputy {
  std::string of;
  int64_t from_ms = 0, until_ms = 0;
};

struct Account {
  std::string name;      // [a-z0-9._-], 1 to 64
  std::string password;  // argon2id; "" none: only by a trusted proxy
  std::string totp;      // base32; "" none
  std::vector<Role> roles;
  std::vector<std::string> categories;  // empty: all
  std::vector<std::string> units;       // names from the configuration; empty: everybody
  std::vector<Deputy> deputies;
  std::string language = "vi";            // "vi", "en"
  std::string zone = "Asia/Ho_Chi_Minh";  // IANA name; pages show times in it
  std::string theme = "auto";             // "auto", "light", "dark"
  int64_t created_ms = 0;
  // Counted up by whatever takes rights away: sessions of an older number are over.
  int64_t epoch = 1;
};

bool IsAccountName(std::string_view name);
Json ToJson(const Account& account);
Result<Account> AccountFromJson(const std::string& where, const Json& json);

using Units = std::map<std::string, std::vector<std::string>>;

// Thread-safe; changes of other processes are seen at once, changes of several are made one after
// the other (a lock file).
class Accounts {
 public:
  explicit Accounts(std::string folder) : folder_(std::move(folder)) {}
  // In the order of names.
  Result<std::vector<Account>> All();
  // kNotFound: no such account.
  Result<Account> Find(const std::string& name);
  // `change` gets the account, or an empty one with that name when there is none (*exists says
  // which); Ok: it is written durably. An account whose name it empties is removed, and
  // with it all deputyships for it: a later account of that name is another person.
  Status Change(const std::string& name,
                const std::function<Status(Account* account, bool exists)>& change);
  // Its rights now; a unit that the configuration does not name holds nobody.
  Result<Rights> RightsOf(const Account& account, const Units& units, int64_t now_ms);
  // The TOTP step that was used last: a code counts once. False: this one was used.
  bool UseStep(const std::string& name, int64_t step);

  std::string File() const { return folder_ + "/accounts.json"; }

 private:
  Status Load();  // under mutex_

  const std::string folder_;
  std::mutex mutex_;
  std::string seen_;  // inode, size and time of what was read
  std::map<std::string, Account> accounts_;
  std::map<std::string, int64_t> steps_;
};

}  // namespace gatepost::console
