// The command line of `gatepost held`.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"

namespace gatepost::cli {

void AddKeyOptions(CLI::App* command, KeyOptions* options) {
  command->add_option("--key", options->key, "your private key's file (gatepost keys)");
  command->add_option("--passphrase-file", options->passphrase_file,
                      "read the passphrase from this file; default: ask on the terminal");
  command->add_option("--passphrase-fd", options->passphrase_fd,
                      "read the passphrase from this descriptor");
}

void Program::AddHeld() {
  CLI::App* const held =
      app_.add_subcommand("held", "the quarantine: list, show, request, approve, release, delete");
  held->require_subcommand(1);
  held->footer(
      "Example: gatepost held release GP-20261123-101500-0123ABCD --rcpt clerk@office.example");
  const auto add_filters = [](CLI::App* command, const std::shared_ptr<HeldOptions>& options) {
    command->add_option("--category", options->category,
                        "spam, virus, marking, freemail, unscannable, ambiguous...");
    command->add_option("--sender", options->sender, "envelope sender");
    command->add_option("--recipient", options->recipient, "one of the held recipients");
    command->add_option("--rule", options->rule, "a rule that hit");
  };
  std::shared_ptr<HeldOptions> options;
  CLI::App* command =
      Add<HeldOptions>(held, "list", "what is held, newest first",
                       "held list --category freemail --since 7d", HeldList, &options);
  add_filters(command, options);
  command->add_option("--state", options->state,
                      "held (default), releasing, released, deleted, all");
  command->add_option("--since", options->since, "2026-11-23, 7d, 12h");
  command->add_option("--limit", options->limit, "at most so many; 0 all")->default_val(100);
  command->add_option("--search", options->search,
                      "a word in the subject; sealed ones need --key, and it is recorded");
  command->add_option("--reason", options->reason, "why you search, for the audit trail");
  AddKeyOptions(command, &options->unlock);

  command = Add<HeldOptions>(held, "show", "one held message: envelope, reasons, states",
                             "held show GP-20261123-204512-7F3K9QZ2", HeldShow, &options);
  command->add_option("id", options->id, "the held id")->required();
  command->add_flag("--content", options->content,
                    "the message's source as well; needs --reason, and --key where it is sealed");
  command->add_option("--reason", options->reason, "why you look, for the audit trail");
  AddKeyOptions(command, &options->unlock);

  command = Add<HeldOptions>(held, "release",
                             "deliver held messages to their recipients, byte for byte, once",
                             "held release GP-20261123-204512-7F3K9QZ2 --rcpt clerk@office.example",
                             HeldRelease, &options);
  command->add_option("ids", options->ids, "held ids");
  AddRepeatable(command, "--rcpt", &options->rcpt,
                "only to this one of the held recipients, repeatable");
  command->add_option("--reason", options->reason,
                      "why, for the audit trail; --allow-similar needs it");
  command->add_flag("--urgent", options->urgent,
                    "mail of a priority person, without waiting for a second one, who countersigns "
                    "later; needs --reason");
  AddKeyOptions(command, &options->unlock);
  command->add_flag("--settle", options->settle,
                    "decide releases that a crash interrupted, by Postfix's log");
  command->add_option("--postfix-log", options->postfix_log,
                      "with --settle: Postfix's log (default: /var/log/mail.log)");
  command
      ->add_option("--was", options->was,
                   "with --settle, where the log says nothing: 'sent' or 'held'")
      ->check(CLI::IsMember({"sent", "held"}));
  command->add_flag("--allow-similar", options->allow_similar,
                    "add an exception as well, so that mail like it passes");
  command->add_option("--for", options->lasts, "with --allow-similar: how long, such as 7d");
  command->add_option("--owner", options->owner,
                      "with --allow-similar: who answers for it; default: who you are");
  command
      ->add_option("--by", options->by,
                   "with --allow-similar: what is alike, the 'sender' (default) or each 'file'")
      ->check(CLI::IsMember({"sender", "file"}));

  command = Add<HeldOptions>(held, "delete", "delete held messages; the record stays",
                             "held delete --older-than 30d --category spam", HeldDelete, &options);
  command->add_option("ids", options->ids, "held ids");
  add_filters(command, options);
  command->add_option("--older-than", options->older_than, "30d, 12h");
  command->add_flag("--yes", options->yes, "do not ask at a terminal");
  command->add_option("--reason", options->reason, "why, for the audit trail");

  command = Add<HeldOptions>(held, "request", "ask a second person to grant a release",
                             "held request GP-20261123-204512-7F3K9QZ2 --reason 'the contract'",
                             HeldRequest, &options);
  command->add_option("id", options->id, "the held id")->required();
  AddRepeatable(command, "--rcpt", &options->rcpt,
                "only for this one of the held recipients, repeatable");
  command->add_option("--reason", options->reason, "why it should be released")->required();

  command = Add<HeldOptions>(held, "approve", "grant a release that somebody else asked for",
                             "held approve GP-20261123-204512-7F3K9QZ2 --release --key lan.key",
                             HeldApprove, &options);
  command->add_option("id", options->id, "the held id")->required();
  command->add_option("--reason", options->reason, "why");
  command->add_flag("--override-infection", options->override_infection,
                    "let it go although it is infected; needs --reason");
  command->add_flag("--release", options->release, "and release it at once");
  AddKeyOptions(command, &options->unlock);

  command = Add<HeldOptions>(held, "deny", "refuse a release that somebody else asked for",
                             "held deny GP-20261123-204512-7F3K9QZ2 --reason 'a lure'", HeldDeny,
                             &options);
  command->add_option("id", options->id, "the held id")->required();
  command->add_option("--reason", options->reason, "why not")->required();

  command = Add<HeldOptions>(held, "countersign", "the second person's word on an urgent release",
                             "held countersign GP-20261123-204512-7F3K9QZ2 --reason 'looked at it'",
                             HeldCountersign, &options);
  command->add_option("id", options->id, "the held id")->required();
  command->add_option("--reason", options->reason, "what you think of it")->required();

  command = Add<HeldOptions>(held, "migrate",
                             "seal what is held in clear; may be interrupted and run again",
                             "held migrate", HeldMigrate, &options);
  command->add_option("--reason", options->reason, "why, for the audit trail");

  command = Add<HeldOptions>(held, "retention",
                             "delete what is held longer than 'retention' says (gatepostd does so "
                             "hourly)",
                             "held retention --dry-run", HeldRetention, &options);
  command->add_flag("--dry-run", options->dry_run, "only say what would be deleted");
  command->add_flag("--confirm-clock", options->confirm_clock,
                    "the clock is right: delete by age again; what seems overdue at this moment "
                    "is kept once more as long");
}

}  // namespace gatepost::cli
