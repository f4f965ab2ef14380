// The command line of `gatepost rules`.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"

namespace gatepost::cli {

void Program::AddRules() {
  CLI::App* const rules = app_.add_subcommand("rules", "the rules: list, test, explain, new");
  rules->require_subcommand(1);
  rules->footer("Example: gatepost rules explain VNM-001");
  std::shared_ptr<std::pair<Common, std::string>> list;
  AddWith<std::string>(rules, "list", "all rules as loaded", "rules list vn-marking", RulesList,
                       &list)
      ->add_option("pack", list->second, "only this pack");
  std::shared_ptr<std::pair<Common, std::vector<std::string>>> test;
  AddWith<std::vector<std::string>>(rules, "test",
                                    "run the rules' examples; say what matched instead",
                                    "rules test 'VNM-0*'", RulesTest, &test)
      ->add_option(
          "which", test->second,
          "packs, rule ids (with * and ?) or files, of the configuration or not yet; all if none");
  std::shared_ptr<std::pair<Common, std::string>> explain;
  AddWith<std::string>(rules, "explain", "one rule as it was understood, with its cost",
                       "rules explain VNM-001", RulesExplain, &explain)
      ->add_option("id", explain->second, "the rule's id")
      ->required();
  std::shared_ptr<RulesNewOptions> fresh;
  CLI::App* const command = Add<RulesNewOptions>(
      rules, "new", "begin a rule from a message: phrases, zones, examples, in shadow mode",
      "rules new --from spam.eml --not /var/mail/archive --id OFF-002 -o office.yaml", RulesNew,
      &fresh);
  command->add_option("--from", fresh->from, "the message")->required();
  command->add_option("--id", fresh->id, "the rule's id (default: the first free of NEW-001...)");
  AddRepeatable(command, "--not", &fresh->good,
                "a folder of good mail: what stands there is not peculiar; repeatable");
  CLI::Option* const output =
      command->add_option("-o,--output", fresh->output, "a file to write (default: print it)");
  command
      ->add_flag("--keep-mail", fresh->keep_mail,
                 "copy the message to examples/ID.eml beside the output, as an example")
      ->needs(output);
  AddGenerations(rules);
  AddWorkbench(rules);
  AddRulesImport(rules);
}

void Program::AddRulesImport(CLI::App* rules) {
  CLI::App* const import =
      rules->add_subcommand("import", "other programs' rules, as rules of Gatepost");
  import->require_subcommand(1);
  import->footer("Example: gatepost rules import spamassassin /usr/share/spamassassin -o imported");
  std::shared_ptr<ImportOptions> from;
  CLI::App* const spamassassin =
      Add<ImportOptions>(import, "spamassassin", "*.cf and *.pre of SpamAssassin",
                         "rules import spamassassin /usr/share/spamassassin /etc/spamassassin "
                         "-o imported",
                         RulesImportSpamAssassin, &from);
  spamassassin
      ->add_option("from", from->from, "folders or files: SpamAssassin's own first, yours behind")
      ->required();
  spamassassin->add_option("-o,--out", from->out, "the folder to write; made when it is not there")
      ->required();
  std::shared_ptr<ImportOptions> maps;
  CLI::App* const rspamd =
      Add<ImportOptions>(import, "rspamd", "multimap.conf of Rspamd, with its map files",
                         "rules import rspamd /etc/rspamd -o imported", RulesImportRspamd, &maps);
  rspamd->add_option("from", maps->from, "files, or folders that hold multimap.conf")->required();
  rspamd->add_option("-o,--out", maps->out, "the folder to write; made when it is not there")
      ->required();
}

}  // namespace gatepost::cli
