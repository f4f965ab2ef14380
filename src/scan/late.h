// Conditions evaluated once more after a message was scanned, without text and engines: those that
// ask for a fact which is known only elsewhere (how often the gateway saw the same content), and
// those that would see a rule in shadow mode, were it enforced.
// LIMITS: the places are gone. In a condition over a late fact `places` and `within_lines` find
// nothing; one that asks for places is left as it was when a shadow rule is enforced.
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

// Immutable; any thread may evaluate.
class ShadowConditions {
 public:
  explicit ShadowConditions(std::shared_ptr<const ruleset::RuleSet> rules);
  ~ShadowConditions();
  ShadowConditions(const ShadowConditions&) = delete;
  ShadowConditions& operator=(const ShadowConditions&) = delete;
  // hit and levels, as the scan left them, become those of a scan with `rule` enforced: enforced
  // conditions see it, and it, if it is a condition, no longer sees shadow rules. False: no
  // condition is concerned and nothing changed.
  bool Enforce(uint32_t rule, const Facts& facts, std::vector<bool>* hit,
               std::vector<ruleset::Level>* levels) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gatepost::scan
