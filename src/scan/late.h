// Conditions that ask for a fact which is known only after a message was scanned, and elsewhere
// (how often the gateway saw the same content): evaluated once more, without text and engines.
// LIMITS: in such a condition `places` and `within_lines` find nothing; the places are gone.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/scan/scanner.h"

namespace gatepost::scan {

// Immutable; any thread may evaluate.
class LateConditions {
 public:
  // Those that name the fact, and those that name one of these rules, and so on.
  LateConditions(std::shared_ptr<const ruleset::RuleSet> rules, const std::string& fact);
  ~LateConditions();
  LateConditions(const LateConditions&) = delete;
  LateConditions& operator=(const LateConditions&) = delete;
  bool empty() const;
  // hit and levels: per rule of the set, as the scan left them; renewed for the concerned ones.
  void Evaluate(const Facts& facts, std::vector<bool>* hit,
                std::vector<ruleset::Level>* levels) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gatepost::scan
