// The command line of `gatepost rules`.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"

namespace gatepost::cli {

void Program::AddRules() {
  CLI::App* const rules = app_.add_subcommand("rules", "the rules: list, test, explain");
  rules->require_subcommand(1);
  rules->footer("Example: gatepost rules explain VNM-001");
  std::shared_ptr<std::pair<Common, std::string>> list;
  AddWith<std::string>(rules, "list", "all rules as loaded", "rules list 20-vn-marking", RulesList,
                       &list)
      ->add_option("pack", list->second, "only this pack");
  std::shared_ptr<std::pair<Common, std::vector<std::string>>> test;
  AddWith<std::vector<std::string>>(rules, "test",
                                    "run the rules' examples; say what matched instead",
                                    "rules test 'VNM-0*'", RulesTest, &test)
      ->add_option("which", test->second, "packs, rule ids (with * and ?) or files; all if none");
  std::shared_ptr<std::pair<Common, std::string>> explain;
  AddWith<std::string>(rules, "explain", "one rule as it was understood, with its cost",
                       "rules explain VNM-001", RulesExplain, &explain)
      ->add_option("id", explain->second, "the rule's id")
      ->required();
  AddWorkbench(rules);
}

}  // namespace gatepost::cli
