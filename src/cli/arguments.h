// The command line: which commands there are, with their options and an example each. One file for
// each noun (arguments_held.cc...), all of them members of Program; the commands themselves, which
// see none of this, are in commands.h.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "src/cli/commands.h"

namespace gatepost::cli {

// --config and --json.
void AddCommon(CLI::App* command, Common* common);
// One value each time the option is named: what follows are files or ids.
void AddRepeatable(CLI::App* command, const char* name, std::vector<std::string>* values,
                   const char* description);

// --key, --passphrase-file, --passphrase-fd.
void AddKeyOptions(CLI::App* command, KeyOptions* options);

// Each command keeps its options in a shared_ptr that its callback holds.
class Program {
 public:
  // Reads the command line, calls one command. Returns the exit code.
  int Run(int argc, char** argv);

 private:
  template <typename Options>
  CLI::App* Add(CLI::App* parent, const char* name, const char* description, const char* example,
                int (*run)(const Options&), std::shared_ptr<Options>* options) {
    CLI::App* const command = parent->add_subcommand(name, description);
    auto held = std::make_shared<Options>();
    if constexpr (std::is_same_v<Options, Common>) {
      AddCommon(command, held.get());
    } else {
      AddCommon(command, &held->common);
    }
    command->footer(std::string("Example: gatepost ") + example);
    command->callback([this, held, run] { action_ = [held, run] { return run(*held); }; });
    *options = held;
    return command;
  }

  // A command whose options are Common and one value or list of values.
  template <typename Value>
  CLI::App* AddWith(CLI::App* parent, const char* name, const char* description,
                    const char* example, int (*run)(const Common&, const Value&),
                    std::shared_ptr<std::pair<Common, Value>>* options) {
    CLI::App* const command = parent->add_subcommand(name, description);
    auto held = std::make_shared<std::pair<Common, Value>>();
    AddCommon(command, &held->first);
    command->footer(std::string("Example: gatepost ") + example);
    command->callback(
        [this, held, run] { action_ = [held, run] { return run(held->first, held->second); }; });
    *options = held;
    return command;
  }

  void AddInspection();
  void AddDaemon();
  void AddRules();
  void AddGenerations(CLI::App* rules);
  void AddWorkbench(CLI::App* rules);
  void AddRulesImport(CLI::App* rules);
  void AddHeld();
  void AddLog();
  void AddKeys();
  void AddEvidence();
  void AddIncidents();

  CLI::App app_;
  std::function<int()> action_;
};

}  // namespace gatepost::cli
