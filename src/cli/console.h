// `gatepost console` and `gatepost access`: their options as plain data, and their command line.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/cli/commands.h"

namespace CLI {
class App;
}  // namespace CLI

namespace gatepost::cli {

int ConsoleRun(const Common& common);

struct AccountOptions {
  Common common;
  std::string name;
  std::vector<std::string> roles, categories, units;
  bool no_password = false;     // signed in by a proxy only
  bool password_stdin = false;  // otherwise one is made and shown once
  bool remove_totp = false;
  bool all_categories = false, all_units = false;  // set: takes the bounds away
  std::string of, from, until;                     // deputy
};
int AccountAdd(const AccountOptions& options);
int AccountSet(const AccountOptions& options);
int AccountPassword(const AccountOptions& options);
int AccountTotp(const AccountOptions& options);
int AccountDeputy(const AccountOptions& options);
int AccessReview(const Common& common);
int AccessRemove(const AccountOptions& options);

// Adds both commands to `app`; whichever is given sets *action.
void AddConsole(CLI::App* app, std::function<int()>* action);

}  // namespace gatepost::cli
