// The command line of what a rule author tries before switching it on, and of exceptions.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"

namespace gatepost::cli {

void Program::AddWorkbench(CLI::App* rules) {
  std::shared_ptr<ShadowOptions> shadow;
  Add<ShadowOptions>(rules, "shadow",
                     "what rules and clauses in shadow mode would have done, from the log",
                     "rules shadow --since 30d", RulesShadow, &shadow)
      ->add_option("--since", shadow->since, "2026-11-23, 7d, 12h")
      ->default_val("30d");

  std::shared_ptr<ReplayOptions> replay;
  CLI::App* const again = Add<ReplayOptions>(
      rules, "replay",
      "what would become of past mail under other rules or another policy: newly held, newly free, "
      "per rule",
      "rules replay --rules ./new-rules --on /var/mail/archive --since 30d --html report.html",
      RulesReplay, &replay);
  AddRepeatable(again, "--rules", &replay->rules,
                "proposed folder, repeatable: in place of the present folder whose rules it has, "
                "else on top of all");
  again->add_option("--policy", replay->policy, "proposed policy file");
  CLI::Option* const whole =
      again->add_flag("--whole", replay->whole, "the folders are all of the proposed rules");
  again->add_flag("--on-top", replay->on_top, "the folders come on top of the present ones")
      ->excludes(whole);
  again
      ->add_option("--on", replay->on,
                   "past mail: a folder of files, a maildir, an mbox; 'held' or 'kept'")
      ->required();
  again->add_option("--since", replay->since, "2026-11-23, 7d, 12h");
  again->add_option("--client-ip", replay->client_ip,
                    "files: the client that sent it; default: somebody outside");
  again->add_option("--auth", replay->auth, "files: the user who sent it, signed in");
  again->add_option("--examples", replay->examples, "how many mails to name for a rule")
      ->default_val(5);
  again->add_flag("--subjects", replay->subjects, "show subjects; markings' never");
  again->add_flag("--virus", replay->virus, "scan for viruses as well, on both sides");
  again->add_option("--html", replay->html, "write a page for a browser, a phone or paper");

  CLI::App* const exceptions = app_.add_subcommand(
      "exceptions", "what is allowed for a while, with an owner and a reason: list, add, remove");
  exceptions->require_subcommand(1);
  exceptions->footer(
      "Example: gatepost exceptions add --sender news@partner.example --rule 'ENG-*' --for 30d "
      "--reason 'their newsletter is wanted'");
  std::shared_ptr<ExceptionOptions> options;
  Add<ExceptionOptions>(exceptions, "list", "all exceptions with their state", "exceptions list",
                        ExceptionsList, &options)
      ->add_flag("--expired", options->expired, "only those that have expired");

  CLI::App* command = Add<ExceptionOptions>(
      exceptions, "add",
      "take rule hits away from mail that fits; acts from the next message, never for viruses, "
      "markings, unreadable or ambiguous mail",
      "exceptions add --sender partner.example --rule ENG-004 --for 30d --reason 'invoices'",
      ExceptionsAdd, &options);
  command->add_option("--sender", options->sender,
                      "envelope sender: a@b.example, b.example, or .b.example for what is below");
  command->add_option("--sha256", options->sha256, "digest of an attachment or a whole message");
  command->add_option("--file", options->file, "a file whose digest is taken")
      ->excludes("--sha256");
  AddRepeatable(command, "--rule", &options->rules,
                "only these rules, * and ? allowed; repeatable; default: every rule");
  command->add_option("--for", options->lasts, "how long: 7d, 12h; at most 366d")->required();
  command->add_option("--reason", options->reason, "why, for whoever reads the record")->required();
  command->add_option("--owner", options->owner, "who answers for it; default: who you are");

  command = Add<ExceptionOptions>(exceptions, "remove", "take exceptions back, at once",
                                  "exceptions remove EX-20261123-204512-7F3K9QZ2", ExceptionsRemove,
                                  &options);
  command->add_option("ids", options->ids, "exception ids");
  command->add_flag("--expired", options->expired, "all that have expired");
}

}  // namespace gatepost::cli
