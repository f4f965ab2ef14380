// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/cost.h"

#include <utility>

#include "src/ruleset/shape.h"
#include "src/scan/choose.h"
#include "src/scan/compiler.h"

namespace gatepost::scan {

namespace {

constexpr size_t kLiteral = 3;
constexpr int64_t kMostMs = 30'000;
constexpr uint64_t kMostBytes = 64U << 20;

ExpressionCost::Way WayOf(const TextRule::Expression& chosen) {
  switch (chosen.engine) {
    case Engine::kNear:
      return ExpressionCost::Way::kWords;
    case Engine::kStarts:
      return ExpressionCost::Way::kBeginnings;
    case Engine::kEverywhere:
      return chosen.letters != nullptr     ? ExpressionCost::Way::kLetters
             : chosen.pattern.IsAnchored() ? ExpressionCost::Way::kAnchored
                                           : ExpressionCost::Way::kEverywhere;
    case Engine::kHyperscan:
      break;
  }
  return chosen.prefilter ? ExpressionCost::Way::kPrefilter : ExpressionCost::Way::kHyperscan;
}

}  // namespace

std::vector<ExpressionCost> CostOf(const ruleset::Rule& rule, const ruleset::RuleSet& rules) {
  const bool few = IsFew(rules, CompileOptions().few_expressions);
  std::vector<CompileSet> sets;
  std::vector<size_t> whose;  // per set: the expression
  std::vector<ExpressionCost> costs;
  Matcher matcher;
  for (const ruleset::Expression& one : rule.match) {
    ExpressionCost cost;
    Result<TextRule::Expression> compiled = CompileExpression(rule, one, few, &matcher);
    const ruleset::Shape shape = ruleset::ShapeOf(one.expanded);
    if (shape.literal_letters >= kLiteral) {
      for (const std::string& literal : shape.literals) {
        cost.literal += (cost.literal.empty() ? "" : "|") + literal;
      }
    }
    if (!compiled.ok()) {
      cost.way = ExpressionCost::Way::kRefused;
      cost.refused = compiled.status().message();
      costs.push_back(std::move(cost));
      continue;
    }
    TextRule::Expression& chosen = *compiled;
    cost.way = WayOf(chosen);
    if (chosen.engine == Engine::kHyperscan) {
      HsExpression expression;
      expression.text = std::move(chosen.hyperscan);
      expression.utf8 = one.utf8;
      expression.caseless = rule.caseless;
      expression.prefilter = chosen.prefilter;
      sets.push_back({{std::move(expression)}, {0}});
      whose.push_back(costs.size());
    } else {
      cost.compile_ms = chosen.compile_ms;
      cost.database_bytes = chosen.pattern.bytes();
    }
    costs.push_back(std::move(cost));
  }
  CompileBudget budget;  // no cache: what compiling costs is the question
  budget.owner_ms = kMostMs;
  budget.owner_bytes = kMostBytes;
  const std::vector<CompiledSet> compiled = CompileSets(sets, budget);
  for (size_t i = 0; i < compiled.size(); ++i) {
    ExpressionCost& cost = costs[whose[i]];
    cost.compile_ms = compiled[i].cpu_ms;
    if (!compiled[i].failures.empty()) {
      cost.way = ExpressionCost::Way::kRefused;
      cost.refused = compiled[i].failures[0].message;
    } else if (!compiled[i].refused.empty() && !compiled[i].refused[0].empty()) {
      cost.way = ExpressionCost::Way::kEverywhere;
      cost.refused = compiled[i].refused[0];
    } else {
      if (!compiled[i].prefiltered.empty() && compiled[i].prefiltered[0]) {
        cost.way = ExpressionCost::Way::kPrefilter;
      }
      cost.database_bytes = compiled[i].database.bytes();
    }
  }
  return costs;
}

}  // namespace gatepost::scan
