// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/what_if.h"

#include <algorithm>
#include <utility>

#include "src/inspect/late_fact.h"
#include "src/inspect/wire.h"

namespace gatepost::inspect {

WhatIf::WhatIf(std::shared_ptr<const ruleset::RuleSet> rules)
    : rules_(std::move(rules)), conditions_(rules_) {}

void WhatIf::Enforce(const std::string& rule, Findings* findings) const {
  const auto hit_of = [&] {
    return std::find_if(findings->hits.begin(), findings->hits.end(),
                        [&](const RuleHit& hit) { return hit.id == rule; });
  };
  const auto found = hit_of();
  if (found == findings->hits.end()) {
    return;
  }
  RenewedHits renewed(*rules_, *findings);
  if (conditions_.Enforce(found->rule, findings->facts, &renewed.hit, &renewed.levels)) {
    renewed.PutInto(findings);
  }
  if (const auto now = hit_of(); now != findings->hits.end()) {
    now->mode = ruleset::Mode::kEnforce;
  }
  findings->score = ScoreOf(findings->hits);
}

}  // namespace gatepost::inspect
