// What the gateway counts: messages, clauses, rules. Counts of rules outlive a restart
// (STATE/rule-counters.json), so that "no hit for 90 days" can be known. What rules cost is
// measured in some messages that stand for the others. LIMITS: written at most once a minute and at
// the end; a crash loses the last minute's counts. Clauses and rules are as many as policy and rule
// set have had since the start. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "src/record/decision.h"
#include "src/ruleset/rule_set.h"

namespace gatepost::gateway {

struct RuleCount {
  uint64_t enforced = 0, shadow = 0;  // messages
  int64_t last_ms = 0;                // Unix time of the last one; 0: none yet
  int64_t known_ms = 0;               // since when the rule has been counted
  // What it took by itself since it was written as it is (`digest`), and where Tally::timed stood
  // then.
  double seconds = 0;
  uint64_t timed_from = 0;
  std::string digest;
};

struct Tally {
  // Upper bounds in seconds; one more is "longer".
  static constexpr std::array<double, 12> kBounds{0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                  0.5,   1,    2.5,   5,    10,  30};
  struct Times {
    std::array<uint64_t, kBounds.size() + 1> buckets{};  // not cumulative
    uint64_t count = 0;
    double sum = 0;  // seconds
    void Add(double seconds);
  };
  std::map<std::string, uint64_t> messages;                          // by action
  std::map<std::array<std::string, 2>, uint64_t> recipients;         // action, direction
  std::map<std::array<std::string, 2>, uint64_t> clauses;            // clause, action: recipients
  std::map<std::string, uint64_t> shadow_clauses;                    // recipients
  std::map<std::string, uint64_t> unscannable, defects, infections;  // reason, grade, "found"
  std::map<std::string, double> stage_seconds;
  uint64_t bytes = 0;
  Times times;
  std::map<std::string, RuleCount> rules;
  int64_t since_ms = 0;  // of `rules`: no hit before it was counted
  // Times of rules are from `measured` messages, which stand for `timed`.
  uint64_t measured = 0, timed = 0;
  // What rules share (scan::NameOf) took, under this set of rules; as with RuleCount.
  std::map<std::string, double> shared_seconds;
  uint64_t shared_from = 0;
  std::string rules_version;

  // What the rule, as it is written, took by itself of an average message, in us; less than 0: not
  // measured yet.
  double Microseconds(const ruleset::Rule& rule) const;
};

// Thread-safe.
class Counters {
 public:
  explicit Counters(const std::string& state_folder);
  ~Counters();
  Counters(const Counters&) = delete;
  Counters& operator=(const Counters&) = delete;

  // For how many messages the next one stands, if its rules are to be measured: all of the first 64
  // for themselves, then each 16th for 16. 0: it is not to be measured.
  uint32_t Weight();
  // `weight`: as it was said for this message.
  void Count(const record::Decision& decision, double seconds, uint32_t weight = 0);
  // Rules of a new generation are counted from now on; the time of those that were changed begins
  // anew. Those that are gone are forgotten 180 days after their last hit.
  void Know(const ruleset::RuleSet& rules);
  Tally tally() const;
  // Writes when something was counted and the last time is a minute ago.
  void SaveNowAndThen();

 private:
  void Save();
  void CountTimes(const inspect::ScanTimes& times, uint32_t weight);

  const std::string path_;
  mutable std::mutex mutex_;
  Tally tally_;
  bool changed_ = false;
  std::atomic<uint64_t> weighed_{0};
  int64_t saved_at_ = 0;  // SteadyMs
};

// What was written last; an empty tally when there is none. For `gatepost rules dead` and `slow`.
Tally ReadRuleCounts(const std::string& state_folder);

}  // namespace gatepost::gateway
