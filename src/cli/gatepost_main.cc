// The program `gatepost`: reads the command line, calls one command.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <CLI/CLI.hpp>
#include <clocale>
#include <functional>

#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/terminal.h"
#include "src/inspect/inspector.h"

namespace {

using gatepost::cli::Common;

void AddCommon(CLI::App* command, Common* common) {
  command->add_option("-c,--config", common->config,
                      "configuration file (default: /etc/gatepost/gatepost.yaml)");
  command->add_flag("--json", common->json, "machine-readable output, one object a line");
}

// One value each time it is named: what follows are files or ids.
void AddRepeatable(CLI::App* command, const char* name, std::vector<std::string>* values,
                   const char* description) {
  command->add_option(name, *values, description)->expected(1)->take_all()->allow_extra_args(false);
}

// Each command keeps its options in a shared_ptr that its callback holds.
class Program {
 public:
  int Run(int argc, char** argv) {
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
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
      const int code = app_.exit(e);
      return code == 0 ? 0 : gatepost::cli::kUsage;
    }
    return action_();
  }

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

  void AddInspection();
  void AddDaemon();
  void AddRules();
  void AddHeld();
  void AddLog();

  CLI::App app_;
  std::function<int()> action_;
};

void Program::AddInspection() {
  namespace cli = gatepost::cli;
  std::shared_ptr<cli::ScanOptions> scan;
  CLI::App* command = Add<cli::ScanOptions>(
      &app_, "scan", "inspect messages and print the verdict; changes nothing",
      "scan --from a@gmail.com --rcpt clerk@office.example letter.eml", cli::Scan, &scan);
  command->add_option("files", scan->files, "messages (- reads standard input)")->required();
  command
      ->add_option_function<std::string>(
          "--from",
          [scan](const std::string& from) {
            scan->from = from;
            scan->has_from = true;
          },
          "envelope sender; '' is the null sender (default: Return-Path or From)")
      ->expected(1);
  AddRepeatable(command, "--rcpt", &scan->rcpt,
                "envelope recipient, repeatable (default: To and Cc)");
  command->add_option("--client-ip", scan->client_ip,
                      "the SMTP client (default: 192.0.2.1, outside, the mail comes in)");
  command->add_option("--auth", scan->auth, "SASL user: the sender is signed in");

  auto text = std::make_shared<std::pair<Common, std::vector<std::string>>>();
  command = app_.add_subcommand(
      "text", "print what Gatepost reads in messages or documents (docx, doc, pdf, html, zip...)");
  AddCommon(command, &text->first);
  command->add_option("files", text->second, "messages or documents")->required();
  command->footer("Example: gatepost text plan.docx");
  command->callback([this, text] {
    action_ = [text] { return gatepost::cli::Text(text->first, text->second); };
  });

  std::shared_ptr<cli::DefectsOptions> defects;
  command = Add<cli::DefectsOptions>(
      &app_, "defects",
      "count what is odd about the mails of a folder, and name each that is grade C",
      "defects --max-c 0.1 /var/mail/archive/2026", cli::Defects, &defects);
  command->add_option("folders", defects->folders, "folders of mails, one a file; or files")
      ->required();
  command->add_option("--max-c", defects->most_c,
                      "exit code 1 when more percent of the mails are grade C (default: 100)");

  std::shared_ptr<cli::CheckOptions> check;
  command = Add<cli::CheckOptions>(
      &app_, "check", "load configuration, policy and rules as the daemon would; report findings",
      "check --config /etc/gatepost/gatepost.yaml --postfix", cli::Check, &check);
  command->add_flag("--postfix", check->postfix,
                    "also name every entrance of Postfix as filtered or NOT FILTERED");
  command->add_option("--postfix-config", check->postfix_config,
                      "Postfix's configuration folder (default: its own)");
  command->add_flag("--policy", check->policy, "also print the policy as it was understood");

  auto explain = std::make_shared<std::pair<Common, std::string>>();
  command = app_.add_subcommand("explain", "the whole story of one message");
  AddCommon(command, &explain->first);
  command->add_option("id", explain->second, "queue id, Message-ID or decision id")->required();
  command->footer("Example: gatepost explain 4cQ1Xk2hZyz9");
  command->callback([this, explain] {
    action_ = [explain] { return gatepost::cli::Explain(explain->first, explain->second); };
  });
}

void Program::AddDaemon() {
  std::shared_ptr<Common> options;
  Add<Common>(&app_, "status", "how the daemon is: exit code 0 well, 1 degraded, 2 down", "status",
              gatepost::cli::StatusCommand, &options);
  Add<Common>(&app_, "reload",
              "load rules, policy and signatures anew; on failure the old ones stay", "reload",
              gatepost::cli::Reload, &options);
}

void Program::AddRules() {
  CLI::App* const rules = app_.add_subcommand("rules", "the rules: list, test, explain");
  rules->require_subcommand(1);
  rules->footer("Example: gatepost rules explain VNM-001");
  auto list = std::make_shared<std::pair<Common, std::string>>();
  CLI::App* command = rules->add_subcommand("list", "all rules as loaded");
  AddCommon(command, &list->first);
  command->add_option("pack", list->second, "only this pack");
  command->footer("Example: gatepost rules list 20-vn-marking");
  command->callback([this, list] {
    action_ = [list] { return gatepost::cli::RulesList(list->first, list->second); };
  });

  auto test = std::make_shared<std::pair<Common, std::vector<std::string>>>();
  command = rules->add_subcommand("test", "run the rules' examples; say what matched instead");
  AddCommon(command, &test->first);
  command->add_option("which", test->second,
                      "packs, rule ids (with * and ?) or files; all if none");
  command->footer("Example: gatepost rules test 'VNM-0*'");
  command->callback([this, test] {
    action_ = [test] { return gatepost::cli::RulesTest(test->first, test->second); };
  });

  auto explain = std::make_shared<std::pair<Common, std::string>>();
  command = rules->add_subcommand("explain", "one rule as it was understood, with its cost");
  AddCommon(command, &explain->first);
  command->add_option("id", explain->second, "the rule's id")->required();
  command->footer("Example: gatepost rules explain VNM-001");
  command->callback([this, explain] {
    action_ = [explain] { return gatepost::cli::RulesExplain(explain->first, explain->second); };
  });
}

void Program::AddHeld() {
  namespace cli = gatepost::cli;
  CLI::App* const held = app_.add_subcommand("held", "the quarantine: list, show, release, delete");
  held->require_subcommand(1);
  held->footer(
      "Example: gatepost held release GP-20261123-101500-0123ABCD --rcpt clerk@office.example");
  const auto add_filters = [](CLI::App* command, const std::shared_ptr<cli::HeldOptions>& options) {
    command->add_option("--category", options->category,
                        "spam, virus, marking, freemail, unscannable, ambiguous...");
    command->add_option("--sender", options->sender, "envelope sender");
    command->add_option("--recipient", options->recipient, "one of the held recipients");
    command->add_option("--rule", options->rule, "a rule that hit");
  };
  std::shared_ptr<cli::HeldOptions> options;
  CLI::App* command =
      Add<cli::HeldOptions>(held, "list", "what is held, newest first",
                            "held list --category freemail --since 7d", cli::HeldList, &options);
  add_filters(command, options);
  command->add_option("--state", options->state,
                      "held (default), releasing, released, deleted, all");
  command->add_option("--since", options->since, "2026-11-23, 7d, 12h");
  command->add_option("--limit", options->limit, "at most so many; 0 all")->default_val(100);

  command = Add<cli::HeldOptions>(held, "show", "one held message: envelope, reasons, states",
                                  "held show GP-20261123-204512-7F3K9QZ2", cli::HeldShow, &options);
  command->add_option("id", options->id, "the held id")->required();
  command->add_flag("--content", options->content, "the message's source as well");

  command = Add<cli::HeldOptions>(
      held, "release", "deliver held messages to their recipients, byte for byte, once",
      "held release GP-20261123-204512-7F3K9QZ2 --rcpt clerk@office.example", cli::HeldRelease,
      &options);
  command->add_option("ids", options->ids, "held ids");
  AddRepeatable(command, "--rcpt", &options->rcpt,
                "only to this one of the held recipients, repeatable");
  command->add_flag("--settle", options->settle,
                    "decide releases that a crash interrupted, by Postfix's log");
  command->add_option("--postfix-log", options->postfix_log,
                      "with --settle: Postfix's log (default: /var/log/mail.log)");
  command
      ->add_option("--was", options->was,
                   "with --settle, where the log says nothing: 'sent' or 'held'")
      ->check(CLI::IsMember({"sent", "held"}));

  command = Add<cli::HeldOptions>(held, "delete", "delete held messages; the record stays",
                                  "held delete --older-than 30d --category spam", cli::HeldDelete,
                                  &options);
  command->add_option("ids", options->ids, "held ids");
  add_filters(command, options);
  command->add_option("--older-than", options->older_than, "30d, 12h");
  command->add_flag("--yes", options->yes, "do not ask");
}

void Program::AddLog() {
  namespace cli = gatepost::cli;
  CLI::App* const log = app_.add_subcommand("log", "the decision log: tail, find, summary, verify");
  log->require_subcommand(1);
  log->footer("Example: gatepost log find --to clerk@office.example --since 2d");
  std::shared_ptr<cli::LogOptions> options;
  CLI::App* command = Add<cli::LogOptions>(log, "tail", "the newest decisions", "log tail -n 50",
                                           cli::LogTail, &options);
  command->add_option("-n,--limit", options->limit, "how many")->default_val(20);
  command->add_flag("-f,--follow", options->follow, "go on as they come");

  command = Add<cli::LogOptions>(log, "find", "decisions that fit all the options given",
                                 "log find --from @gmail.com --to clerk@office.example --since 7d",
                                 cli::LogFind, &options);
  command->add_option("--from", options->from, "envelope sender, or @domain");
  command->add_option("--to", options->to, "a recipient, or @domain");
  command->add_option("--since", options->since, "2026-11-23, 2026-11-23T20:45:00Z, 30d, 12h");
  command->add_option("--message-id", options->message_id, "Message-ID");
  command->add_option("--queue-id", options->queue_id, "Postfix's queue id");
  command->add_option("--part-sha256", options->part_sha256, "digest of the message or of a part");
  command->add_option("--action", options->action, "accept, tag, quarantine, reject, defer");
  command->add_option("--rule", options->rule, "a rule that hit");
  command->add_option("--limit", options->limit, "at most so many, the newest; 0 all")
      ->default_val(1000);

  command = Add<cli::LogOptions>(log, "summary", "counts by action, direction, clause and rule",
                                 "log summary --since 7d", cli::LogSummary, &options);
  command->add_option("--since", options->since, "2026-11-23, 30d, 12h");
  Add<cli::LogOptions>(log, "verify",
                       "check the chain of hashes; name the first record that breaks it",
                       "log verify", cli::LogVerify, &options);
}

}  // namespace

int main(int argc, char** argv) {
  gatepost::inspect::RunZygoteIfAsked(argc, argv);
  // For wcwidth only; numbers and messages are never formatted by locale.
  std::setlocale(LC_CTYPE, "C.UTF-8");
  return Program().Run(argc, argv);
}
