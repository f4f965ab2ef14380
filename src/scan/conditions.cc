// Conditions over hits and facts, after a scan and in examples. A condition is a row of nodes,
// children first, so that one walk from left to right evaluates it (evaluation.h).
// LIMITS: `within_lines` looks at the 64 places a rule and view that Scan keeps.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <map>
#include <tuple>

#include "src/ruleset/condition.h"
#include "src/scan/evaluation.h"

namespace gatepost::scan {

using ruleset::Condition;
using ruleset::Level;
using ruleset::Rule;
using text::TextView;

void BuildConditions(Program* program) {
  const ruleset::RuleSet& rules = *program->rules;
  for (const size_t index : rules.condition_order()) {
    ConditionRule condition;
    condition.rule = static_cast<uint32_t>(index);
    std::map<const Condition*, uint32_t> numbers;
    for (const Condition* source : ruleset::PostOrder(rules.rules()[index].condition)) {
      ConditionNode node;
      node.source = source;
      for (const Condition& child : source->children) {
        node.children.push_back(numbers.at(&child));
      }
      std::vector<size_t> named;
      if (source->kind == Condition::Kind::kRule) {
        named = rules.Named(source->name);
      } else if (source->kind == Condition::Kind::kGroup) {
        named = rules.InGroup(source->name);
      } else if (source->kind == Condition::Kind::kList) {
        node.list = rules.FindList(source->name);
      }
      if (source->kind == Condition::Kind::kFact || source->kind == Condition::Kind::kList) {
        const std::string& name =
            source->kind == Condition::Kind::kList ? source->values[0] : source->name;
        node.glob = name.find_first_of("*?") != std::string::npos;
      }
      node.rules.assign(named.begin(), named.end());
      node.placed = !named.empty();
      if (source->kind == Condition::Kind::kAny) {
        node.placed = std::all_of(node.children.begin(), node.children.end(),
                                  [&](uint32_t child) { return condition.nodes[child].placed; });
        for (const uint32_t child : node.children) {
          const auto& theirs = condition.nodes[child].rules;
          node.rules.insert(node.rules.end(), theirs.begin(), theirs.end());
        }
      }
      numbers[source] = static_cast<uint32_t>(condition.nodes.size());
      condition.nodes.push_back(std::move(node));
    }
    program->conditions.push_back(std::move(condition));
  }
}

void Scanner::EvaluateConditions(const Facts& facts, const std::vector<TextView>& views,
                                 Matches* matches, Times* times) const {
  for (const ConditionRule& condition : program_->conditions) {
    matches->hit[condition.rule] = false;
  }
  Evaluation evaluation(*program_, facts, &views, false, matches);
  Stopwatch watch;
  for (const ConditionRule& condition : program_->conditions) {
    const Rule& rule = program_->rules->rules()[condition.rule];
    const bool holds = evaluation.Holds(condition);
    matches->hit[condition.rule] = holds;
    matches->counts[condition.rule] = holds ? evaluation.Times(condition) : 0;
    Level level = Level::kNone;
    if (holds) {
      level = rule.level == Level::kFromMatch ? evaluation.LevelOf(condition) : rule.level;
    }
    matches->levels[condition.rule] = level;
    if (times != nullptr) {
      times->rules[condition.rule] += watch.Lap();
    }
  }
}

bool Scanner::EvaluateExample(uint32_t rule, const ruleset::Example& example) const {
  const size_t rule_count = program_->rules->rules().size();
  Matches matches;
  matches.counts.assign(rule_count, 0);
  matches.hit.assign(rule_count, false);
  matches.levels.assign(rule_count, Level::kNone);
  const auto add = [&](const std::string& id, uint32_t places) {
    const int index = program_->rules->IndexOf(id);
    if (index < 0) {
      return;
    }
    matches.hit[static_cast<size_t>(index)] = true;
    matches.counts[static_cast<size_t>(index)] = places;
    for (uint32_t paragraph = 0; paragraph < places; ++paragraph) {
      matches.places.push_back({static_cast<uint32_t>(index), 0, paragraph});
    }
  };
  for (const std::string& id : example.rules) {
    add(id, kMostPlaces);
  }
  for (const std::string& id : example.rules_once) {
    add(id, 1);
  }
  std::sort(matches.places.begin(), matches.places.end(),
            [](const MatchPlace& a, const MatchPlace& b) {
              return std::tie(a.rule, a.paragraph) < std::tie(b.rule, b.paragraph);
            });
  Evaluation evaluation(*program_, example.facts, nullptr, true, &matches);
  for (const ConditionRule& condition : program_->conditions) {
    if (condition.rule == rule) {
      return evaluation.Holds(condition);
    }
  }
  return false;
}

}  // namespace gatepost::scan
