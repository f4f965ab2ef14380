// Views and a rule set to matches. One Hyperscan database per (zone set, form); mask, unless and
// first_lines are applied to the few candidates; conditions over hits and facts are ours.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/base/limits.h"
#include "src/base/result.h"
#include "src/ruleset/rule_set.h"
#include "src/text/view.h"

namespace gatepost::scan {

struct Program;
struct Times;

using Facts = std::map<std::string, std::string>;

constexpr uint32_t kUnknownExpression = UINT32_MAX;

// Where a rule's expression matched.
struct Match {
  uint32_t rule = 0;  // index into RuleSet::rules()
  uint32_t view = 0;  // index into the views
  Range range;        // bytes of the view, at code points' edges, blanks at both ends left out
  uint32_t line = 0;  // from 1, in the view
  // Which of the rule's expressions: an index into Rule::match, or, behind those, that of a list
  // (Rule::match.size() + index into Rule::lists); kUnknownExpression where a search ran into its
  // limit and Hyperscan's word was taken for the rule as a whole.
  uint32_t expression = 0;
};

// A paragraph in which a rule matched; what conditions count and measure.
struct MatchPlace {
  uint32_t rule = 0;
  uint32_t view = 0;
  uint32_t paragraph = 0;  // from 0: hard line ends before it
};

struct Matches {
  std::vector<Match> matches;          // ordered by rule, then view, then offset; at most
                                       // Limits::evidence_per_rule a rule
  std::vector<MatchPlace> places;      // ordered by rule, view, paragraph; at most 64 a rule
                                       // and view
  std::vector<uint32_t> counts;        // per rule: places found (capped at 65,535)
  std::vector<bool> hit;               // per rule, conditions included
  std::vector<ruleset::Level> levels;  // per rule: the level found (kFromMatch resolved)
  std::vector<uint32_t> failed;        // rules, ascending, that could not be decided in some
                                       // view because a search ran into its limit: not a hit,
                                       // but the message is not fully scanned either
};

struct CompileOptions {
  std::string cache_folder;        // authenticated cache of compiled databases; "" none
  std::string cache_key;           // secret of the site for the cache's MAC
  int64_t rule_time_ms = 5'000;    // CPU; a rule whose expressions take longer alone is an error
  uint64_t rule_bytes = 8U << 20;  // of compiled database; the same
  // Where given, only expressions of these rules are compiled, and no other text rule is found.
  std::function<bool(const ruleset::Rule&)> only;
  // Expressions in our own forms. Hyperscan reads so many in one pass at a gigabyte a second: less
  // than folding a text and looking for words costs. Of more it is slower, and takes long to
  // compile.
  size_t few_expressions = 1'000;
};

// Immutable after Compile. Scan may be called by one thread at a time per Scanner (one scratch);
// forked workers each have their own copy.
class Scanner {
 public:
  ~Scanner();
  // Errors name the rule's place and what the engines said. Compiles in child processes with a
  // limit on their time (it forks; the caller had better have one thread).
  static Result<std::unique_ptr<Scanner>> Compile(std::shared_ptr<const ruleset::RuleSet> rules,
                                                  const CompileOptions& options,
                                                  Diagnostics* diagnostics);
  // Text rules only. `times`, where given, is what each took (times.h).
  Matches Scan(const std::vector<text::TextView>& views, const Limits& limits,
               Times* times = nullptr) const;
  // Then conditions, over hits and facts. Idempotent. Adds to *times, which Scan began.
  void EvaluateConditions(const Facts& facts, const std::vector<text::TextView>& views,
                          Matches* matches, Times* times = nullptr) const;

  // Does a condition hold for what its example says: these rules hit, these facts?
  bool EvaluateExample(uint32_t rule, const ruleset::Example& example) const;

  const ruleset::RuleSet& rules() const;
  // "literal", "hyperscan", "pcre2-confirm"... and costs; for `rules explain`.
  std::string Explain(uint32_t rule) const;

 private:
  explicit Scanner(std::unique_ptr<Program> program);
  std::unique_ptr<Program> program_;
};

// Runs every example of every rule; each failure becomes an error at the example's place that says
// what matched instead, in Vietnamese or English. `chosen`: of these rules only; an empty one takes
// all.
void RunExamples(const Scanner& scanner, Diagnostics* diagnostics,
                 const std::function<bool(const ruleset::Rule&)>& chosen = nullptr,
                 bool vietnamese = false);

// Known-answer tests of the engine itself (a library that misses matches must not start).
Status RunCanaries();

}  // namespace gatepost::scan
