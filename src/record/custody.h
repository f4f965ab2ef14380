// How this house keeps what it holds: the keys `custody`, `retention`, `quota` and `heads` of the
// configuration. Explained in contrib/gatepost.yaml.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/yaml.h"
#include "src/record/quarantine.h"

namespace gatepost::record {

struct CustodyOptions {
  std::string keys;  // folder of the key ring; "" STATE/keys
  std::set<std::string> two_persons;
  std::set<std::string> online = {"spam", "freemail"};  // also sealed for the release service
  int64_t request_valid_ms = 86'400'000;

  std::map<std::string, int64_t> retention_ms;  // by category; "default" for the rest
  uint64_t quota_bytes = 0;                     // 0: none

  std::string heads_command;  // gets the heads on standard input, daily
  std::vector<std::string> heads_mail;  // addresses that get the heads, daily
  std::string mail_from, listener;      // for that: the From field, who takes it (Config fills in)
  std::string heads_folder;   // gets a file of heads, daily

  // Takes the four keys out of the whole configuration; `resolve` makes paths absolute.
  void Read(const YamlNode& root, const std::function<std::string(std::string)>& resolve,
            Diagnostics* diagnostics);
  bool SendsHeads() const {
    return !heads_folder.empty() || !heads_command.empty() || !heads_mail.empty();
  }
  // 0: kept for ever.
  int64_t RetentionOf(const std::string& category) const;
  std::string KeysFolder(const std::string& state) const {
    return keys.empty() ? state + "/keys" : keys;
  }
  StoreOptions ForStore(const std::string& state) const;
};

// Warns of each category in `custody` and `retention` of a whole configuration that no clause gives and
// that is not usual: a misspelt one needs no second person and is deleted at another time.
void CheckCategories(const YamlNode& root, const std::set<std::string>& known,
                     Diagnostics* diagnostics);

// What becomes of held mail that nobody of the people can read. An empty ring has none of these:
// there all mail is held in clear.
struct Unread {
  std::string category;
  enum class Kept : uint8_t { kInClear, kForService, kForEscrow } kept = Kept::kInClear;
};
std::vector<Unread> UnreadCategories(const KeyRing& ring, const std::set<std::string>& categories,
                                     const std::set<std::string>& online);
// "no reviewer's key opens 'virus': it is held in clear".
std::string InWords(const Unread& one);
// All of them in one sentence; "" none.
std::string InWords(const std::vector<Unread>& all);

}  // namespace gatepost::record
