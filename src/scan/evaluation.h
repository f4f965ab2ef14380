// One evaluation of conditions over what a scan found.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "src/scan/program.h"

namespace gatepost::scan {

// Refers to what it was made of, all of which outlives it.
class Evaluation {
 public:
  // `views` null: an example, whose places are all in one text and in every zone. `sees_all`:
  // shadow rules count for enforced conditions too.
  Evaluation(const Program& program, const Facts& facts, const std::vector<text::TextView>* views,
             bool sees_all, Matches* matches);

  // A rule in shadow mode that counts as enforced.
  void Enforce(uint32_t rule) { as_enforced_ = rule; }

  bool Holds(const ConditionRule& condition);
  // After Holds: the value of a `calc` that is the whole condition, else 1.
  uint32_t Times(const ConditionRule& condition) const;
  // The strongest level of the rules that a condition names and that hit.
  ruleset::Level LevelOf(const ConditionRule& condition) const;

 private:
  bool IsEnforced(uint32_t rule) const;
  bool Sees(uint32_t rule) const { return matches_->hit[rule] && (!enforced_ || IsEnforced(rule)); }
  int64_t Count(const ConditionRule& condition, const ConditionNode& node) const;
  int64_t Calc(const ConditionRule& condition, const ConditionNode& node) const;
  std::pair<size_t, size_t> PlacesOf(uint32_t rule) const;
  bool RuleHolds(const ConditionNode& node, uint32_t rule) const;
  bool Near(const ConditionRule& condition, const ConditionNode& node) const;
  bool FactHolds(const ConditionNode& node) const;
  uint32_t TextOf(uint32_t view) const;

  const Program& program_;
  const Facts& facts_;
  const std::vector<text::TextView>* views_;
  const bool sees_all_;
  Matches* matches_;
  bool enforced_ = false;
  uint32_t as_enforced_ = std::numeric_limits<uint32_t>::max();
  mutable std::vector<uint32_t> text_of_;  // per view, once one was asked for
  std::vector<int64_t> counts_;    // per node
  mutable std::vector<double> values_, stack_;  // of a `calc`: kept for the next
};

}  // namespace gatepost::scan
