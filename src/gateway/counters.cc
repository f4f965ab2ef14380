// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/counters.h"

#include <algorithm>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/base/journal.h"
#include "src/base/json.h"

namespace gatepost::gateway {

namespace {

constexpr int64_t kSaveEveryMs = 60'000;
constexpr int64_t kForgetMs = 180LL * 86'400'000;

std::string PathIn(const std::string& state_folder) { return state_folder + "/rule-counters.json"; }

}  // namespace

void Tally::Times::Add(double seconds) {
  const auto at = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  ++buckets[static_cast<size_t>(at)];
  ++count;
  sum += seconds;
}

Tally ReadRuleCounts(const std::string& state_folder) {
  Tally tally;
  const Result<std::string> text = ReadFile(PathIn(state_folder));
  const Result<Json> json =
      text.ok() ? ParseJson(PathIn(state_folder), *text) : Result<Json>(text.status());
  if (!json.ok()) {
    return tally;
  }
  try {
    tally.since_ms = json->at("since_ms").get<int64_t>();
    for (const auto& [id, one] : json->at("rules").items()) {
      tally.rules[id] = {one.at(0).get<uint64_t>(), one.at(1).get<uint64_t>(),
                         one.at(2).get<int64_t>(), one.at(3).get<int64_t>()};
    }
  } catch (const std::exception&) {
    return {};  // counts are begun anew
  }
  return tally;
}

Counters::Counters(const std::string& state_folder)
    : path_(PathIn(state_folder)), tally_(ReadRuleCounts(state_folder)), saved_at_(SteadyMs()) {
  if (tally_.since_ms == 0) {
    tally_.since_ms = NowUnixMs();
  }
}

Counters::~Counters() {
  const std::lock_guard<std::mutex> lock(mutex_);
  Save();
}

void Counters::Count(const record::Decision& decision, double seconds) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const policy::Verdict& verdict = decision.verdict;
  const inspect::Findings& findings = decision.findings;
  ++tally_.messages[policy::ToString(verdict.action)];
  for (const policy::RecipientVerdict& one : verdict.recipients) {
    const std::string action = policy::ToString(one.action);
    ++tally_.recipients[{action, mail::ToString(one.direction)}];
    ++tally_.clauses[{one.clause, action}];
    if (!one.shadow_clause.empty()) {
      ++tally_.shadow_clauses[one.shadow_clause];
    }
  }
  for (const decode::Unscannable& one : findings.unscannable) {
    ++tally_.unscannable[decode::ToString(one.reason)];
  }
  for (const inspect::FoundDefect& one : findings.defects) {
    ++tally_.defects[std::string(1, mail::ToChar(one.grade))];
  }
  tally_.infections["found"] += findings.infections.size();
  for (const auto& [stage, ms] : findings.ms) {
    tally_.stage_seconds[stage] += ms / 1000;
  }
  tally_.bytes += findings.size;
  tally_.times.Add(seconds);
  for (const inspect::RuleHit& hit : findings.hits) {
    RuleCount& count = tally_.rules[hit.id];
    ++(hit.mode == ruleset::Mode::kEnforce ? count.enforced : count.shadow);
    count.last_ms = decision.envelope.received_at_ms;
  }
  changed_ = changed_ || !findings.hits.empty();
}

void Counters::Know(const ruleset::RuleSet& rules) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const int64_t now = NowUnixMs();
  for (const ruleset::Rule& rule : rules.rules()) {
    RuleCount& count = tally_.rules[rule.id];
    if (count.known_ms == 0) {
      count.known_ms = now;
      changed_ = true;
    }
  }
  for (auto it = tally_.rules.begin(); it != tally_.rules.end();) {
    const int64_t last = std::max(it->second.last_ms, it->second.known_ms);
    it = rules.IndexOf(it->first) < 0 && now - last > kForgetMs ? tally_.rules.erase(it)
                                                                : std::next(it);
  }
}

Tally Counters::tally() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return tally_;
}

void Counters::SaveNowAndThen() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (SteadyMs() - saved_at_ >= kSaveEveryMs) {
    Save();
  }
}

void Counters::Save() {
  saved_at_ = SteadyMs();
  if (!std::exchange(changed_, false)) {
    return;
  }
  Json rules = Json::object();
  for (const auto& [id, one] : tally_.rules) {
    rules[id] = {one.enforced, one.shadow, one.last_ms, one.known_ms};
  }
  const Json json = {{"v", 1}, {"since_ms", tally_.since_ms}, {"rules", std::move(rules)}};
  if (const Status saved = WriteFileDurably(path_, DumpJson(json) + "\n"); !saved.ok()) {
    Journal(Loudness::kWarning, "GP2026", "the counts of rules could not be written",
            {{"reason", saved.message()}});
  }
}

}  // namespace gatepost::gateway
