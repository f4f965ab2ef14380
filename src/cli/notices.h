// `gatepost notices` and `gatepost mailbox`: what is sent to people, and the recipients' page.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>

#include "src/cli/commands.h"

namespace CLI {
class App;
}  // namespace CLI

namespace gatepost::cli {

struct NoticesOptions {
  Common common;
  std::string since = "1d";
};
int NoticesList(const NoticesOptions& options);
int NoticesDigest(const Common& common);
int MailboxRun(const Common& common);

// Adds both commands to `app`; whichever is given sets *action.
void AddNotices(CLI::App* app, std::function<int()>* action);

}  // namespace gatepost::cli
