// What a condition asks for, as it was understood: for `rules explain`.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/ruleset/rule_set.h"

namespace gatepost::cli {

// A line a node, children indented below their parent; globs and groups with the number of rules
// that they mean now.
std::vector<std::string> ConditionLines(const ruleset::Condition& root,
                                        const ruleset::RuleSet& rules, bool vietnamese);
// The same in the words of the file: {"all": [..], "within_lines": 3}, {"rule": ..} and so on;
// globs and groups also say which rules they mean ("means").
Json ConditionJson(const ruleset::Condition& root, const ruleset::RuleSet& rules);

}  // namespace gatepost::cli
