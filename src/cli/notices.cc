// `gatepost notices`: what waits and what was sent; `gatepost mailbox`: the recipients' page in the
// foreground.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/notices.h"

#include <cstdio>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/base/journal.h"
#include "src/base/utf8.h"
#include "src/cli/house.h"
#include "src/cli/key_tools.h"
#include "src/cli/serve.h"
#include "src/cli/terminal.h"
#include "src/gateway/control.h"
#include "src/notice/desk.h"
#include "src/notice/mailbox.h"
#include "src/notice/queue.h"

namespace gatepost::cli {

namespace {

constexpr int kAskMs = 90'000;

}  // namespace

int NoticesList(const NoticesOptions& options) {
  const Result<gateway::Config> config = LoadConfig(options.common.config);
  if (!config.ok()) {
    PrintError(config.status().message());
    return kUsage;
  }
  const int64_t since = ParseTime(options.since, NowUnixMs());
  if (since < 0) {
    PrintError("--since must be a date or a time such as 7d or 12h");
    return kUsage;
  }
  const std::string folder = notice::NoticeFolder(config->state);
  const Result<std::vector<Json>> sent = notice::ReadFinished(folder, since);
  const Result<std::vector<notice::Item>> waiting = notice::ReadWaiting(folder);
  if (!sent.ok() || !waiting.ok()) {
    PrintError((sent.ok() ? waiting.status() : sent.status()).message());
    return kIncomplete;
  }
  Table table({"when", "state", "what", "about", "to", "answer"}, 5);
  const auto add = [&](const std::string& at, const std::string& state, const std::string& kind,
                       const std::string& id, const std::string& to, const std::string& said) {
    if (options.common.json) {
      PrintLine(DumpJson({{"at", at},
                          {"state", state},
                          {"kind", kind},
                          {"held_id", id},
                          {"to", to},
                          {"said", said}}));
    } else {
      table.Add(
          {at.substr(0, 16), state, kind, id, PrintableUtf8(to, 60), PrintableUtf8(said, 80)});
    }
  };
  for (const Json& one : *sent) {
    if (const std::string kind = one.value("kind", ""); kind.rfind("check", 0) != 0) {
      add(one.value("at", ""), one.value("outcome", ""), kind, one.value("held_id", ""),
          one.value("to", ""), one.value("said", ""));
    }
  }
  for (const notice::Item& one : *waiting) {
    if (one.kind.rfind("check", 0) != 0) {
      add(Rfc3339(one.due_ms), "waiting", one.kind, one.held_id, one.to, one.trouble);
    }
  }
  if (!options.common.json) {
    std::fputs(table.empty() ? "nothing was sent and nothing waits\n" : table.ToString().c_str(),
               stdout);
  }
  return kDone;
}

int NoticesDigest(const Common& common) {
  const Result<gateway::Config> config = LoadConfig(common.config);
  if (!config.ok()) {
    PrintError(config.status().message());
    return kUsage;
  }
  if (!config->notices.digests) {
    PrintError(config->file +
               ": there are no digests; 'notices: digest: on' or 'notices: mailbox:' "
               "begins them");
    return kUsage;
  }
  const Result<Json> state = gateway::AskDaemon(config->state, {{"do", "status"}}, -1, 5'000);
  if (!state.ok()) {
    PrintError("gatepostd writes them, and does not answer: " + state.status().message());
    return kIncomplete;
  }
  if (const Status asked = WriteFileDurably(notice::DigestNowFile(config->state), "\n");
      !asked.ok()) {
    PrintError(asked.message());
    return kIncomplete;
  }
  PrintLine(common.json ? DumpJson({{"digests", "asked for"}})
                        : "the digests are written within seconds; 'gatepost notices list' shows "
                          "them");
  return kDone;
}

int MailboxRun(const Common& common) {
  const Result<gateway::Config> config = LoadConfig(common.config);
  if (!config.ok()) {
    PrintError(config.status().message());
    return kUsage;
  }
  if (!config->notices.mailbox.on) {
    PrintError(config->file + ": 'notices: mailbox: {url: https://...}' says where links lead");
    return kUsage;
  }
  const sigset_t ends = PrepareToServe();
  notice::MailboxHouse house;
  house.state = config->state;
  house.release = config->release;
  house.node = config->node;
  house.custody = config->custody;
  house.site = config->site;
  house.options = config->notices;
  house.ask = [state = config->state](const Json& request, int fd) {
    return gateway::AskDaemon(state, request, fd, kAskMs);
  };
  house.service_key = [shared = *config](const std::string& category) {
    return ServiceKey(shared, category);
  };
  const Result<std::unique_ptr<notice::Mailbox>> mailbox = notice::Mailbox::Open(std::move(house));
  if (!mailbox.ok()) {
    PrintError(mailbox.status().message());
    return kIncomplete;
  }
  const Result<std::unique_ptr<web::Server>> server = web::Server::Bind(
      "mailbox", config->notices.mailbox.listener, web::ServerLimits(),
      [&mailbox](const web::Request& request) { return (*mailbox)->Handle(request); });
  if (!server.ok()) {
    PrintError(server.status().message());
    return server.status().code() == Code::kInvalid ? kUsage : kIncomplete;
  }
  Journal(Loudness::kNotice, "GP8005", "the recipients' page is open", {{"url", (*server)->url()}});
  if (!ServeUntilTold(server->get(), ends)) {
    return kIncomplete;
  }
  Journal(Loudness::kNotice, "GP8006", "the recipients' page is closed");
  return kDone;
}

}  // namespace gatepost::cli
