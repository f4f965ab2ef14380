// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/cost.h"

#include "src/ruleset/shape.h"
#include "src/scan/compiler.h"

namespace gatepost::scan {

namespace {

constexpr size_t kLiteral = 3;
constexpr int64_t kMostMs = 30'000;
constexpr uint64_t kMostBytes = 64U << 20;

}  // namespace

std::string ExpressionCost::Engine() const {
  if (!refused.empty()) {
    return "none: Hyperscan refuses it";
  }
  if (prefiltered) {
    return "Hyperscan in a simpler form, then PCRE2 confirms";
  }
  return literal.empty() ? "Hyperscan's automaton over all text, then PCRE2 for the exact place"
                         : "Hyperscan by its literal, then PCRE2 for the exact place";
}

std::vector<ExpressionCost> CostOf(const ruleset::Rule& rule) {
  std::vector<CompileSet> sets;
  std::vector<ExpressionCost> costs;
  for (const ruleset::Expression& one : rule.match) {
    HsExpression expression;
    expression.text = one.expanded;
    expression.utf8 = one.utf8;
    expression.caseless = rule.caseless;
    sets.push_back({{std::move(expression)}, {0}});
    ExpressionCost cost;
    const ruleset::Shape shape = ruleset::ShapeOf(one.expanded);
    if (shape.literal_letters >= kLiteral) {
      for (const std::string& literal : shape.literals) {
        cost.literal += (cost.literal.empty() ? "" : "|") + literal;
      }
    }
    costs.push_back(std::move(cost));
  }
  CompileBudget budget;  // no cache: what compiling costs is the question
  budget.owner_ms = kMostMs;
  budget.owner_bytes = kMostBytes;
  const std::vector<CompiledSet> compiled = CompileSets(sets, budget);
  for (size_t i = 0; i < compiled.size(); ++i) {
    costs[i].compile_ms = compiled[i].cpu_ms;
    if (!compiled[i].failures.empty()) {
      costs[i].refused = compiled[i].failures[0].message;
      continue;
    }
    costs[i].prefiltered = !compiled[i].prefiltered.empty() && compiled[i].prefiltered[0];
    costs[i].database_bytes = compiled[i].database.bytes();
  }
  return costs;
}

}  // namespace gatepost::scan
