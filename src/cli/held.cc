// `gatepost held list | show | release | delete`.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/utf8.h"
#include "src/cli/actor.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/key_tools.h"
#include "src/cli/known.h"
#include "src/cli/terminal.h"
#include "src/record/quarantine.h"

namespace gatepost::cli {

namespace {

bool IsBlank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
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
              {"sealed", held.sealed},
              {"release_id", held.release_id},
              {"by", held.last_actor},
              {"changed_at", held.changed_at_ms > 0 ? Rfc3339(held.changed_at_ms) : ""}};
  out["recipients"] = Json::array();
  for (const mail::Recipient& one : held.envelope.recipients) {
    out["recipients"].push_back({{"rcpt", one.address.spelling()},
                                 {"direction", mail::ToString(one.direction)},
                                 {"released", HasGotIt(held, one.address)}});
  }
  out["requests"] = Json::array();
  for (const record::ReleaseRequest& one : held.requests) {
    out["requests"].push_back(
        {{"request", one.id},
         {"state", one.Expired(NowUnixMs()) ? "expired" : record::ToString(one.state)},
         {"by", one.by},
         {"reason", one.reason},
         {"at", Rfc3339(one.at_ms)},
         {"expires_at", Rfc3339(one.expires_at_ms)},
         {"decided_by", one.decided_by},
         {"decision_reason", one.decision_reason}});
  }
  return out;
}

bool IsHeldCategory(const HeldOptions& options, const Custody& custody) {
  return options.category.empty() ||
         AreCategories(custody.config, {options.category}, custody.quarantine.get());
}

// Lines as they are, whatever a terminal would take for an order made visible.
std::string ForTerminal(const std::string& message) {
  std::string out;
  for (size_t at = 0; at < message.size();) {
    const size_t end = std::min(message.find('\n', at), message.size());
    std::string line = message.substr(at, end - at);
    if (!line.empty() && line.back() == '\r') {
      line.pop_back();
    }
    std::replace(line.begin(), line.end(), '\t', ' ');
    out += PrintableUtf8(line, 4 * line.size()) + "\n";
    at = end + 1;
  }
  return out;
}

// Keeps what has the word in its subject, and shows those subjects. The word itself stays out of
// the trail: it may be the content.
bool Search(const HeldOptions& options, const Custody& custody, std::vector<record::Held>* list) {
  std::optional<record::PrivateKey> key;
  if (!Unlock(options, &key)) {
    return false;
  }
  const Status told =
      custody.Tell(record::AuditKind::kSearch, "", options.reason,
                   {{"key", key ? key->name : ""}, {"entries", std::to_string(list->size())}});
  if (!told.ok()) {
    PrintError(told.message());
    return false;
  }
  const std::string wanted = AsciiLower(options.search);
  size_t closed = 0;
  std::vector<record::Held> found;
  for (record::Held& held : *list) {
    const Result<record::HeldWords> words =
        custody.quarantine->ReadWords(held, key ? &*key : nullptr);
    closed += words.ok() ? 0 : 1;
    if (words.ok() && AsciiLower(words->subject).find(wanted) != std::string::npos) {
      held.subject = words->subject;
      found.push_back(std::move(held));
    }
  }
  if (closed > 0) {
    PrintError(std::to_string(closed) + " sealed subjects were not searched: " +
               (key ? "your key does not open them" : "name your key with --key FILE"));
  }
  *list = std::move(found);
  return true;
}

}  // namespace

int HeldList(const HeldOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  record::Quarantine* const quarantine = custody->quarantine.get();
  if (!IsHeldState(options.state) || !IsHeldCategory(options, *custody)) {
    return kUsage;
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
  if (!options.search.empty() && !Search(options, *custody, &*list)) {
    return kIncomplete;
  }
  Table table({"id", "held at", "category", "from", "to", "subject", "state"}, 5);
  for (const record::Held& held : *list) {
    if (options.common.json) {
      PrintLine(DumpJson(HeldJson(held)));
      continue;
    }
    table.Add({held.id, Rfc3339(held.held_at_ms).substr(0, 16), held.category,
               held.envelope.sender.spelling(), Recipients(held),
               held.sealed && held.subject.empty() ? "(sealed)" : held.subject,
               record::ToString(held.state)});
  }
  if (!options.common.json) {
    std::fputs(table.empty() ? "nothing is held\n" : table.ToString().c_str(), stdout);
  }
  return kDone;
}

int HeldShow(const HeldOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  record::Quarantine* const quarantine = custody->quarantine.get();
  const Result<record::Held> held = quarantine->Find(options.id);
  if (!held.ok()) {
    PrintError(held.status().message());
    return kIncomplete;
  }
  std::optional<record::PrivateKey> key;
  if (options.content && IsBlank(options.reason)) {
    PrintError("to see the content needs a reason, which is recorded: --reason 'why'");
    return kUsage;
  }
  if (!Unlock(options, &key)) {
    return kUsage;
  }
  record::Held shown = *held;
  if (options.content || key) {
    // Written down before anything is seen.
    const Status told = custody->Tell(
        record::AuditKind::kView, options.id, options.reason,
        {{"what", options.content ? "content" : "subject"}, {"key", key ? key->name : ""}});
    if (!told.ok()) {
      PrintError(told.message());
      return kIncomplete;
    }
  }
  if (key) {
    const Result<record::HeldWords> words = quarantine->ReadWords(*held, &*key);
    if (!words.ok()) {
      PrintErrorAbout(options.id, words.status().message());
      return kIncomplete;
    }
    shown.subject = words->subject;
  }
  Json out = HeldJson(shown);
  if (options.content) {
    const Result<std::string> message = quarantine->ReadMessage(options.id, key ? &*key : nullptr);
    if (!message.ok()) {
      PrintError(message.status().message());
      return kIncomplete;
    }
    if (!options.common.json) {
      const std::string shown_bytes = isatty(STDOUT_FILENO) == 1 ? ForTerminal(*message) : *message;
      std::fwrite(shown_bytes.data(), 1, shown_bytes.size(), stdout);
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
  line("subject",
       shown.sealed && shown.subject.empty() ? "(sealed; --key FILE shows it)" : shown.subject);
  line("size", std::to_string(held->size) + " bytes");
  line("sha256", held->sha256);
  std::string rules;
  for (const std::string& rule : held->rules) {
    rules += (rules.empty() ? "" : ", ") + rule;
  }
  line("rules", rules);
  line("why", "gatepost explain " + held->decision_id);
  for (const record::ReleaseRequest& one : held->requests) {
    line("request",
         std::string(one.Expired(NowUnixMs()) ? "expired" : record::ToString(one.state)) +
             ", asked by " + one.by + ": " + one.reason +
             (one.decided_by.empty() ? "" : "; decided by " + one.decided_by) +
             (one.decision_reason.empty() ? "" : ": " + one.decision_reason));
  }
  line("release", held->release_id);
  line("by", held->last_actor);
  return kDone;
}

int HeldDelete(const HeldOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  if (!IsHeldCategory(options, *custody)) {
    return kUsage;
  }
  record::Quarantine* const quarantine = custody->quarantine.get();
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
  // Timers delete by age; what they name is meant.
  if (!options.yes && isatty(STDIN_FILENO) == 1) {
    std::printf("delete %zu held messages for good? [y/N] ", ids.size());
    std::fflush(stdout);
    const int answer = std::getchar();
    for (int rest = answer; rest != '\n' && rest != EOF;) {
      rest = std::getchar();  // the next question begins with a line of its own
    }
    if (answer != 'y' && answer != 'Y') {
      PrintLine("nothing was deleted");
      return kDone;
    }
  }
  const std::string reason = ReasonOr(options.reason, "Why are they deleted?");
  for (const std::string& id : ids) {
    Status deleted = custody->Tell(record::AuditKind::kDelete, id, reason);
    if (deleted.ok()) {
      deleted = quarantine->Delete(id, Actor());
    }
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
