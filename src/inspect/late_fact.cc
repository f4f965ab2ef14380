// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/late_fact.h"

#include <algorithm>
#include <utility>

#include "src/inspect/wire.h"

namespace gatepost::inspect {

LateFact::LateFact(std::shared_ptr<const ruleset::RuleSet> rules, std::string name)
    : rules_(std::move(rules)), name_(std::move(name)), conditions_(rules_, name_) {}

void LateFact::Set(const std::string& value, Findings* findings) const {
  findings->facts[name_] = value;
  if (conditions_.empty()) {
    return;
  }
  const size_t count = rules_->rules().size();
  std::vector<bool> hit(count, false);
  std::vector<ruleset::Level> levels(count, ruleset::Level::kNone);
  for (const RuleHit& one : findings->hits) {
    hit[one.rule] = true;
    levels[one.rule] = one.level;
  }
  const std::vector<bool> before = hit;
  conditions_.Evaluate(findings->facts, &hit, &levels);
  if (hit == before) {
    return;
  }
  auto& hits = findings->hits;
  hits.erase(std::remove_if(hits.begin(), hits.end(),
                            [&hit](const RuleHit& one) { return !hit[one.rule]; }),
             hits.end());
  for (uint32_t i = 0; i < count; ++i) {
    if (hit[i] && !before[i]) {
      RuleHit one = HitOf(*rules_, i);
      one.level = levels[i];
      hits.push_back(std::move(one));
    }
  }
  std::sort(hits.begin(), hits.end(),
            [](const RuleHit& a, const RuleHit& b) { return a.id < b.id; });
  findings->score = ScoreOf(hits);
}

}  // namespace gatepost::inspect
