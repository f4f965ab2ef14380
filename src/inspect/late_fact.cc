// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/late_fact.h"

#include <algorithm>
#include <utility>

#include "src/inspect/wire.h"

namespace gatepost::inspect {

LateFact::LateFact(std::shared_ptr<const ruleset::RuleSet> rules, std::string name)
    : rules_(std::move(rules)), name_(std::move(name)), conditions_(rules_, name_) {}

RenewedHits::RenewedHits(const ruleset::RuleSet& set, const Findings& findings)
    : rules(set),
      hit(set.rules().size(), false),
      levels(set.rules().size(), ruleset::Level::kNone) {
  for (const RuleHit& one : findings.hits) {
    hit[one.rule] = true;
    levels[one.rule] = one.level;
  }
  before = hit;
}

void RenewedHits::PutInto(Findings* findings) const {
  if (hit == before) {
    return;
  }
  auto& hits = findings->hits;
  hits.erase(std::remove_if(hits.begin(), hits.end(),
                            [this](const RuleHit& one) { return !hit[one.rule]; }),
             hits.end());
  for (uint32_t i = 0; i < hit.size(); ++i) {
    if (hit[i] && !before[i]) {
      RuleHit one = HitOf(rules, i);
      one.level = levels[i];
      hits.push_back(std::move(one));
    }
  }
  std::sort(hits.begin(), hits.end(),
            [](const RuleHit& a, const RuleHit& b) { return a.id < b.id; });
}

void LateFact::Set(const std::string& value, Findings* findings) const {
  findings->facts[name_] = value;
  if (conditions_.empty()) {
    return;
  }
  RenewedHits renewed(*rules_, *findings);
  conditions_.Evaluate(findings->facts, &renewed.hit, &renewed.levels);
  renewed.PutInto(findings);
  findings->score = ScoreOf(findings->hits);
}

}  // namespace gatepost::inspect
