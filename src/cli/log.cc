// `gatepost log` and `gatepost explain`: the decision log, read straight from its segments.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <thread>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/utf8.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/terminal.h"
#include "src/decode/leaf.h"
#include "src/notice/queue.h"
#include "src/record/decision_log.h"
#include "src/record/quarantine.h"

namespace gatepost::cli {

namespace {

bool Holds(const Json& list, const char* key, const std::function<bool(const std::string&)>& test) {
  if (!list.is_array()) {
    return false;
  }
  return std::any_of(list.begin(), list.end(),
                     [&](const Json& one) { return test(Word(one, key)); });
}

const Json& Member(const Json& object, const char* key) {
  static const Json kNone = Json::array();
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

// "a@b" matches that address, "@b" or "b" its domain.
bool AddressMatches(const std::string& pattern, const std::string& address) {
  if (pattern.find('@') != std::string::npos && pattern.front() != '@') {
    return AsciiEqualsIgnoreCase(address, pattern);
  }
  const std::string domain = pattern.front() == '@' ? pattern : "@" + pattern;
  return address.size() >= domain.size() &&
         AsciiEqualsIgnoreCase(Bytes(address).substr(address.size() - domain.size()), domain);
}

// Angle brackets of a Message-ID are optional for the asker.
std::string WithoutBrackets(std::string id) {
  if (!id.empty() && id.front() == '<') {
    id.erase(0, 1);
  }
  if (!id.empty() && id.back() == '>') {
    id.pop_back();
  }
  return id;
}

bool Matches(const LogOptions& options, int64_t since_ms, const Json& record) {
  const std::string id = Word(record, "id");
  if (id.empty()) {
    return false;  // an event of the log itself
  }
  const auto same = [](const std::string& wanted, const std::string& found) {
    return wanted.empty() || wanted == found;
  };
  if (since_ms > 0 && ParseTime(Word(record, "at"), 0) < since_ms) {
    return false;
  }
  if (!same(options.queue_id, Word(record, "queue_id")) ||
      !same(options.action, Word(record, "action")) ||
      !same(WithoutBrackets(options.message_id), WithoutBrackets(Word(record, "message_id")))) {
    return false;
  }
  if (!options.from.empty() && !AddressMatches(options.from, Word(record, "from"))) {
    return false;
  }
  if (!options.to.empty() &&
      !Holds(Member(record, "recipients"), "rcpt",
             [&](const std::string& rcpt) { return AddressMatches(options.to, rcpt); })) {
    return false;
  }
  if (!options.rule.empty() && !Holds(Member(record, "rules"), "id", [&](const std::string& rule) {
        return rule == options.rule;
      })) {
    return false;
  }
  return options.part_sha256.empty() || options.part_sha256 == Word(record, "sha256") ||
         Holds(Member(record, "parts"), "sha256",
               [&](const std::string& digest) { return digest == options.part_sha256; });
}

std::string Rules(const Json& record) {
  std::string out;
  for (const Json& rule : Member(record, "rules")) {
    if (Word(rule, "mode") != "shadow") {
      out += (out.empty() ? "" : ",") + Word(rule, "id");
    }
  }
  return out;
}

std::string Recipients(const Json& record) {
  const Json& list = Member(record, "recipients");
  if (list.empty()) {
    return {};
  }
  return Word(list[0], "rcpt") +
         (list.size() > 1 ? " +" + std::to_string(list.size() - 1) : std::string());
}

void PrintTable(const std::deque<Json>& records) {
  Table table({"at", "id", "queue id", "action", "score", "from", "to", "rules"}, 7);
  for (const Json& record : records) {
    char score[32];
    std::snprintf(score, sizeof score, "%.1f", record.value("score", 0.0));
    table.Add({Word(record, "at").substr(0, 19), Word(record, "id"), Word(record, "queue_id"),
               Word(record, "action"), score, Word(record, "from"), Recipients(record),
               Rules(record)});
  }
  std::fputs(table.ToString().c_str(), stdout);
}

// Records that match, newest last, at most options.limit of the newest (0: all). *place is behind
// what was read.
Result<std::deque<Json>> Collect(const LogOptions& options, const std::string& path,
                                 record::LogPlace* place) {
  int64_t since_ms = 0;
  if (!options.since.empty()) {
    since_ms = ParseTime(options.since, NowUnixMs());
    if (since_ms < 0) {
      return Status::Invalid("--since " + options.since +
                             ": write 2026-11-23, 2026-11-23T20:45:00Z, 30d, 12h or 15m");
    }
  }
  std::deque<Json> found;
  const auto keep = [&](const Json& record) {
    if (Matches(options, since_ms, record)) {
      found.push_back(record);
      if (options.limit > 0 && found.size() > options.limit) {
        found.pop_front();
      }
    }
  };
  GATEPOST_RETURN_IF_ERROR(record::FollowLog(path, place, keep, since_ms));
  return found;
}

// Loads the configuration and collects; prints what is wrong. False: *exit_code says which.
bool Open(const LogOptions& options, gateway::Config* config, std::deque<Json>* records,
          int* exit_code, record::LogPlace* place = nullptr) {
  Result<gateway::Config> loaded = LoadConfig(options.common.config);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    *exit_code = kUsage;
    return false;
  }
  *config = *loaded;
  record::LogPlace nowhere;
  Result<std::deque<Json>> found =
      Collect(options, config->log, place == nullptr ? &nowhere : place);
  if (!found.ok()) {
    PrintError(found.status().message());
    *exit_code = found.status().code() == Code::kInvalid ? kUsage : kIncomplete;
    return false;
  }
  *records = std::move(found).value();
  return true;
}

void PrintRecords(const Common& common, const std::deque<Json>& records) {
  if (!common.json) {
    PrintTable(records);
    return;
  }
  for (const Json& record : records) {
    PrintLine(DumpJson(record));
  }
}

// What exceptions and blocks did, and what shadow rules and clauses would have done.
void PrintInterventions(const Json& record) {
  for (const Json& one : Member(record, "exceptions")) {
    PrintLine("  exception   " + Word(one, "id") + " of " + Word(one, "owner") + ": " +
              Word(one, "reason") +
              (one.value("applied", false) ? "" : "  (not applied: " + Word(one, "because") + ")"));
  }
  for (const Json& one : Member(record, "blocks")) {
    PrintLine("  block       " + Word(one, "id") + " (" + Word(one, "by") + ") of " +
              Word(one, "owner") + ": " + Word(one, "reason") +
              (one.value("applied", false) ? "" : "  (" + Word(one, "because") + " decided)"));
  }
  for (const Json& one : Member(record, "shadow")) {
    const bool rule = one.contains("rule");
    PrintLine("  shadow      " + std::string(rule ? "rule " : "clause ") +
              Word(one, rule ? "rule" : "clause") + " would have made it " + Word(one, "action") +
              " by clause " + Word(one, "by"));
  }
}

}  // namespace

int LogTail(const LogOptions& options) {
  gateway::Config config;
  std::deque<Json> records;
  int exit_code = kDone;
  record::LogPlace place;
  if (!Open(options, &config, &records, &exit_code, &place)) {
    return exit_code;
  }
  PrintRecords(options.common, records);
  while (options.follow) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    std::deque<Json> fresh;
    const Status status = record::FollowLog(config.log, &place, [&](const Json& record) {
      if (Matches(options, 0, record)) {
        fresh.push_back(record);
      }
    });
    if (!status.ok()) {
      PrintError(status.message());
      return kIncomplete;
    }
    for (const Json& record : fresh) {
      PrintLine(options.common.json
                    ? DumpJson(record)
                    : Word(record, "at").substr(0, 19) + "  " + Word(record, "id") + "  " +
                          Word(record, "queue_id") + "  " + Word(record, "action") + "  " +
                          Word(record, "from") + "  " + Recipients(record) + "  " + Rules(record));
    }
    std::fflush(stdout);
  }
  return kDone;
}

int LogFind(const LogOptions& options) {
  gateway::Config config;
  std::deque<Json> records;
  int exit_code = kDone;
  if (!Open(options, &config, &records, &exit_code)) {
    return exit_code;
  }
  PrintRecords(options.common, records);
  if (records.empty() && !options.common.json) {
    PrintError("nothing in the log fits; widen --since, or leave an option out");
  }
  return records.empty() ? kIncomplete : kDone;
}

int LogSummary(const LogOptions& options) {
  gateway::Config config;
  std::deque<Json> records;
  int exit_code = kDone;
  LogOptions all = options;
  all.limit = 0;
  if (!Open(all, &config, &records, &exit_code)) {
    return exit_code;
  }
  std::map<std::string, uint64_t> actions, directions, clauses, rules;
  for (const Json& record : records) {
    ++actions[Word(record, "action")];
    ++clauses[Word(record, "clause")];
    for (const Json& one : Member(record, "recipients")) {
      ++directions[Word(one, "direction")];
    }
    for (const Json& one : Member(record, "rules")) {
      ++rules[Word(one, "id")];
    }
  }
  if (options.common.json) {
    PrintLine(DumpJson({{"messages", records.size()},
                        {"actions", actions},
                        {"recipients", directions},
                        {"clauses", clauses},
                        {"rules", rules}}));
    return kDone;
  }
  PrintLine(std::to_string(records.size()) + " messages");
  const auto print = [](const char* title, const std::map<std::string, uint64_t>& counts) {
    std::vector<std::pair<uint64_t, std::string>> order;
    for (const auto& [name, count] : counts) {
      order.emplace_back(count, name.empty() ? "(none)" : name);
    }
    std::sort(order.rbegin(), order.rend());
    if (order.size() > 15) {
      order.resize(15);
    }
    Table table({title, "count"}, 0);
    for (const auto& [count, name] : order) {
      table.Add({name, std::to_string(count)});
    }
    PrintLine("\n" + table.ToString());
  };
  print("action", actions);
  print("recipients", directions);
  print("clause", clauses);
  print("rule", rules);
  return kDone;
}

namespace {

// Who was told of it by mail, oldest first.
Json NoticesAbout(const std::string& state, const std::string& held_id) {
  Json out = Json::array();
  const Result<std::vector<Json>> all =
      notice::ReadFinished(notice::NoticeFolder(state), /*since_ms=*/0);
  for (const Json& one : all.ok() ? *all : std::vector<Json>()) {
    if (Word(one, "held_id") == held_id && Word(one, "kind").rfind("check", 0) != 0) {
      out.push_back({{"at", Word(one, "at")},
                     {"kind", Word(one, "kind")},
                     {"to", Word(one, "to")},
                     {"outcome", Word(one, "outcome")}});
    }
  }
  return out;
}

}  // namespace

int Explain(const Common& common, const std::string& id) {
  LogOptions options;
  options.common = common;
  options.limit = 0;
  gateway::Config config;
  std::deque<Json> records;
  int exit_code = kDone;
  if (!Open(options, &config, &records, &exit_code)) {
    return exit_code;
  }
  const std::string bare = WithoutBrackets(id);
  std::deque<Json> story;
  for (const Json& record : records) {
    if (Word(record, "id") == id || Word(record, "queue_id") == id ||
        Word(record, "held_id") == id || WithoutBrackets(Word(record, "message_id")) == bare) {
      story.push_back(record);
    }
  }
  if (story.empty()) {
    PrintError("no decision has the queue id, message id or decision id '" + id + "'");
    return kIncomplete;
  }
  Result<std::unique_ptr<record::Quarantine>> quarantine =
      record::Quarantine::Open(config.custody.ForStore(config.state));
  for (const Json& record : story) {
    Json held;
    const std::string held_id = Word(record, "held_id");
    if (!held_id.empty() && quarantine.ok()) {
      if (const Result<record::Held> entry = (*quarantine)->Find(held_id); entry.ok()) {
        held = {{"id", entry->id},
                {"state", record::ToString(entry->state)},
                {"changed_at", entry->changed_at_ms > 0 ? Rfc3339(entry->changed_at_ms) : ""},
                {"by", entry->last_actor},
                {"release_id", entry->release_id},
                {"released", Json::array()}};
        for (const record::ReleaseMark& one : entry->released) {
          held["released"].push_back({{"rcpt", PrintableUtf8(one.recipient.spelling(), 320)},
                                      {"at", one.at_ms > 0 ? Rfc3339(one.at_ms) : ""},
                                      {"by", one.actor},
                                      {"release_id", one.release_id}});
        }
        held["notices"] = NoticesAbout(config.state, held_id);
      }
    }
    if (common.json) {
      Json line = record;
      line["held"] = held;
      PrintLine(DumpJson(line));
      continue;
    }
    PrintLine(Paint(Colour::kBold, Word(record, "id")) + "  " + Word(record, "at") + "  " +
              Word(record, "action") + (record.value("observed", false) ? " (observed only)" : ""));
    PrintLine(
        "  from        " + Word(record, "from") + "  client " + Word(record, "client_ip") +
        (Word(record, "auth_user").empty() ? "" : "  signed in as " + Word(record, "auth_user")));
    PrintLine("  queue id    " + Word(record, "queue_id") + "  message id " +
              Word(record, "message_id"));
    for (const Json& one : Member(record, "recipients")) {
      PrintLine("  to          " + Word(one, "rcpt") + " (" + Word(one, "direction") +
                "): " + Word(one, "action") + " by clause " +
                (Word(one, "clause").empty() ? "(none)" : Word(one, "clause")));
    }
    if (!Word(record, "basis").empty()) {
      PrintLine("  basis       " + Word(record, "basis"));
    }
    if (!Word(record, "reply").empty()) {
      PrintLine("  reply       " + Word(record, "reply"));
    }
    for (const Json& one : Member(record, "infections")) {
      PrintLine("  infection   " + Word(one, "name") + "  " + Word(one, "path"));
    }
    for (const Json& one : Member(record, "unscannable")) {
      PrintLine("  unread      " + Word(one, "reason") + "  " + Word(one, "path"));
      if (decode::Reason reason{}; decode::ReasonFromString(Word(one, "reason"), &reason)) {
        const bool vi = Vietnamese();
        PrintLine("              " + Paint(Colour::kDim, vi ? decode::SentenceVi(reason)
                                                            : decode::SentenceEn(reason)));
        PrintLine("              " +
                  Paint(Colour::kDim, vi ? decode::AdviceVi(reason) : decode::AdviceEn(reason)));
      }
    }
    for (const Json& one : Member(record, "defects")) {
      PrintLine("  defect      " + Word(one, "id") + " (" + Word(one, "grade") + ")");
    }
    for (const Json& one : Member(record, "rules")) {
      char score[32];
      std::snprintf(score, sizeof score, "%+.1f", one.value("score", 0.0));
      PrintLine("  rule        " + Word(one, "id") + "  " + score + "  " + Word(one, "mode") +
                (one.value("excepted", false) ? "  taken away by an exception" : ""));
    }
    PrintInterventions(record);
    for (const Json& one : Member(record, "parts")) {
      PrintLine("  part        " + Word(one, "path") + "  " + Word(one, "type") + "  " +
                std::to_string(one.value("size", 0)) + " bytes  read: " + Word(one, "read"));
    }
    if (!held.is_null()) {
      PrintLine("  held as     " + Word(held, "id") + ": " + Word(held, "state") +
                (Word(held, "changed_at").empty() ? "" : " at " + Word(held, "changed_at")) +
                (Word(held, "by").empty() ? "" : " by " + Word(held, "by")));
      for (const Json& one : Member(held, "released")) {
        PrintLine("  released    to " + Word(one, "rcpt") + " at " + Word(one, "at") + " by " +
                  Word(one, "by") + ", release " + Word(one, "release_id"));
      }
      for (const Json& one : Member(held, "notices")) {
        PrintLine("  notice      " + Word(one, "kind") + " to " +
                  PrintableUtf8(Word(one, "to"), 320) + " at " + Word(one, "at") + ": " +
                  Word(one, "outcome"));
      }
    }
    const Json& generation = Member(record, "generation");
    PrintLine("  generation  rules " + Word(generation, "rules").substr(0, 12) + ", policy " +
              Word(generation, "policy").substr(0, 12) + ", antivirus " +
              Word(generation, "antivirus").substr(0, 12));
    PrintLine("  record      seq " + std::to_string(record.value("seq", 0)) + ", hash " +
              Word(record, "hash").substr(0, 16) + "...");
  }
  return kDone;
}

}  // namespace gatepost::cli
