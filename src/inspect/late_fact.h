// A fact that the daemon adds to findings after the inspection, and the rules that ask for it.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/inspect/findings.h"
#include "src/scan/late.h"

namespace gatepost::inspect {

// The hits of findings by rule, to be decided anew by conditions, and back.
struct RenewedHits {
  RenewedHits(const ruleset::RuleSet& set, const Findings& findings);
  // Hits, in their order; the score is not touched.
  void PutInto(Findings* findings) const;

  const ruleset::RuleSet& rules;
  std::vector<bool> before, hit;  // per rule
  std::vector<ruleset::Level> levels;
};

// One per generation and fact. Immutable; thread-safe.
class LateFact {
 public:
  LateFact(std::shared_ptr<const ruleset::RuleSet> rules, std::string name);
  // Sets the fact and decides the conditions that depend on it once more: hits and score are those
  // of an inspection that had known it.
  void Set(const std::string& value, Findings* findings) const;

 private:
  std::shared_ptr<const ruleset::RuleSet> rules_;
  std::string name_;
  scan::LateConditions conditions_;
};

}  // namespace gatepost::inspect
