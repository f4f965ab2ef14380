// What `gatepost rules explain` says to a person: the rule as it was understood, what it costs and
// where it stands, in Vietnamese or English. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/cli/scan_report.h"
#include "src/ruleset/rule_set.h"
#include "src/scan/cost.h"

namespace gatepost::cli {

struct RuleReport {
  const ruleset::Rule* rule = nullptr;
  const ruleset::RuleSet* rules = nullptr;
  std::vector<scan::ExpressionCost> costs;  // of rule->match; empty for a condition
  std::vector<std::string> asked_by;        // rules whose conditions ask for it
  double us = -1;                           // of an average message; below 0: not measured
  uint64_t measured = 0;                    // messages
  Diagnostics warnings;                     // about it
};

// Lines end in '\n'. Sentences are wrapped at style.columns, expressions and examples never.
std::string RuleReportText(const RuleReport& report, const ReportStyle& style);

// Who finds the places where the expression may match, in a few words.
const char* EngineText(const scan::ExpressionCost& cost, bool vietnamese);

}  // namespace gatepost::cli
