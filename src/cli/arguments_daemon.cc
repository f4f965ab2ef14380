// The command line of what asks the running daemon.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"

namespace gatepost::cli {

void Program::AddDaemon() {
  std::shared_ptr<Common> options;
  Add<Common>(&app_, "status", "how the daemon is: exit code 0 well, 1 degraded, 2 down", "status",
              StatusCommand, &options);
  Add<Common>(&app_, "reload",
              "load rules, policy and signatures anew; on failure the old ones stay", "reload",
              Reload, &options);
}

}  // namespace gatepost::cli
