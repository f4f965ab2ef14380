// The command line as a whole.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"

#include "src/cli/console.h"
#include "src/cli/notices.h"
#include "src/cli/house.h"

namespace gatepost::cli {

void AddCommon(CLI::App* command, Common* common) {
  command->add_option("-c,--config", common->config,
                      "configuration file (default: /etc/gatepost/gatepost.yaml)");
  command->add_flag("--json", common->json, "machine-readable output, one object a line");
}

void AddRepeatable(CLI::App* command, const char* name, std::vector<std::string>* values,
                   const char* description) {
  command->add_option(name, *values, description)->expected(1)->take_all()->allow_extra_args(false);
}

int Program::Run(int argc, char** argv) {
  app_.description(
      "Gatepost: what the mail gateway does, did and would do.\n"
      "Exit codes: 0 done, 1 something could not be read or found, 2 usage or configuration.");
  app_.set_version_flag("--version", "gatepost " GATEPOST_VERSION);
  app_.require_subcommand(1);
  app_.footer("Example: gatepost scan --rcpt clerk@office.example letter.eml");
  AddInspection();
  AddDaemon();
  AddRules();
  AddHeld();
  AddLog();
  AddKeys();
  AddEvidence();
  AddIncidents();
  AddConsole(&app_, &action_);
  AddNotices(&app_, &action_);
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app_.exit(e);
    return code == 0 ? 0 : kUsage;
  }
  return action_();
}

}  // namespace gatepost::cli
