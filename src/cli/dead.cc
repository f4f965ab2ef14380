// `gatepost rules dead`: rules that nothing has hit for a while. The daemon's counts know the last
// hit of each rule; what lies before they were begun is read from the decision log.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdio>

#include "src/base/clock.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/terminal.h"
#include "src/gateway/counters.h"
#include "src/gateway/packages.h"
#include "src/record/decision_log.h"

namespace gatepost::cli {

namespace {

void AddHitsOfLog(const Json& record, int64_t now, gateway::Tally* tally) {
  const auto rules = record.find("rules");
  const auto at = record.find("at");
  if (rules == record.end() || !rules->is_array() || at == record.end() || !at->is_string()) {
    return;
  }
  const int64_t when = ParseTime(at->get<std::string>(), now);
  for (const Json& hit : *rules) {
    const std::string id = hit.is_object() ? hit.value("id", "") : "";
    gateway::RuleCount& count = tally->rules[id];
    count.last_ms = std::max(count.last_ms, when);
  }
}

}  // namespace

int RulesDead(const GenerationsOptions& options) {
  gateway::Config config;
  if (!ConfigOf(options.common.config, &config)) {
    return kUsage;
  }
  const int64_t now = NowUnixMs();
  const int64_t since = ParseTime(options.since, now);
  if (since < 0) {
    PrintError("--since: '" + options.since + "' is not a time; write 30d, 12h or 2026-11-23");
    return kUsage;
  }
  Diagnostics diagnostics;
  ruleset::Sources sources = config.RuleFolders();
  sources.SetKnownRules(gateway::Packages(config.state).known());
  const Result<std::shared_ptr<const ruleset::RuleSet>> rules =
      ruleset::RuleSet::Load(&sources, &diagnostics);
  if (!rules.ok()) {
    PrintError(rules.status().message());
    return kUsage;
  }
  gateway::Tally tally = gateway::ReadRuleCounts(config.state);
  const bool counted = tally.since_ms > 0 && tally.since_ms <= since;
  if (!counted) {
    const int64_t until = tally.since_ms > 0 ? tally.since_ms : now;
    const Status read = record::ReadLog(
        config.log,
        [&](const Json& record) {
          AddHitsOfLog(record, now, &tally);
          const std::string at = record.value("at", "");
          return at.empty() || ParseTime(at, now) <= until;
        },
        since);
    if (!read.ok() && read.code() != Code::kNotFound) {
      PrintError(read.message());
      return kIncomplete;
    }
  }
  Table table({"id", "mode", "pack", "last hit", "title"}, 4);
  size_t dead = 0;
  size_t young = 0;
  for (const ruleset::Rule& rule : (*rules)->rules()) {
    const auto found = tally.rules.find(rule.id);
    const gateway::RuleCount count =
        found == tally.rules.end() ? gateway::RuleCount() : found->second;
    if (count.last_ms >= since && count.last_ms > 0) {
      continue;
    }
    // Where the log was read, it vouches for the whole time.
    if (counted && count.known_ms > since) {
      ++young;
      continue;
    }
    ++dead;
    const std::string last = count.last_ms > 0 ? Rfc3339(count.last_ms) : "";
    if (options.common.json) {
      PrintLine(DumpJson({{"id", rule.id},
                          {"mode", ruleset::ToString(rule.mode)},
                          {"pack", rule.pack},
                          {"last_hit", last}}));
      continue;
    }
    table.Add({rule.id, ruleset::ToString(rule.mode), rule.pack,
               last.empty() ? "none known" : last.substr(0, 10),
               Vietnamese() ? rule.title_vi : rule.title_en});
  }
  if (!options.common.json) {
    std::fputs(table.ToString().c_str(), stdout);
    PrintLine(std::to_string(dead) + " of " + std::to_string((*rules)->rules().size()) +
              " rules without a hit since " + Rfc3339(since).substr(0, 10) +
              (young == 0 ? "" : "; " + std::to_string(young) + " more are too young to be told"));
  }
  return kDone;
}

}  // namespace gatepost::cli
