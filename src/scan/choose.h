// Who says where an expression may match: its words, the ways in which it begins, Hyperscan, or nobody.
// Private to the room.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/scan/program.h"

namespace gatepost::scan {

// Is the whole set one that Hyperscan alone reads fastest (CompileOptions::few_expressions)?
bool IsFew(const ruleset::RuleSet& rules, size_t few_expressions);
// One of the rule's `match`, ready to be asked. `few`: of the set. The error is PCRE2's.
Result<TextRule::Expression> CompileExpression(const ruleset::Rule& rule,
                                               const ruleset::Expression& expression, bool few,
                                               Matcher* matcher);
// Is it more than Hyperscan is given, in an imported rule?
bool IsTooLong(const ruleset::Rule& rule, const std::string& text);

}  // namespace gatepost::scan
