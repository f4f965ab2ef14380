// `gatepost log tail | find | summary`: the decision log, read straight from its segments.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <map>
#include <thread>

#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/log_tools.h"
#include "src/cli/terminal.h"
#include "src/record/decision_log.h"

namespace gatepost::cli {

namespace {

// Mail that was delivered untouched because the mode is observe, and would not have been.
bool WouldHave(const Json& record) {
  return record.value("observed", false) && Word(record, "action") != "accept";
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

// "reject, observed": what would have happened.
std::string Action(const Json& record) {
  const std::string action = Word(record, "action");
  return action + (WouldHave(record) ? ", observed" : "");
}

void PrintTable(const std::deque<Json>& records) {
  Table table({"at", "id", "queue id", "action", "score", "from", "to", "rules"}, 7);
  for (const Json& record : records) {
    table.Add({Word(record, "at").substr(0, 19), Word(record, "id"), Word(record, "queue_id"),
               Action(record), OneDecimal(record.value("score", 0.0)), Word(record, "from"),
               Recipients(record), Rules(record)});
  }
  std::fputs(table.ToString().c_str(), stdout);
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

}  // namespace

int LogTail(const LogOptions& options) {
  LogReading log;
  if (!ReadDecisions(options, &log)) {
    return log.exit_code;
  }
  PrintRecords(options.common, log.records);
  Result<LogQuestion> question = LogQuestion::Of(options, log.config);
  while (options.follow && question.ok()) {
    std::fflush(stdout);
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    std::deque<Json> fresh;
    UnreadableLines unreadable;
    const Status status = record::FollowLog(
        log.config.log, &log.place,
        [&](const Json& record) {
          if (question->Fits(record)) {
            fresh.push_back(record);
          }
        },
        0, [&](const record::UnreadableLine& line) { unreadable.Note(line); });
    if (unreadable.Print()) {
      log.exit_code = kIncomplete;
    }
    if (!status.ok()) {
      PrintError(status.message());
      return kIncomplete;
    }
    for (const Json& record : fresh) {
      PrintLine(options.common.json
                    ? DumpJson(record)
                    : Word(record, "at").substr(0, 19) + "  " + Word(record, "id") + "  " +
                          Word(record, "queue_id") + "  " + Action(record) + "  " +
                          Word(record, "from") + "  " + Recipients(record) + "  " + Rules(record));
    }
  }
  return log.exit_code;
}

int LogFind(const LogOptions& options) {
  LogReading log;
  if (!ReadDecisions(options, &log)) {
    return log.exit_code;
  }
  PrintRecords(options.common, log.records);
  if (log.records.empty() && !options.common.json) {
    PrintError("nothing in the log fits; widen --since, or leave an option out");
  }
  return log.records.empty() ? kIncomplete : log.exit_code;
}

int LogSummary(const LogOptions& options) {
  LogReading log;
  LogOptions all = options;
  all.limit = 0;
  if (!ReadDecisions(all, &log)) {
    return log.exit_code;
  }
  std::map<std::string, uint64_t> actions, observed, directions, clauses, rules;
  for (const Json& record : log.records) {
    ++actions[Word(record, "action")];
    if (WouldHave(record)) {
      ++observed[Word(record, "action")];
    }
    ++clauses[Word(record, "clause")];
    for (const Json& one : Member(record, "recipients")) {
      ++directions[Word(one, "direction")];
    }
    for (const Json& one : Member(record, "rules")) {
      ++rules[Word(one, "id")];
    }
  }
  if (options.common.json) {
    PrintLine(DumpJson({{"messages", log.records.size()},
                        {"actions", actions},
                        {"observed", observed},
                        {"recipients", directions},
                        {"clauses", clauses},
                        {"rules", rules}}));
    return log.exit_code;
  }
  PrintLine(std::to_string(log.records.size()) + " messages");
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
  if (!observed.empty()) {
    print("of these only observed", observed);
  }
  print("recipients", directions);
  print("clause", clauses);
  print("rule", rules);
  return log.exit_code;
}

}  // namespace gatepost::cli
