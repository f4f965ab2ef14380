// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/late.h"

#include <algorithm>
#include <map>

#include "src/ruleset/condition.h"
#include "src/scan/evaluation.h"

namespace gatepost::scan {

using ruleset::Condition;
using ruleset::Level;
using ruleset::Mode;
using ruleset::Rule;

struct LateConditions::State {
  Program program;                       // conditions only
  std::vector<ConditionRule> concerned;  // in an order in which they can be evaluated
};

LateConditions::LateConditions(std::shared_ptr<const ruleset::RuleSet> rules,
                               const std::string& fact)
    : state_(std::make_unique<State>()) {
  state_->program.rules = std::move(rules);
  BuildConditions(&state_->program);
  std::vector<bool> marked(state_->program.rules->rules().size(), false);
  for (const ConditionRule& condition : state_->program.conditions) {
    for (const ConditionNode& node : condition.nodes) {
      const bool asks = node.source->kind == Condition::Kind::kFact ||
                        node.source->kind == Condition::Kind::kList;
      const std::string& name =
          node.source->kind == Condition::Kind::kList ? node.source->values[0] : node.source->name;
      const bool refers = std::any_of(node.rules.begin(), node.rules.end(),
                                      [&](uint32_t rule) { return marked[rule]; });
      if (refers || (asks && ruleset::GlobMatches(name, fact))) {
        marked[condition.rule] = true;
      }
    }
    if (marked[condition.rule]) {
      state_->concerned.push_back(condition);
    }
  }
}

LateConditions::~LateConditions() = default;

bool LateConditions::empty() const { return state_->concerned.empty(); }

void LateConditions::Evaluate(const Facts& facts, std::vector<bool>* hit,
                              std::vector<Level>* levels) const {
  Matches matches;
  matches.hit = *hit;
  matches.levels = *levels;
  matches.counts.assign(hit->size(), 1);  // of those that hit
  // No views: what hit, hit somewhere, and nobody knows where any more.
  Evaluation evaluation(state_->program, facts, nullptr, false, &matches);
  for (const ConditionRule& condition : state_->concerned) {
    const Rule& rule = state_->program.rules->rules()[condition.rule];
    const bool holds = evaluation.Holds(condition);
    matches.hit[condition.rule] = holds;
    matches.levels[condition.rule] = !holds ? Level::kNone
                                     : rule.level == Level::kFromMatch
                                         ? evaluation.LevelOf(condition)
                                         : rule.level;
  }
  *hit = std::move(matches.hit);
  *levels = std::move(matches.levels);
}

struct ShadowConditions::State {
  Program program;  // conditions only
  // Per shadow rule: the conditions to decide anew, in an order in which they can be.
  std::map<uint32_t, std::vector<uint32_t>> concerned;
};

ShadowConditions::ShadowConditions(std::shared_ptr<const ruleset::RuleSet> rules)
    : state_(std::make_unique<State>()) {
  Program& program = state_->program;
  program.rules = std::move(rules);
  BuildConditions(&program);
  const std::vector<Rule>& all = program.rules->rules();
  const auto asks_for_places = [](const ConditionNode& node) {
    return node.source->within_lines > 0 || !node.source->zones.empty() ||
           (node.source->kind == Condition::Kind::kRule && node.source->at_least > 1);
  };
  for (uint32_t shadow = 0; shadow < all.size(); ++shadow) {
    if (all[shadow].mode != Mode::kShadow) {
      continue;
    }
    std::vector<bool> changes(all.size(), false);
    changes[shadow] = true;
    std::vector<uint32_t> concerned;
    for (uint32_t i = 0; i < program.conditions.size(); ++i) {
      const ConditionRule& condition = program.conditions[i];
      const bool itself = condition.rule == shadow;
      if (!itself && all[condition.rule].mode != Mode::kEnforce) {
        continue;  // sees shadow rules as it is
      }
      const bool refers = std::any_of(
          condition.nodes.begin(), condition.nodes.end(), [&](const ConditionNode& node) {
            return std::any_of(node.rules.begin(), node.rules.end(),
                               [&](uint32_t rule) { return changes[rule]; });
          });
      if ((itself || refers) &&
          std::none_of(condition.nodes.begin(), condition.nodes.end(), asks_for_places)) {
        changes[condition.rule] = true;
        concerned.push_back(i);
      }
    }
    if (!concerned.empty()) {
      state_->concerned[shadow] = std::move(concerned);
    }
  }
}

ShadowConditions::~ShadowConditions() = default;

bool ShadowConditions::Enforce(uint32_t rule, const Facts& facts, std::vector<bool>* hit,
                               std::vector<Level>* levels) const {
  const auto found = state_->concerned.find(rule);
  if (found == state_->concerned.end()) {
    return false;
  }
  Matches matches;
  matches.hit = *hit;
  matches.levels = *levels;
  Evaluation evaluation(state_->program, facts, nullptr, false, &matches);
  evaluation.Enforce(rule);
  for (const uint32_t index : found->second) {
    const ConditionRule& condition = state_->program.conditions[index];
    const bool holds = evaluation.Holds(condition);
    matches.hit[condition.rule] = holds;
    matches.levels[condition.rule] =
        !holds ? Level::kNone
        : state_->program.rules->rules()[condition.rule].level == Level::kFromMatch
            ? evaluation.LevelOf(condition)
            : state_->program.rules->rules()[condition.rule].level;
  }
  *hit = std::move(matches.hit);
  *levels = std::move(matches.levels);
  return true;
}

}  // namespace gatepost::scan
