// The command line of `gatepost rules` about what is in force: generations, rollback, packages.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"

namespace gatepost::cli {

void Program::AddGenerations(CLI::App* rules) {
  std::shared_ptr<GenerationsOptions> options;
  CLI::App* command =
      Add<GenerationsOptions>(rules, "generations", "the good generations kept, newest first",
                              "rules generations 17 -o /tmp/17", RulesGenerations, &options);
  command->add_option("id", options->id, "one of them, with its difference");
  command->add_option("-o,--out", options->out, "write that one's rules and policy to this folder");

  command = Add<GenerationsOptions>(rules, "activations",
                                    "who put which generation in force, when and why",
                                    "rules activations --limit 5", RulesActivations, &options);
  command->add_option("--limit", options->limit, "the newest so many (default 20)");

  command = Add<GenerationsOptions>(
      rules, "rollback",
      "go back to an earlier generation of rules and policy, until --off or 'gatepost reload'",
      "rules rollback 17 --reason 'the loan rule holds invoices'", RulesRollback, &options);
  command->add_option("id", options->id,
                      "number, or the beginning of a rules version; the one before if none");
  command->add_option("--reason", options->reason, "why; kept in the record of the activation");
  command->add_flag("--off", options->off, "end it: load what lies in the folders");

  command = Add<GenerationsOptions>(
      rules, "accept", "enforce new rules of packages, which wait in shadow; lists them if none",
      "rules accept vn-spam --reason 'watched for a week'", RulesAccept, &options);
  command->add_option("names", options->names, "rule ids or packs");
  command->add_flag("--all", options->all, "all that wait");
  command->add_option("--reason", options->reason, "why; kept in the record of the activation");

  command = Add<GenerationsOptions>(
      rules, "overrides", "local rules that hide a package's, and which of those have changed",
      "rules overrides", RulesOverrides, &options);
  command->add_option("ids", options->names, "only these");
  command->add_flag("--seen", options->seen, "you have compared them: changed no longer");

  command = Add<GenerationsOptions>(rules, "dead", "rules that nothing has hit for a while",
                                    "rules dead --since 90d", RulesDead, &options);
  command->add_option("--since", options->since, "no hit since then (default 30d)");

  std::shared_ptr<SlowOptions> slow;
  command = Add<SlowOptions>(rules, "slow", "what each rule costs, the dearest first",
                             "rules slow --on /var/mail/archive new.yaml", RulesSlow, &slow);
  CLI::Option* const on = command->add_option(
      "--on", slow->on,
      "measure now, with this mail (folder, maildir, mbox, held, kept); without: what the gateway "
      "has measured");
  command->add_option("files", slow->files, "rules to measure over those of the configuration")
      ->needs(on);
  command->add_option("--limit", slow->limit, "so many rules (default 20); 0: all");
}

}  // namespace gatepost::cli
