// Rules that are new in their package: which of them the daemon holds in shadow until somebody
// accepts them, and which lie in the folders and were never loaded, so that there is nothing to
// accept yet. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/cli/commands.h"
#include "src/ruleset/rule_set.h"

namespace gatepost::cli {

struct WaitingRule {
  std::string id;
  const ruleset::Rule* rule = nullptr;  // in the folders; null: it has gone from there since
  bool loaded = false;                  // by the daemon: it can be accepted
};

// `folders`: the rules as they lie there now. `daemon`: its state (Gateway::State); null: none
// answers, and nothing is loaded. Ordered by id, those that are loaded first.
std::vector<WaitingRule> WaitingRules(const ruleset::RuleSet& folders, const Json& daemon);

// `rules accept` without a name.
int ListWaiting(const Common& common);

// Of one name (an id or a pack) that the daemon does not know: why it cannot be accepted yet, with
// what to do; "" there is nothing to add.
std::string WhyNotAccepted(const Common& common, const std::vector<std::string>& names);

}  // namespace gatepost::cli
