// `gatepost held list | show | release | delete`.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <utility>

#include "src/base/clock.h"
#include "src/base/utf8.h"
#include "src/cli/actor.h"
#include "src/cli/commands.h"
#include "src/cli/exceptions.h"
#include "src/cli/house.h"
#include "src/cli/terminal.h"
#include "src/record/exceptions.h"
#include "src/record/quarantine.h"
#include "src/record/release.h"

namespace gatepost::cli {

namespace {

// Most errors of the quarantine begin with the id already.
void PrintErrorAbout(const std::string& id, const std::string& what) {
  PrintError(what.rfind(id + ": ", 0) == 0 ? what : id + ": " + what);
}

// The house with its store; null: printed why, and *exit_code says which.
std::unique_ptr<record::Quarantine> Open(const Common& common, gateway::Config* config,
                                         int* exit_code) {
  Result<gateway::Config> loaded = LoadConfig(common.config);
  *exit_code = kUsage;
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return nullptr;
  }
  *config = std::move(loaded).value();
  Result<std::unique_ptr<record::Quarantine>> quarantine =
      record::Quarantine::Open(config->custody.ForStore(config->state));
  if (!quarantine.ok()) {
    PrintError(quarantine.status().message());
    *exit_code = kIncomplete;
    return nullptr;
  }
  *exit_code = kDone;
  return std::move(quarantine).value();
}

// False: a time that cannot be read; printed.
bool TimeOption(const char* name, const std::string& text, int64_t* out) {
  if (text.empty()) {
    return true;
  }
  *out = ParseTime(text, NowUnixMs());
  if (*out < 0) {
    PrintError(std::string(name) + " " + text + ": write 2026-11-23, 30d, 12h or 15m");
    return false;
  }
  return true;
}

std::string Recipients(const record::Held& held) {
  std::string out;
  for (const mail::Recipient& one : held.envelope.recipients) {
    out += (out.empty() ? "" : ", ") + one.address.spelling();
  }
  return out;
}

bool HasGotIt(const record::Held& held, const mail::Address& recipient) {
  return std::any_of(held.released.begin(), held.released.end(),
                     [&](const record::ReleaseMark& mark) { return mark.recipient == recipient; });
}

Json HeldJson(const record::Held& held) {
  Json out = {{"id", held.id},
              {"state", record::ToString(held.state)},
              {"category", held.category},
              {"clause", held.clause},
              {"held_at", Rfc3339(held.held_at_ms)},
              {"size", held.size},
              {"sha256", held.sha256},
              {"from", held.envelope.sender.spelling()},
              {"client_ip", held.envelope.client_ip},
              {"queue_id", held.envelope.queue_id},
              {"message_id", held.message_id},
              {"subject", held.subject},
              {"score", held.score},
              {"rules", held.rules},
              {"release_id", held.release_id},
              {"by", held.last_actor},
              {"changed_at", held.changed_at_ms > 0 ? Rfc3339(held.changed_at_ms) : ""}};
  out["recipients"] = Json::array();
  for (const mail::Recipient& one : held.envelope.recipients) {
    out["recipients"].push_back({{"rcpt", one.address.spelling()},
                                 {"direction", mail::ToString(one.direction)},
                                 {"released", HasGotIt(held, one.address)}});
  }
  return out;
}

// Decides entries that a crash or a broken connection left in `releasing`: by Postfix's log, or,
// where that says nothing, by the person (--was). Nothing is ever sent again by itself.
int Settle(const HeldOptions& options, record::Quarantine* quarantine) {
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
  for (const std::string& id : options.ids) {
    const Result<record::Held> held = quarantine->Find(id);
    if (!held.ok()) {
      PrintErrorAbout(id, held.status().message());
      return false;
    }
    Result<std::vector<policy::Exception>> like =
        ExceptionsLike(*held, config.log, options.by == "file");
    if (!like.ok()) {
      PrintErrorAbout(id, like.status().message());
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

}  // namespace

int HeldList(const HeldOptions& options) {
  gateway::Config config;
  int exit_code = kDone;
  const std::unique_ptr<record::Quarantine> quarantine = Open(options.common, &config, &exit_code);
  if (quarantine == nullptr) {
    return exit_code;
  }
  record::HeldFilter filter;
  filter.category = options.category;
  filter.sender = options.sender;
  filter.recipient = options.recipient;
  filter.rule = options.rule;
  filter.limit = options.limit;
  filter.state = options.state == "all" ? "" : options.state;
  if (!TimeOption("--since", options.since, &filter.since_ms)) {
    return kUsage;
  }
  Result<std::vector<record::Held>> list = quarantine->List(filter);
  if (!list.ok()) {
    PrintError(list.status().message());
    return kIncomplete;
  }
  if (options.state.empty()) {
    // Unless asked otherwise: what still waits for somebody.
    list->erase(std::remove_if(list->begin(), list->end(),
                               [](const record::Held& held) {
                                 return held.state == record::HeldState::kReleased ||
                                        held.state == record::HeldState::kDeleted;
                               }),
                list->end());
  }
  Table table({"id", "held at", "category", "from", "to", "subject", "state"}, 5);
  for (const record::Held& held : *list) {
    if (options.common.json) {
      PrintLine(DumpJson(HeldJson(held)));
      continue;
    }
    table.Add({held.id, Rfc3339(held.held_at_ms).substr(0, 16), held.category,
               held.envelope.sender.spelling(), Recipients(held), held.subject,
               record::ToString(held.state)});
  }
  if (!options.common.json) {
    std::fputs(table.empty() ? "nothing is held\n" : table.ToString().c_str(), stdout);
  }
  return kDone;
}

int HeldShow(const HeldOptions& options) {
  gateway::Config config;
  int exit_code = kDone;
  const std::unique_ptr<record::Quarantine> quarantine = Open(options.common, &config, &exit_code);
  if (quarantine == nullptr) {
    return exit_code;
  }
  const Result<record::Held> held = quarantine->Find(options.id);
  if (!held.ok()) {
    PrintError(held.status().message());
    return kIncomplete;
  }
  Json out = HeldJson(*held);
  if (options.content) {
    const Result<std::string> message = quarantine->ReadMessage(options.id);
    if (!message.ok()) {
      PrintError(message.status().message());
      return kIncomplete;
    }
    if (!options.common.json) {
      std::fwrite(message->data(), 1, message->size(), stdout);
      return kDone;
    }
    out["content"] = *message;
  }
  if (options.common.json) {
    PrintLine(DumpJson(out));
    return kDone;
  }
  const auto line = [](const char* name, const std::string& value) {
    if (!value.empty()) {
      PrintLine("  " + std::string(name) + std::string(12 - std::string(name).size(), ' ') + value);
    }
  };
  PrintLine(Paint(Colour::kBold, held->id) + "  " + record::ToString(held->state));
  line("held at", Rfc3339(held->held_at_ms));
  line("category", held->category);
  line("clause", held->clause);
  line("from", held->envelope.sender.spelling());
  for (const mail::Recipient& one : held->envelope.recipients) {
    line("to", one.address.spelling() + " (" + mail::ToString(one.direction) + ")" +
                   (HasGotIt(*held, one.address) ? ", released" : ""));
  }
  line("client", held->envelope.client_ip);
  line("queue id", held->envelope.queue_id);
  line("message id", held->message_id);
  line("subject", held->subject);
  line("size", std::to_string(held->size) + " bytes");
  line("sha256", held->sha256);
  std::string rules;
  for (const std::string& rule : held->rules) {
    rules += (rules.empty() ? "" : ", ") + rule;
  }
  line("rules", rules);
  line("why", "gatepost explain " + held->decision_id);
  line("release", held->release_id);
  line("by", held->last_actor);
  return kDone;
}

int HeldRelease(const HeldOptions& options) {
  gateway::Config config;
  int exit_code = kDone;
  const std::unique_ptr<record::Quarantine> quarantine = Open(options.common, &config, &exit_code);
  if (quarantine == nullptr) {
    return exit_code;
  }
  if (options.settle) {
    return Settle(options, quarantine.get());
  }
  if (options.ids.empty()) {
    PrintError("name the held ids to release, or --settle");
    return kUsage;
  }
  std::vector<mail::Address> recipients;
  for (const std::string& one : options.rcpt) {
    recipients.push_back(mail::Address::Parse(one));
  }
  std::map<std::string, std::vector<policy::Exception>> similar;
  if (!PrepareSimilar(options, config, quarantine.get(), &similar)) {
    return kUsage;
  }
  for (const std::string& id : options.ids) {
    const Result<record::ReleaseReport> report =
        record::Release(quarantine.get(), id, recipients, config.release, Actor());
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
      PrintLine(id + "  " + Paint(sent ? Colour::kGreen : Colour::kRed, word) + " to " + to +
                "  (" + PrintableUtf8(report->said, 300) + ")");
    }
    if (sent && !AddSimilar(options, config, id, similar[id])) {
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

int HeldDelete(const HeldOptions& options) {
  gateway::Config config;
  int exit_code = kDone;
  const std::unique_ptr<record::Quarantine> quarantine = Open(options.common, &config, &exit_code);
  if (quarantine == nullptr) {
    return exit_code;
  }
  std::vector<std::string> ids = options.ids;
  if (ids.empty()) {
    if (options.older_than.empty()) {
      PrintError("name the held ids to delete, or --older-than 30d with filters");
      return kUsage;
    }
    record::HeldFilter filter;
    filter.category = options.category;
    filter.sender = options.sender;
    filter.recipient = options.recipient;
    filter.rule = options.rule;
    filter.state = "held";
    if (!TimeOption("--older-than", options.older_than, &filter.until_ms)) {
      return kUsage;
    }
    const Result<std::vector<record::Held>> list = quarantine->List(filter);
    if (!list.ok()) {
      PrintError(list.status().message());
      return kIncomplete;
    }
    for (const record::Held& held : *list) {
      ids.push_back(held.id);
    }
  }
  if (ids.empty()) {
    PrintLine("nothing to delete");
    return kDone;
  }
  if (!options.yes && isatty(STDIN_FILENO) == 1) {
    std::printf("delete %zu held messages for good? [y/N] ", ids.size());
    std::fflush(stdout);
    const int answer = std::getchar();
    if (answer != 'y' && answer != 'Y') {
      PrintLine("nothing was deleted");
      return kDone;
    }
  }
  for (const std::string& id : ids) {
    const Status deleted = quarantine->Delete(id, Actor());
    if (!deleted.ok()) {
      PrintErrorAbout(id, deleted.message());
      exit_code = kIncomplete;
    } else {
      PrintLine(options.common.json ? DumpJson({{"id", id}, {"state", "deleted"}})
                                    : id + "  deleted");
    }
  }
  return exit_code;
}

}  // namespace gatepost::cli
