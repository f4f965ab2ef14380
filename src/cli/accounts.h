// What the commands about accounts of the console share: finding the house, changing an account on
// the record, telling how it went.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "src/cli/console.h"
#include "src/console/accounts.h"
#include "src/console/options.h"
#include "src/gateway/config.h"

namespace gatepost::cli {

struct LoadedConsole {
  gateway::Config config;
  console::Options options;
  std::string Folder() const { return config.state + "/console"; }
};
Result<LoadedConsole> LoadConsole(const Common& common);

using AccountChange = std::function<Status(console::Account* account, bool exists)>;
// On the trail first, with the person behind sudo: `what`, and more where there is more to know.
// What cannot be done is not recorded as done.
Status ChangeAccount(const LoadedConsole& loaded, const std::string& name, const std::string& what,
                     const AccountChange& change,
                     const std::vector<std::pair<std::string, std::string>>& details = {});
// Prints what was done or why not; the exit code.
int ReportChange(const Common& common, const Status& status, const Json& json,
                 const std::string& text);

template <typename List>
std::string Joined(const List& list) {
  std::string out;
  for (const auto& one : list) {
    out += (out.empty() ? "" : ", ") + std::string(one);
  }
  return out;
}

}  // namespace gatepost::cli
