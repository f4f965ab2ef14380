// The command line of `gatepost console` and `gatepost access`.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"
#include "src/cli/console.h"

namespace gatepost::cli {

namespace {

using Shared = std::shared_ptr<AccountOptions>;

// A command about one account.
Shared Add(CLI::App* parent, const char* name, const char* description, const char* example,
           int (*run)(const AccountOptions&), std::function<int()>* action, CLI::App** made) {
  CLI::App* const command = parent->add_subcommand(name, description);
  auto options = std::make_shared<AccountOptions>();
  AddCommon(command, &options->common);
  command->footer(std::string("Example: gatepost ") + example);
  command->callback([action, options, run] { *action = [options, run] { return run(*options); }; });
  *made = command;
  return options;
}

}  // namespace

void AddConsole(CLI::App* app, std::function<int()>* action) {
  CLI::App* const console =
      app->add_subcommand("console", "the console in the browser; its accounts");
  auto common = std::make_shared<Common>();
  AddCommon(console, common.get());
  console->footer("Example: gatepost console --config /etc/gatepost/gatepost.yaml");
  console->callback([action, console, common] {
    if (console->get_subcommands().empty()) {
      *action = [common] { return ConsoleRun(*common); };
    }
  });
  CLI::App* const account = console->add_subcommand("account", "who may sign in, and as what");
  account->require_subcommand(1);
  account->footer(
      "Example: gatepost console account add lan --role releaser --role content-viewer");
  const auto add_rights = [](CLI::App* command, const Shared& options) {
    AddRepeatable(command, "--role", &options->roles,
                  "metadata-viewer, content-viewer, releaser, approver, auditor, administrator, "
                  "rule-approver; repeatable");
    AddRepeatable(command, "--category", &options->categories,
                  "only mail of this category (spam, virus, marking...); repeatable");
    AddRepeatable(command, "--unit", &options->units,
                  "only mail to this unit of the configuration; repeatable");
  };
  CLI::App* command = nullptr;
  Shared options = Add(account, "add", "a new account; its password is made and shown once",
                       "console account add lan --role releaser --category spam --unit finance",
                       AccountAdd, action, &command);
  command->add_option("name", options->name, "small letters, digits, '.', '_', '-'")->required();
  add_rights(command, options);
  command->add_flag("--password-stdin", options->password_stdin,
                    "read the password from standard input instead");
  command->add_flag("--no-password", options->no_password,
                    "no password: only the trusted proxy signs this account in");

  options =
      Add(account, "set",
          "other rights; what no option names stays as it is. Ends the account's sessions",
          "console account set lan --role auditor --all-categories", AccountSet, action, &command);
  command->add_option("name", options->name, "the account")->required();
  add_rights(command, options);
  command->add_flag("--all-categories", options->all_categories,
                    "mail of all categories again: takes that bound away");
  command->add_flag("--all-units", options->all_units,
                    "mail to everybody again: takes that bound away");

  options = Add(account, "password", "a new password, shown once; ends the account's sessions",
                "console account password lan", AccountPassword, action, &command);
  command->add_option("name", options->name, "the account")->required();
  command->add_flag("--password-stdin", options->password_stdin,
                    "read the password from standard input instead");

  options = Add(account, "totp", "a second factor: prints the secret for an authenticator, once",
                "console account totp lan", AccountTotp, action, &command);
  command->add_option("name", options->name, "the account")->required();
  command->add_flag("--remove", options->remove_totp, "take the second factor away");

  options = Add(account, "deputy", "stands in for another account, with its rights, for some time",
                "console account deputy lan --for binh --from 2026-12-01 --until "
                "2026-12-15",
                AccountDeputy, action, &command);
  command->add_option("name", options->name, "the account that stands in")->required();
  command->add_option("--for", options->of, "the account it stands in for")->required();
  command->add_option("--from", options->from, "first day, UTC (default: now)");
  command->add_option("--until", options->until, "the day it ends, UTC")->required();

  CLI::App* const access = app->add_subcommand("access", "who may see and open what");
  access->require_subcommand(1);
  access->footer("Example: gatepost access review");
  auto review = std::make_shared<Common>();
  command = access->add_subcommand(
      "review", "every account and every key: who may do what to whose mail, and who can open it");
  AddCommon(command, review.get());
  command->footer("Example: gatepost access review --json");
  command->callback([action, review] { *action = [review] { return AccessReview(*review); }; });
  options = Add(access, "remove",
                "takes account, rights, deputyships, sessions and the key from who has left",
                "access remove lan", AccessRemove, action, &command);
  command->add_option("name", options->name, "the account, or the name of the key")->required();
}

}  // namespace gatepost::cli
