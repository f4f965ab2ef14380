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
constexpr uint64_t kAllMeasured = 64;   // of the first messages
constexpr uint32_t kMeasureEvery = 16;  // and then

std::string PathIn(const std::string& state_folder) { return state_folder + "/rule-counters.json"; }

}  // namespace

void Tally::Times::Add(double seconds) {
  const auto at = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  ++buckets[static_cast<size_t>(at)];
  ++count;
  sum += seconds;
}

double Tally::Microseconds(const ruleset::Rule& rule) const {
  const auto found = rules.find(rule.id);
  if (found == rules.end() || found->second.digest != rule.digest ||
      found->second.timed_from >= timed) {
    return -1;
  }
  return found->second.seconds * 1e6 / static_cast<double>(timed - found->second.timed_from);
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
      tally.rules[id] = {one.at(0).get<uint64_t>(),
                         one.at(1).get<uint64_t>(),
                         one.at(2).get<int64_t>(),
                         one.at(3).get<int64_t>(),
                         0,
                         0,
                         ""};
      if (one.size() > 6) {  // times came later than counts
        RuleCount& count = tally.rules[id];
        count.seconds = one.at(4).get<double>();
        count.timed_from = one.at(5).get<uint64_t>();
        count.digest = one.at(6).get<std::string>();
      }
    }
    if (const auto times = json->find("times"); times != json->end()) {
      tally.measured = times->at("measured").get<uint64_t>();
      tally.timed = times->at("timed").get<uint64_t>();
      tally.shared_seconds = times->at("shared").get<std::map<std::string, double>>();
      tally.shared_from = times->at("shared_from").get<uint64_t>();
      tally.rules_version = times->at("rules").get<std::string>();
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

uint32_t Counters::Weight() {
  const uint64_t before = weighed_++;
  if (before < kAllMeasured) {
    return 1;
  }
  return before % kMeasureEvery == kMeasureEvery - 1 ? kMeasureEvery : 0;
}

void Counters::Count(const record::Decision& decision, double seconds, uint32_t weight) {
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
  if (weight > 0 && findings.times.measured) {
    CountTimes(findings.times, weight);
  }
}

void Counters::CountTimes(const inspect::ScanTimes& times, uint32_t weight) {
  const double scale = weight / 1e9;
  ++tally_.measured;
  tally_.timed += weight;
  for (const inspect::ScanTimes::OfRule& one : times.rules) {
    tally_.rules[one.id].seconds += static_cast<double>(one.ns) * scale;
  }
  for (const inspect::ScanTimes::OfShared& one : times.shared) {
    tally_.shared_seconds[one.name] += static_cast<double>(one.ns) * scale;
  }
  changed_ = true;
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
    if (count.digest != rule.digest) {
      count.digest = rule.digest;
      count.seconds = 0;
      count.timed_from = tally_.timed;
      changed_ = true;
    }
  }
  if (tally_.rules_version != rules.version()) {
    tally_.rules_version = rules.version();
    tally_.shared_seconds.clear();
    tally_.shared_from = tally_.timed;
    changed_ = true;
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
    rules[id] = {one.enforced, one.shadow,     one.last_ms, one.known_ms,
                 one.seconds,  one.timed_from, one.digest};
  }
  const Json json = {{"v", 1},
                     {"since_ms", tally_.since_ms},
                     {"times",
                      {{"measured", tally_.measured},
                       {"timed", tally_.timed},
                       {"shared", tally_.shared_seconds},
                       {"shared_from", tally_.shared_from},
                       {"rules", tally_.rules_version}}},
                     {"rules", std::move(rules)}};
  if (const Status saved = WriteFileDurably(path_, DumpJson(json) + "\n"); !saved.ok()) {
    Journal(Loudness::kWarning, "GP2026", "the counts of rules could not be written",
            {{"reason", saved.message()}});
  }
}

}  // namespace gatepost::gateway
