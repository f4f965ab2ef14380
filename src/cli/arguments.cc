// The command line as a whole.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"

#include <cstdio>

#include "src/base/diagnostic.h"
#include "src/base/utf8.h"
#include "src/cli/console.h"
#include "src/cli/house.h"
#include "src/cli/notices.h"
#include "src/cli/terminal.h"

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

namespace {

// The first word that should be a command and is none, with the commands that could stand there.
// CLI11 would only say that it did not expect it.
std::string WhyNoCommand(const CLI::App& app, int argc, char** argv) {
  const CLI::App* at = &app;
  std::string path = "gatepost";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    std::vector<std::string> names;
    const CLI::App* next = nullptr;
    for (const CLI::App* one : at->get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(one->get_name());
      next = one->get_name() == word ? one : next;
    }
    if (next != nullptr) {
      at = next;
      path += " " + word;
      continue;
    }
    // What may stand alone has values of its own; options come as CLI11 likes them.
    if (at->get_require_subcommand_min() == 0 || word.empty() || word.front() == '-') {
      break;
    }
    const std::string near = Nearest(word, names);
    return "there is no command '" + path + " " + PrintableUtf8(word, 100) + "'" +
           (near.empty() ? "; '" : "; did you mean '" + path + " " + near + "'? '") + path +
           " --help' lists them";
  }
  return "";
}

// An example of the command that was begun, where something of it is missing or wrong.
std::string ExampleOf(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
  }
  return at->get_footer();
}

}  // namespace

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
  if (const std::string why = WhyNoCommand(app_, argc, argv); !why.empty()) {
    PrintError(why);
    return kUsage;
  }
  try {
    app_.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app_.exit(e);
    if (code != 0) {
      std::fputs((ExampleOf(app_) + "\n").c_str(), stderr);
    }
    return code == 0 ? 0 : kUsage;
  }
  return action_();
}

}  // namespace gatepost::cli
