// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/accounts.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "src/base/clock.h"
#include "src/base/files.h"

namespace gatepost::console {

namespace {

// The file's owner and group stay those of the folder, whoever writes: root's command line must not
// lock the console out.
Status GiveToFolder(const std::string& folder, const std::string& file) {
  struct stat info {};
  if (stat(folder.c_str(), &info) != 0 ||
      (geteuid() == 0 && chown(file.c_str(), info.st_uid, info.st_gid) != 0)) {
    return Status::FromErrno(file, errno);
  }
  return {};
}

Grant GrantOf(const Account& account, const Units& units) {
  Grant grant;
  grant.roles = account.roles;
  grant.categories = account.categories;
  for (const std::string& unit : account.units) {
    const auto found = units.find(unit);
    if (found != units.end()) {
      grant.recipients.insert(grant.recipients.end(), found->second.begin(), found->second.end());
    }
  }
  if (!account.units.empty() && grant.recipients.empty()) {
    grant.roles.clear();  // an empty list would mean everybody
  }
  return grant;
}

}  // namespace

bool IsAccountName(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") ==
             std::string_view::npos;
}

Json ToJson(const Account& account) {
  Json out = {{"name", account.name},
              {"password", account.password},
              {"totp", account.totp},
              {"roles", Json::array()},
              {"categories", account.categories},
              {"units", account.units},
              {"deputies", Json::array()},
              {"language", account.language},
              {"zone", account.zone},
              {"theme", account.theme},
              {"created", Rfc3339(account.created_ms)},
              {"epoch", account.epoch}};
  for (const Role role : account.roles) {
    out["roles"].push_back(ToString(role));
  }
  for (const Deputy& one : account.deputies) {
    out["deputies"].push_back(
        {{"of", one.of}, {"from", Rfc3339(one.from_ms)}, {"until", Rfc3339(one.until_ms)}});
  }
  return out;
}

Result<Account> AccountFromJson(const std::string& where, const Json& json) {
  Account account;
  try {
    account.name = json.at("name").get<std::string>();
    account.password = json.value("password", "");
    account.totp = json.value("totp", "");
    for (const Json& word : json.at("roles")) {
      Role role{};
      if (!RoleFromString(word.get<std::string>(), &role)) {
        return Status::Invalid(where + ": '" + word.get<std::string>() + "' is not a role");
      }
      account.roles.push_back(role);
    }
    account.categories = json.value("categories", std::vector<std::string>());
    account.units = json.value("units", std::vector<std::string>());
    for (const Json& one : json.value("deputies", Json::array())) {
      account.deputies.push_back({one.at("of").get<std::string>(),
                                  ParseTime(one.at("from").get<std::string>(), 0),
                                  ParseTime(one.at("until").get<std::string>(), 0)});
    }
    account.language = json.value("language", "vi");
    account.zone = json.value("zone", "Asia/Ho_Chi_Minh");
    account.theme = json.value("theme", "auto");
    account.created_ms = ParseTime(json.value("created", ""), 0);
    account.epoch = json.value("epoch", int64_t{1});
  } catch (const Json::exception& e) {
    return Status::Invalid(where + ": " + e.what());
  }
  if (!IsAccountName(account.name)) {
    return Status::Invalid(where + ": '" + account.name +
                           "' is not an account name (small letters, digits, '.', '_', '-')");
  }
  return account;
}

Status Accounts::Load() {
  struct stat info {};
  const std::string file = File();
  if (stat(file.c_str(), &info) != 0) {
    if (errno != ENOENT) {
      return Status::FromErrno(file, errno);
    }
    accounts_.clear();
    seen_.clear();
    return {};
  }
  const std::string now = std::to_string(info.st_ino) + "/" + std::to_string(info.st_size) + "/" +
                          std::to_string(info.st_mtim.tv_sec) + "." +
                          std::to_string(info.st_mtim.tv_nsec);
  if (now == seen_) {
    return {};
  }
  GATEPOST_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  GATEPOST_ASSIGN_OR_RETURN(const Json json, ParseJson(file, text));
  std::map<std::string, Account> fresh;
  const auto list = json.find("accounts");
  if (list == json.end() || !list->is_array()) {
    return Status::Invalid(file + ": no list 'accounts'");
  }
  for (const Json& one : *list) {
    GATEPOST_ASSIGN_OR_RETURN(Account account, AccountFromJson(file, one));
    fresh[account.name] = std::move(account);
  }
  accounts_ = std::move(fresh);
  seen_ = now;
  return {};
}

Result<std::vector<Account>> Accounts::All() {
  const std::lock_guard<std::mutex> lock(mutex_);
  GATEPOST_RETURN_IF_ERROR(Load());
  std::vector<Account> all;
  for (const auto& [name, account] : accounts_) {
    all.push_back(account);
  }
  return all;
}

Result<Account> Accounts::Find(const std::string& name) {
  const std::lock_guard<std::mutex> lock(mutex_);
  GATEPOST_RETURN_IF_ERROR(Load());
  const auto found = accounts_.find(name);
  if (found == accounts_.end()) {
    return Status::NotFound(name + ": no such account");
  }
  return found->second;
}

Status Accounts::Change(const std::string& name,
                        const std::function<Status(Account* account, bool exists)>& change) {
  if (!IsAccountName(name)) {
    return Status::Invalid("'" + name +
                           "' is not an account name (small letters, digits, '.', '_', '-')");
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  GATEPOST_RETURN_IF_ERROR(MakeFolder(folder_, 0770));
  const std::string state = folder_.substr(0, folder_.rfind('/'));
  GATEPOST_RETURN_IF_ERROR(GiveToFolder(state, folder_));
  const std::string lock_file = folder_ + "/accounts.lock";
  const Fd held(open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660));
  if (!held.valid() || flock(held.get(), LOCK_EX) != 0) {
    return Status::FromErrno(lock_file, errno);
  }
  GATEPOST_RETURN_IF_ERROR(GiveToFolder(folder_, lock_file));
  GATEPOST_RETURN_IF_ERROR(Load());
  const auto found = accounts_.find(name);
  Account account;
  account.name = name;
  if (found != accounts_.end()) {
    account = found->second;
  }
  GATEPOST_RETURN_IF_ERROR(change(&account, found != accounts_.end()));
  std::map<std::string, Account> fresh = accounts_;
  fresh.erase(name);
  if (!account.name.empty()) {
    fresh[account.name] = account;
  } else {
    // Sessions go on: rights are looked up with each request.
    for (auto& [other_name, other] : fresh) {
      std::erase_if(other.deputies, [&name](const Deputy& deputy) { return deputy.of == name; });
    }
  }
  Json list = Json::array();
  for (const auto& [one_name, one] : fresh) {
    list.push_back(ToJson(one));
  }
  GATEPOST_RETURN_IF_ERROR(
      WriteFileDurably(File(), Json{{"v", 1}, {"accounts", list}}.dump(1) + "\n"));
  seen_.clear();
  return GiveToFolder(folder_, File());
}

Result<Rights> Accounts::RightsOf(const Account& account, const Units& units, int64_t now_ms) {
  Rights rights;
  rights.Add(GrantOf(account, units));
  for (const Deputy& deputy : account.deputies) {
    if (now_ms < deputy.from_ms || now_ms >= deputy.until_ms) {
      continue;
    }
    const Result<Account> other = Find(deputy.of);
    if (other.ok()) {  // who has left leaves nothing to stand in for
      Grant grant = GrantOf(*other, units);
      grant.on_behalf_of = deputy.of;
      rights.Add(std::move(grant));
    }
  }
  return rights;
}

bool Accounts::UseStep(const std::string& name, int64_t step) {
  const std::lock_guard<std::mutex> lock(mutex_);
  int64_t& last = steps_[name];
  if (step <= last) {
    return false;
  }
  last = step;
  return true;
}

}  // namespace gatepost::console
