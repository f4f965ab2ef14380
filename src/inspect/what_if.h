// Findings as they would be with a rule in shadow mode enforced, for the report of what a shadow
// rule would have done.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>

#include "src/inspect/findings.h"
#include "src/scan/late.h"

namespace gatepost::inspect {

// One per generation. Immutable; thread-safe.
class WhatIf {
 public:
  explicit WhatIf(std::shared_ptr<const ruleset::RuleSet> rules);
  // Its hit counts, conditions that depend on it are decided anew, the score is counted anew. No
  // rule of that id, or one that did not hit: nothing happens.
  void Enforce(const std::string& rule, Findings* findings) const;

 private:
  std::shared_ptr<const ruleset::RuleSet> rules_;
  scan::ShadowConditions conditions_;
};

}  // namespace gatepost::inspect
