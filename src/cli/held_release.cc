// `gatepost held release`: byte for byte, once; and what is settled after a crash.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "src/base/clock.h"
#include "src/base/utf8.h"
#include "src/cli/actor.h"
#include "src/cli/exceptions.h"
#include "src/cli/key_tools.h"
#include "src/cli/known.h"
#include "src/cli/terminal.h"
#include "src/notice/events.h"
#include "src/record/exceptions.h"
#include "src/record/release.h"

namespace gatepost::cli {

namespace {

// Decides entries that a crash or a broken connection left in `releasing`: by Postfix's log, or,
// where that says nothing, by the person (--was). Nothing is ever sent again by itself.
int Settle(const HeldOptions& options, const Custody& custody) {
  record::Quarantine* const quarantine = custody.quarantine.get();
  const std::string log = options.postfix_log.empty() ? "/var/log/mail.log" : options.postfix_log;
  record::HeldFilter filter;
  filter.state = record::ToString(record::HeldState::kReleasing);
  const Result<std::vector<record::Held>> list = quarantine->List(filter);
  if (!list.ok()) {
    PrintError(list.status().message());
    return kIncomplete;
  }
  int exit_code = kDone;
  for (const record::Held& held : *list) {
    if (!options.ids.empty() &&
        std::find(options.ids.begin(), options.ids.end(), held.id) == options.ids.end()) {
      continue;
    }
    const Result<record::LogTrace> trace = record::TraceRelease(log, held.release_id);
    std::string outcome = options.was;
    std::string why = "as you say";
    if (trace.ok() && trace->seen) {
      outcome = trace->queued ? "sent" : "held";
      why = trace->queued ? "Postfix took it as " + trace->queue_id
                          : "Postfix saw the session and took nothing";
    } else if (outcome.empty()) {
      outcome = "unknown";
      why = (trace.ok() ? log + " does not know release " + held.release_id
                        : trace.status().message()) +
            "; ask the recipient, then say --was sent or --was held";
      exit_code = kIncomplete;
    }
    if (outcome != "unknown") {
      if (const Status told = custody.Tell(record::AuditKind::kSettle, held.id, options.reason,
                                           {{"outcome", outcome}, {"why", why}});
          !told.ok()) {
        PrintError(told.message());
        return kIncomplete;
      }
      if (const Status settled = record::SettleRelease(quarantine, held.id, outcome == "sent");
          !settled.ok()) {
        PrintErrorAbout(held.id, settled.message());
        exit_code = kIncomplete;
        continue;
      }
    }
    PrintLine(options.common.json ? DumpJson({{"id", held.id}, {"outcome", outcome}, {"why", why}})
                                  : held.id + "  " + outcome + "  " + why);
  }
  return exit_code;
}

// What --allow-similar would add, for each id, before anything is released. False: printed why not.
bool PrepareSimilar(const HeldOptions& options, const gateway::Config& config,
                    record::Quarantine* quarantine,
                    std::map<std::string, std::vector<policy::Exception>>* similar) {
  if (!options.allow_similar) {
    return true;
  }
  int64_t lasts = 0;
  if (!ParseLasting(options.lasts, &lasts) || options.reason.empty()) {
    PrintError("--allow-similar needs --for 7d (at most 366d) and --reason TEXT");
    return false;
  }
  if (!HasReason(options.reason)) {
    return false;
  }
  for (const std::string& id : options.ids) {
    const Result<record::Held> held = quarantine->Find(id);
    if (!held.ok()) {
      PrintErrorAbout(id, held.status().message());
      return false;
    }
    Result<std::vector<policy::Exception>> like =
        record::ExceptionsLike(*held, config.log, options.by == "file");
    if (!like.ok()) {
      PrintErrorAbout(id, like.status().message() +
                              "; nothing was released. Release it without --allow-similar");
      return false;
    }
    for (policy::Exception& one : *like) {
      one.owner = options.owner.empty() ? Actor() : options.owner;
      one.reason = options.reason;
      one.created_ms = NowUnixMs();
      one.expires_ms = one.created_ms + lasts;
      if (const Status fits = record::CheckException(one); !fits.ok()) {
        PrintErrorAbout(id, fits.message());
        return false;
      }
    }
    (*similar)[id] = std::move(like).value();
  }
  return true;
}

bool AddSimilar(const HeldOptions& options, const gateway::Config& config, const std::string& id,
                const std::vector<policy::Exception>& similar) {
  for (const policy::Exception& one : similar) {
    const Result<policy::Exception> added = AddTold(config, one, id);
    if (!added.ok()) {
      PrintErrorAbout(id, "released, but no exception was added: " + added.status().message());
      return false;
    }
    Json line = {{"id", id}, {"exception", record::ToJson(*added)}};
    PrintLine(options.common.json ? DumpJson(line)
                                  : id + "  mail like it passes by the exception " + added->id +
                                        " until " + Rfc3339(added->expires_ms).substr(0, 16));
  }
  return true;
}

// Only mail of somebody on the priority list.
Status MayBeUrgent(const gateway::Config& config, const record::Quarantine& quarantine,
                   const std::string& id) {
  GATEPOST_ASSIGN_OR_RETURN(const record::Held held, quarantine.Find(id));
  return notice::MayBeUrgent(held, config.notices.priority_list);
}

}  // namespace

int HeldRelease(const HeldOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  record::Quarantine* const quarantine = custody->quarantine.get();
  if (options.settle) {
    return Settle(options, *custody);
  }
  if (options.ids.empty()) {
    PrintError("name the held ids to release, or --settle");
    return kUsage;
  }
  std::vector<mail::Address> recipients;
  for (const std::string& one : options.rcpt) {
    recipients.push_back(mail::Address::Parse(one));
  }
  std::optional<record::PrivateKey> key;
  if (!Unlock(options, &key)) {
    return kUsage;
  }
  const auto inspection = std::make_shared<Inspection>(custody->config);
  if (const Status opened = inspection->Open(); !opened.ok()) {
    PrintError("what is released is inspected again: " + opened.message());
    return kUsage;
  }
  std::map<std::string, std::vector<policy::Exception>> similar;
  if (!PrepareSimilar(options, custody->config, quarantine, &similar)) {
    return kUsage;
  }
  const std::string reason = ReasonOr(options.reason, "Why is it released?");
  for (const std::string& id : options.ids) {
    record::ReleaseOptions how;
    how.inspect = InspectAgain(inspection);
    how.audit = custody->audit.get();
    how.via = "cli";
    how.reason = reason;
    if (options.urgent) {
      if (const Status may = MayBeUrgent(custody->config, *quarantine, id); !may.ok()) {
        PrintErrorAbout(id, may.message());
        exit_code = kIncomplete;
        continue;
      }
      how.urgent_ms = custody->config.notices.countersign_ms;
    }
    std::optional<record::PrivateKey> service;
    if (const Result<record::Held> held = quarantine->Find(id); held.ok() && held->sealed && !key) {
      service = ServiceKey(custody->config, held->category);
    }
    how.key = key ? &*key : service ? &*service : nullptr;
    const Result<record::ReleaseReport> report =
        record::Release(quarantine, id, recipients, custody->config.release, Actor(), how);
    if (!report.ok()) {
      PrintErrorAbout(id, report.status().message());
      exit_code = kIncomplete;
      continue;
    }
    std::string to;
    Json list = Json::array();
    for (const mail::Address& one : report->recipients) {
      to += (to.empty() ? "" : ", ") + one.spelling();
      list.push_back(one.spelling());
    }
    using Outcome = record::ReleaseReport::Outcome;
    const bool sent = report->outcome == Outcome::kSent;
    const char* const word = sent                                   ? "released"
                             : report->outcome == Outcome::kUnknown ? "unknown"
                                                                    : "refused";
    exit_code = sent ? exit_code : kIncomplete;
    if (options.common.json) {
      PrintLine(DumpJson({{"id", id},
                          {"outcome", word},
                          {"release_id", report->release_id},
                          {"recipients", list},
                          {"said", report->said}}));
    } else {
      PrintLine(
          id + "  " +
          Paint(sent ? Colour::kGreen : Colour::kRed, report->unreachable ? "not released" : word) +
          " to " + to + "  (" + PrintableUtf8(report->said, 500) + ")");
    }
    if (sent && !AddSimilar(options, custody->config, id, similar[id])) {
      exit_code = kIncomplete;
    }
    if (report->outcome == Outcome::kUnknown) {
      PrintError(id +
                 ": the connection broke before Postfix answered; 'gatepost held release "
                 "--settle' asks Postfix's log whether it was taken");
    }
  }
  return exit_code;
}

}  // namespace gatepost::cli
