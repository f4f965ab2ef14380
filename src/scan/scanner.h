// Views and a rule set to matches. One Hyperscan database per (zone set, form); mask, unless and
// first_lines are applied to the few candidates; conditions over hits and facts are ours.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/base/limits.h"
#include "src/base/result.h"
#include "src/ruleset/rule_set.h"
#include "src/text/view.h"

namespace gatepost::scan {

using Facts = std::map<std::string, std::string>;

// Where a rule's expression matched.
struct Match {
  uint32_t rule = 0;   // index into RuleSet::rules()
  uint32_t view = 0;   // index into the views
  Range range;         // bytes of the view
  uint32_t line = 0;   // from 1, in the view
};

struct Matches {
  std::vector<Match> matches;              // ordered by rule, then view, then offset; bounded
  std::vector<uint32_t> counts;            // per rule: places found (capped at 65,535)
  std::vector<bool> hit;                   // per rule, conditions included
  std::vector<ruleset::Level> levels;      // per rule: the level found (kFromMatch resolved)
};

struct CompileOptions {
  std::string cache_folder;   // authenticated cache of compiled databases; "" none
  std::string cache_key;      // secret of the site for the cache's MAC
  int64_t rule_time_ms = 5'000;   // a rule whose expressions take longer alone is an error
  uint64_t rule_bytes = 8U << 20;
};

// Immutable after Compile. Scan may be called by one thread at a time per Scanner (one scratch);
// forked workers each have their own copy.
class Scanner {
 public:
  ~Scanner();
  // Errors name the rule's place and what Hyperscan said.
  static Result<std::unique_ptr<Scanner>> Compile(std::shared_ptr<const ruleset::RuleSet> rules,
                                                  const CompileOptions& options,
                                                  Diagnostics* diagnostics);
  // Text rules only.
  Matches Scan(const std::vector<text::TextView>& views, const Limits& limits) const;
  // Then conditions, over hits and facts. Idempotent.
  void EvaluateConditions(const Facts& facts, const std::vector<text::TextView>& views,
                          Matches* matches) const;

  const ruleset::RuleSet& rules() const;
  // "literal", "hyperscan", "pcre2-confirm"... and costs; for `rules explain`.
  std::string Explain(uint32_t rule) const;

 private:
  struct Compiled;
  explicit Scanner(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

// Runs every example of every rule; each failure becomes an error at the example's place that says
// what matched instead.
void RunExamples(const Scanner& scanner, Diagnostics* diagnostics);

// Known-answer tests of the engine itself (a library that misses matches must not start).
Status RunCanaries();

}  // namespace gatepost::scan
