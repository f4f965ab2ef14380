// The command line of `gatepost log`.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"

namespace gatepost::cli {

void Program::AddLog() {
  CLI::App* const log =
      app_.add_subcommand("log", "the decision log: tail, find, summary, verify, heads, prune");
  log->require_subcommand(1);
  log->footer("Example: gatepost log find --to clerk@office.example --since 2d");
  std::shared_ptr<LogOptions> options;
  CLI::App* command =
      Add<LogOptions>(log, "tail", "the newest decisions", "log tail -n 50", LogTail, &options);
  command->add_option("-n,--limit", options->limit, "how many")->default_val(20);
  command->add_flag("-f,--follow", options->follow, "go on as they come");

  command = Add<LogOptions>(log, "find", "decisions that fit all the options given",
                            "log find --from @gmail.com --to clerk@office.example --since 7d",
                            LogFind, &options);
  command->add_option("--from", options->from, "envelope sender, or @domain");
  command->add_option("--to", options->to, "a recipient, or @domain");
  command->add_option("--since", options->since, "2026-11-23, 2026-11-23T20:45:00Z, 30d, 12h");
  command->add_option("--message-id", options->message_id, "Message-ID");
  command->add_option("--queue-id", options->queue_id, "Postfix's queue id");
  command->add_option("--part-sha256", options->part_sha256,
                      "digest of the message or of a part, marked mail's too");
  command->add_option("--action", options->action, "accept, tag, quarantine, reject, defer");
  command->add_option("--rule", options->rule, "a rule that hit");
  command->add_option("--limit", options->limit, "at most so many, the newest; 0 all")
      ->default_val(1000);

  command = Add<LogOptions>(log, "summary",
                            "counts by action, direction, clause and rule; what was only observed",
                            "log summary --since 7d", LogSummary, &options);
  command->add_option("--since", options->since, "2026-11-23, 30d, 12h");
  command = Add<LogOptions>(
      log, "verify",
      "check decision log and audit trail against hashes and signed heads; name the first record "
      "that was changed, removed, inserted or cut off",
      "log verify --heads /mnt/worm/heads-mx-2026-11-23.jsonl --public-key gatepost.pub", LogVerify,
      &options);
  AddRepeatable(command, "--heads", &options->heads,
                "heads that were kept elsewhere, as a file; repeatable");
  command->add_option("--public-key", options->public_key,
                      "the signing key as you keep it (default: STATE/sign.key.pub)");

  command = Add<LogOptions>(log, "heads", "the newest signed heads; what is handed elsewhere daily",
                            "log heads > heads.jsonl", LogHeads, &options);
  command->add_flag("--send", options->send, "hand them over now, as 'heads' says");
  command->add_option("--reason", options->reason, "why, for the audit trail");
  Add<LogOptions>(log, "key", "the public key of the heads, to be kept elsewhere",
                  "log key > gatepost.pub", LogKey, &options);
  command = Add<LogOptions>(
      log, "prune", "take old segments of both logs away; each leaves a signed summary",
      "log prune --before 730d --reason 'two years are over'", LogPrune, &options);
  command->add_option("--before", options->before, "2026-11-23, or an age such as 730d")
      ->required();
  command->add_option("--reason", options->reason, "why, for the audit trail");
}

}  // namespace gatepost::cli
