// The command line of what asks the running daemon.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"

namespace gatepost::cli {

void Program::AddDaemon() {
  std::shared_ptr<Common> options;
  Add<Common>(&app_, "status", "how the daemon is: exit code 0 well, 1 degraded, 2 down", "status",
              StatusCommand, &options);
  std::shared_ptr<ReloadOptions> reload;
  Add<ReloadOptions>(&app_, "reload",
                     "load rules, policy and signatures anew; on failure the old ones stay",
                     "reload --reason 'the new toner rule'", Reload, &reload)
      ->add_option("--reason", reload->reason, "why; kept in the record of the activation");
}

}  // namespace gatepost::cli
