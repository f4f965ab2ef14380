// Conditions over hits and facts, after a scan and in examples. A condition is a row of nodes,
// children first, so that one walk from left to right evaluates it (evaluation.h).
// LIMITS: `within_lines` looks at the 64 places a rule and view that Scan keeps.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

#include "src/ruleset/condition.h"
#include "src/scan/evaluation.h"

namespace gatepost::scan {

using ruleset::Condition;
using ruleset::Level;
using ruleset::Rule;
using text::TextView;

namespace {

// Of a `calc`, the children (by place) without which it is nil. In ascending order.
std::vector<uint32_t> GatesOfCalc(const std::vector<ruleset::CalcStep>& steps) {
  using Op = ruleset::CalcStep::Op;
  std::vector<std::vector<uint32_t>> stack;
  for (const ruleset::CalcStep& step : steps) {
    if (step.op == Op::kValue) {
      stack.push_back({step.child});
      continue;
    }
    if (step.op == Op::kNumber) {
      stack.emplace_back();
      continue;
    }
    if (step.op == Op::kNegate) {
      continue;
    }
    if (step.op == Op::kNot) {
      stack.back().clear();
      continue;
    }
    const std::vector<uint32_t> b = std::move(stack.back());
    stack.pop_back();
    std::vector<uint32_t> gates;
    if (step.op == Op::kAnd || step.op == Op::kMultiply) {
      std::set_union(stack.back().begin(), stack.back().end(), b.begin(), b.end(),
                     std::back_inserter(gates));
    } else if (step.op == Op::kOr || step.op == Op::kAdd) {
      std::set_intersection(stack.back().begin(), stack.back().end(), b.begin(), b.end(),
                            std::back_inserter(gates));
    }
    stack.back() = std::move(gates);
  }
  return stack.empty() ? std::vector<uint32_t>() : std::move(stack.back());
}

void FindGates(ConditionRule* condition) {
  const std::vector<ConditionNode>& nodes = condition->nodes;
  const auto add = [&](const ConditionNode& node) {
    for (const uint32_t place : GatesOfCalc(node.source->steps)) {
      condition->gates.push_back(node.children[place]);
    }
  };
  const ConditionNode& root = nodes.back();
  if (root.source->kind == Condition::Kind::kCalc) {
    add(root);
  } else if (root.source->kind == Condition::Kind::kAll) {
    for (const uint32_t child : root.children) {
      const Condition::Kind kind = nodes[child].source->kind;
      if (kind == Condition::Kind::kRule || kind == Condition::Kind::kGroup) {
        condition->gates.push_back(child);
      } else if (kind == Condition::Kind::kCalc) {
        add(nodes[child]);
      }
    }
  }
}

bool IsShut(const ConditionRule& condition, const std::vector<bool>& hit) {
  return std::any_of(condition.gates.begin(), condition.gates.end(), [&](uint32_t gate) {
    const std::vector<uint32_t>& rules = condition.nodes[gate].rules;
    return std::none_of(rules.begin(), rules.end(), [&](uint32_t rule) { return hit[rule]; });
  });
}

// Of 800 imported conditions a message concerns some tens: the others come out as they would where
// nothing hit at all.
void FindIdle(Program* program) {
  const size_t rule_count = program->rules->rules().size();
  program->asked_by.assign(rule_count, {});
  for (const Rule& rule : program->rules->rules()) {
    program->enforced.push_back(rule.mode == ruleset::Mode::kEnforce);
  }
  Matches nothing;
  nothing.counts.assign(rule_count, 0);
  nothing.hit.assign(rule_count, false);
  nothing.levels.assign(rule_count, Level::kNone);
  const Facts no_facts;
  Evaluation evaluation(*program, no_facts, nullptr, false, &nothing);
  for (uint32_t at = 0; at < program->conditions.size(); ++at) {
    ConditionRule& condition = program->conditions[at];
    for (const ConditionNode& node : condition.nodes) {
      condition.asks_facts = condition.asks_facts || node.source->kind == Condition::Kind::kFact ||
                             node.source->kind == Condition::Kind::kList;
      for (const uint32_t rule : node.rules) {
        if (program->asked_by[rule].empty() || program->asked_by[rule].back() != at) {
          program->asked_by[rule].push_back(at);
        }
      }
    }
    condition.holds_idle = evaluation.Holds(condition);
    condition.times_idle = condition.holds_idle ? evaluation.Times(condition) : 0;
  }
}

}  // namespace

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
        condition.nodes[node.children.back()].of_calc = source->kind == Condition::Kind::kCalc;
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
    FindGates(&condition);
    program->conditions.push_back(std::move(condition));
  }
  FindIdle(program);
}

void Scanner::EvaluateConditions(const Facts& facts, const std::vector<TextView>& views,
                                 Matches* matches, Times* times) const {
  for (const ConditionRule& condition : program_->conditions) {
    matches->hit[condition.rule] = false;
  }
  std::vector<bool> concerned(program_->conditions.size(), false);
  const auto concern = [&](uint32_t rule) {
    for (const uint32_t condition : program_->asked_by[rule]) {
      concerned[condition] = true;
    }
  };
  for (uint32_t rule = 0; rule < matches->hit.size(); ++rule) {
    if (matches->hit[rule]) {
      concern(rule);
    }
  }
  Evaluation evaluation(*program_, facts, &views, false, matches);
  Stopwatch watch;
  for (size_t at = 0; at < program_->conditions.size(); ++at) {
    const ConditionRule& condition = program_->conditions[at];
    const Rule& rule = program_->rules->rules()[condition.rule];
    const bool idle = !concerned[at] && !condition.asks_facts;
    const bool holds = idle ? condition.holds_idle
                            : !IsShut(condition, matches->hit) && evaluation.Holds(condition);
    matches->hit[condition.rule] = holds;
    matches->counts[condition.rule] = !holds ? 0
                                      : idle ? condition.times_idle
                                             : evaluation.Times(condition);
    Level level = Level::kNone;
    if (holds) {
      level = rule.level == Level::kFromMatch ? evaluation.LevelOf(condition) : rule.level;
      concern(condition.rule);
    }
    matches->levels[condition.rule] = level;
    if (times != nullptr && !idle) {
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
