// The command line of blocks, outbreaks, outages and the monthly report.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"
#include "src/cli/incidents.h"

namespace gatepost::cli {

void Program::AddIncidents() {
  CLI::App* const block = app_.add_subcommand(
      "block", "what is stopped for some hours, with a reason: add, list, remove");
  block->require_subcommand(1);
  block->footer(
      "Example: gatepost block add --from invoice@bad.example --for 4h --reason 'false invoices'");
  std::shared_ptr<BlockOptions> blocks;
  CLI::App* command = Add<BlockOptions>(
      block, "add",
      "refuse mail (550; or hold it, as 'blocks' in the configuration says) that has this file "
      "anywhere in it, comes from this sender or from this user; acts from the next message",
      "block add --auth-user lan --for 4h --reason 'account taken over'", BlockAdd, &blocks);
  command->add_option("--sha256", blocks->sha256, "digest of an attachment or a whole message");
  command->add_option("--file", blocks->file, "a file whose digest is taken")->excludes("--sha256");
  command->add_option("--from", blocks->from,
                      "envelope sender or From field: a@b.example, b.example, .b.example for what "
                      "is below, <> for no sender");
  command->add_option("--auth-user", blocks->auth_user, "the name somebody signs in with");
  command->add_option("--for", blocks->lasts, "how long: 4h, 30m, 2d; at most 366d")->required();
  command->add_option("--reason", blocks->reason, "why, for whoever reads the record")->required();
  command->add_option("--owner", blocks->owner, "who answers for it; default: who you are");

  Add<BlockOptions>(block, "list", "all blocks with their state", "block list", BlockList, &blocks)
      ->add_flag("--expired", blocks->expired, "only those that have expired");

  command = Add<BlockOptions>(block, "remove", "take blocks back, at once",
                              "block remove BL-20261123-204512-7F3K9QZ2", BlockRemove, &blocks);
  command->add_option("ids", blocks->ids, "block ids");
  command->add_flag("--expired", blocks->expired, "all that have expired");
  command->add_option("--reason", blocks->reason, "why, for the audit trail");

  CLI::App* const outbreak =
      app_.add_subcommand("outbreak", "what has spread to many, and whom it touched: list, show");
  outbreak->require_subcommand(1);
  outbreak->footer("Example: gatepost outbreak list");
  std::shared_ptr<OutbreakCommand> outbreaks;
  Add<OutbreakCommand>(outbreak, "list", "the last hundred", "outbreak list", OutbreakList,
                       &outbreaks);
  Add<OutbreakCommand>(outbreak, "show", "senders, recipients, and what became of each copy",
                       "outbreak show OB-20261123-204512-7F3K9QZ2", OutbreakShow, &outbreaks)
      ->add_option("id", outbreaks->id, "as 'outbreak list' shows it")
      ->required();

  CLI::App* const outage = app_.add_subcommand(
      "outage", "the record of faults, with the notice to publish: start, update, end, list");
  outage->require_subcommand(1);
  outage->footer("Example: gatepost outage start --cause 'disk of mx1 failed' --expected 2h");
  std::shared_ptr<OutageOptions> options;
  const auto texts = [](CLI::App* where, const std::shared_ptr<OutageOptions>& into) {
    where->add_option("--cause", into->cause, "why, as everybody may read it");
    where->add_option("--parts", into->parts, "what does not work; default: mail as a whole");
    where->add_option("--expected", into->expected,
                      "when it will work again: 2h from now, 2026-11-26T20:45:00Z");
  };
  const auto language = [](CLI::App* where, const std::shared_ptr<OutageOptions>& into) {
    where->add_option("--lang", into->lang, "the notice in vi or en only; default: both")
        ->check(CLI::IsMember({"vi", "en"}));
  };
  command = Add<OutageOptions>(outage, "start", "a fault has begun",
                               "outage start --cause 'power cut' --expected 90m --at 10m",
                               OutageStart, &options);
  texts(command, options);
  command->get_option("--cause")->required();
  command->add_option("--at", options->at, "when it began: 10m (ago), 2026-11-26T20:45:00Z");
  language(command, options);
  command = Add<OutageOptions>(outage, "update", "more is known, or it takes longer",
                               "outage update --expected 3h", OutageUpdate, &options);
  command->add_option("id", options->id, "default: the one that is open");
  texts(command, options);
  language(command, options);
  command = Add<OutageOptions>(outage, "end", "it works again", "outage end", OutageEnd, &options);
  command->add_option("id", options->id, "default: the one that is open");
  command->add_option("--at", options->at, "since when: 5m (ago), 2026-11-26T20:45:00Z");
  command->add_option("--cause", options->cause, "the cause, now that it is known");
  language(command, options);
  Add<OutageOptions>(outage, "list", "all of them", "outage list", OutageList, &options);

  std::shared_ptr<ReportOptions> report;
  command = Add<ReportOptions>(
      &app_, "report",
      "a month for printing: by unit, wrong blocks, hold times, availability, opened quarantine; "
      "from the decision log and the audit trail",
      "report --month 2026-11 --lang vi -o report.html", Report, &report);
  command->add_option("--month", report->month, "2026-11; default: the last whole month");
  command->add_option("--lang", report->lang, "vi or en; default: by locale")
      ->check(CLI::IsMember({"vi", "en"}));
  command->add_option("-o,--out", report->out, "the page to write; default: standard output");
}

}  // namespace gatepost::cli
