// What changes from one generation to the next: for the person who reloads, and for the record of
// the activation.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/json.h"
#include "src/policy/policy.h"
#include "src/record/decision.h"
#include "src/ruleset/rule_set.h"

namespace gatepost::gateway {

struct Compared {
  const ruleset::RuleSet* rules = nullptr;  // null: there was nothing before
  const policy::Policy* policy = nullptr;
  record::Generation versions;
};

// {"packs": {PACK: {"added": [id], "removed": [id], "changed": [id]}}, "lists": {NAME: {"added": n,
// "removed": n}}, "clauses": {"added": [...], "removed": [...], "changed": [...]},
// "order_of_clauses": bool, "antivirus": [old, new]}; what did not change is left out, so {} is no
// difference. At most 200 names each, then "and N more".
Json DifferenceOf(const Compared& before, const Compared& after);

// A few words on one line: "rules +1 -0 ~2 (30-vn-spam), list partners +3 -1, policy ~1".
std::string InWords(const Json& difference);

}  // namespace gatepost::gateway
