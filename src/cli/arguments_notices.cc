// The command line of `gatepost notices` and `gatepost mailbox`.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/arguments.h"
#include "src/cli/notices.h"

namespace gatepost::cli {

void AddNotices(CLI::App* app, std::function<int()>* action) {
  CLI::App* const notices =
      app->add_subcommand("notices", "mail of ours: what waits, what was sent; digests at once");
  notices->require_subcommand(1);
  notices->footer("Example: gatepost notices list --since 7d");
  CLI::App* const list =
      notices->add_subcommand("list", "what waits to be sent, and what was sent");
  auto options = std::make_shared<NoticesOptions>();
  AddCommon(list, &options->common);
  list->add_option("--since", options->since, "sent since then: 2026-11-23, 7d, 12h");
  list->footer("Example: gatepost notices list --since 7d --json");
  list->callback([action, options] { *action = [options] { return NoticesList(*options); }; });

  CLI::App* const digest = notices->add_subcommand(
      "digest", "writes the digests now, of what is new since the last ones");
  auto common = std::make_shared<Common>();
  AddCommon(digest, common.get());
  digest->footer("Example: gatepost notices digest");
  digest->callback([action, common] { *action = [common] { return NoticesDigest(*common); }; });

  CLI::App* const mailbox =
      app->add_subcommand("mailbox", "the recipients' page: people release their own held spam");
  auto page = std::make_shared<Common>();
  AddCommon(mailbox, page.get());
  mailbox->footer("Example: gatepost mailbox --config /etc/gatepost/gatepost.yaml");
  mailbox->callback([action, page] { *action = [page] { return MailboxRun(*page); }; });
}

}  // namespace gatepost::cli
