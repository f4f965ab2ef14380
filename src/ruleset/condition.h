// `when:` as a tree, and the tree against the rules that it names.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/yaml.h"
#include "src/ruleset/rule_set.h"

namespace gatepost::ruleset {

// One map (or the id of a rule, as a short form) to a Condition. Iterative. Problems go to
// diagnostics; the result is then only good for finding more of them.
Condition ReadCondition(const YamlNode& node, Diagnostics* diagnostics);

// All nodes of the tree, each behind its children; pointers into `root`.
std::vector<const Condition*> PostOrder(const Condition& root);

// Indices of the rules that this node names, by id, glob or group; its children's not.
std::vector<size_t> NamedBy(const Condition& node, const RuleSet& rules);

// Ids of the rules that `chosen` takes and of all that their conditions ask for, whatever is
// between: no other rule can make one of them hit or not.
std::set<std::string> WithThoseAskedFor(const RuleSet& rules,
                                        const std::function<bool(const Rule&)>& chosen);

// Rules, groups, facts and lists that a condition names and nothing provides, places that cannot be
// there, shadow rules that an enforced condition will not see.
void CheckCondition(const Rule& rule, const RuleSet& rules, Diagnostics* diagnostics);

// An order in which each condition rule stands behind those it refers to. A cycle is an error that
// names its members; *order is then incomplete.
void OrderConditions(const RuleSet& rules, Diagnostics* diagnostics, std::vector<size_t>* order);

}  // namespace gatepost::ruleset
