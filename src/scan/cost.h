// What an expression costs: for `rules explain` and for warnings. Each is compiled alone, in a
// child with a limit, so it is for people and not for the way of mail.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/ruleset/rule_set.h"

namespace gatepost::scan {

struct ExpressionCost {
  // Who says where it may match; PCRE2 then finds the exact place.
  enum class Way : uint8_t {
    kHyperscan,   // the automaton
    kPrefilter,   // Hyperscan, which takes a simpler form only
    kWords,       // one of the literals stands there
    kBeginnings,  // the text looks there as its matches begin
    kLetters,     // its one or two bytes are counted from a table
    kAnchored,    // the beginning of each paragraph, where alone it can
    kEverywhere,  // nobody: every paragraph is tried
    kRefused,     // the rule set does not load with it: see `refused`
  };
  Way way = Way::kHyperscan;
  std::string literal;    // what every match holds, alternatives with "|" between them; "" none of
                          // three characters or more
  std::string refused;    // why it is not Hyperscan's (kEverywhere), or why not at all (kRefused)
  double compile_ms = 0;  // CPU
  uint64_t database_bytes = 0;  // of the program for it alone: Hyperscan's, else PCRE2's
};

// Of the rule's `match`, in their order, as the scanner of all `rules` goes about them.
std::vector<ExpressionCost> CostOf(const ruleset::Rule& rule, const ruleset::RuleSet& rules);

}  // namespace gatepost::scan
