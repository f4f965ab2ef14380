// The command line of what looks at messages and configurations.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"

namespace gatepost::cli {

void Program::AddInspection() {
  std::shared_ptr<ScanOptions> scan;
  CLI::App* command = Add<ScanOptions>(
      &app_, "scan", "inspect messages and print the verdict; changes nothing",
      "scan --from a@gmail.com --rcpt clerk@office.example letter.eml", Scan, &scan);
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
  command->add_flag("--show-text", scan->show_text,
                    "matched words in clear; those of markings are never shown");
  command->add_option("--lang", scan->lang, "language of the reasons (default: by locale)")
      ->check(CLI::IsMember({"en", "vi"}));

  std::shared_ptr<std::pair<Common, std::vector<std::string>>> text;
  AddWith<std::vector<std::string>>(
      &app_, "text",
      "print what Gatepost reads in messages or documents (docx, doc, pdf, html, zip...)",
      "text plan.docx", Text, &text)
      ->add_option("files", text->second, "messages or documents")
      ->required();

  std::shared_ptr<DefectsOptions> defects;
  command = Add<DefectsOptions>(
      &app_, "defects",
      "count what is odd about the mails of a folder, and name each that is grade C",
      "defects --max-c 0.1 /var/mail/archive/2026", Defects, &defects);
  command->add_option("folders", defects->folders, "folders of mails, one a file; or files")
      ->required();
  command->add_option("--max-c", defects->most_c,
                      "exit code 1 when more percent of the mails are grade C (default: 100)");

  std::shared_ptr<CheckOptions> check;
  command = Add<CheckOptions>(
      &app_, "check", "load configuration, policy and rules as the daemon would; report findings",
      "check --config /etc/gatepost/gatepost.yaml --postfix", Check, &check);
  command->add_flag("--postfix", check->postfix,
                    "also name every entrance of Postfix as filtered or NOT FILTERED");
  command->add_option("--postfix-config", check->postfix_config,
                      "Postfix's configuration folder (default: its own)");
  command->add_flag("--policy", check->policy, "also print the policy as it was understood");

  std::shared_ptr<std::pair<Common, std::string>> schema;
  AddWith<std::string>(&app_, "schema",
                       "print the JSON Schema of a file's format, for editors (contrib/schema)",
                       "schema rules > rules.schema.json", SchemaCommand, &schema)
      ->add_option("which", schema->second, "rules, policy or config")
      ->required()
      ->check(CLI::IsMember({"rules", "policy", "config"}));

  std::shared_ptr<std::pair<Common, std::string>> explain;
  AddWith<std::string>(&app_, "explain", "the whole story of one message", "explain 4cQ1Xk2hZyz9",
                       Explain, &explain)
      ->add_option("id", explain->second, "queue id, Message-ID or decision id")
      ->required();
}

}  // namespace gatepost::cli
