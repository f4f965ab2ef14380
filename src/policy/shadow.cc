// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/policy/shadow.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gatepost::policy {

namespace {

constexpr size_t kMostRules = 64;
constexpr size_t kMostClauses = 32;

// What Judge reads, without what it does not: the copies are many. Evidence stays where exceptions
// for files look at it.
inspect::Findings Lean(const inspect::Findings& findings, bool with_evidence) {
  inspect::Findings lean;
  for (const inspect::RuleHit& hit : findings.hits) {
    lean.hits.push_back(hit);
    if (!with_evidence) {
      lean.hits.back().evidence.clear();
    }
  }
  lean.infections = findings.infections;
  lean.defects = findings.defects;
  lean.unscannable = findings.unscannable;
  lean.parts = findings.parts;
  lean.facts = findings.facts;
  lean.score = findings.score;
  lean.sha256 = findings.sha256;
  return lean;
}

// Whose own copy goes another way.
uint32_t Differing(const Verdict& a, const Verdict& b) {
  uint32_t count = 0;
  for (size_t i = 0; i < a.recipients.size() && i < b.recipients.size(); ++i) {
    count += a.recipients[i].action != b.recipients[i].action ? 1 : 0;
  }
  // A message for nobody (a file on the command line) is judged as well.
  return count == 0 && a.action != b.action ? 1 : count;
}

std::vector<std::string> WeightiestShadowHits(const inspect::Findings& findings) {
  std::vector<const inspect::RuleHit*> hits;
  for (const inspect::RuleHit& hit : findings.hits) {
    if (hit.mode == ruleset::Mode::kShadow) {
      hits.push_back(&hit);
    }
  }
  std::stable_sort(hits.begin(), hits.end(), [](const auto* a, const auto* b) {
    return std::pair(a->severity, std::abs(a->score)) > std::pair(b->severity, std::abs(b->score));
  });
  hits.resize(std::min(hits.size(), kMostRules));
  std::vector<std::string> ids;
  for (const inspect::RuleHit* hit : hits) {
    ids.push_back(hit->id);
  }
  return ids;
}

// A few of `rules` that do together what `enough` asks, each of them needed: the weightiest where
// several would do. REQUIRES: all together do. Looks at log(rules) sets for each rule needed, since
// a message that hits much must not cost much.
std::vector<std::string> Needed(
    std::vector<std::string> rules,
    const std::function<bool(const std::vector<std::string>&)>& enough) {
  constexpr size_t kMostNeeded = 6;  // beyond that the rest is named as it is
  std::vector<std::string> needed;
  const auto with_first = [&](size_t count) {
    std::vector<std::string> some = needed;
    some.insert(some.end(), rules.begin(), rules.begin() + static_cast<std::ptrdiff_t>(count));
    return some;
  };
  while (!rules.empty() && (needed.empty() || !enough(needed))) {
    if (needed.size() == kMostNeeded) {
      needed.insert(needed.end(), rules.begin(), rules.end());
      break;
    }
    // The shortest beginning of `rules` that is enough: its last one is needed.
    size_t least = 1;
    size_t most = rules.size();
    while (least < most) {
      const size_t middle = least + (most - least) / 2;
      if (enough(with_first(middle))) {
        most = middle;
      } else {
        least = middle + 1;
      }
    }
    needed.push_back(rules[least - 1]);
    rules.resize(least - 1);
  }
  return needed;
}

ShadowEffect Effect(const Verdict& then, uint32_t recipients) {
  ShadowEffect effect;
  effect.action = then.action;
  effect.by = then.clause;
  effect.recipients = recipients;
  return effect;
}

}  // namespace

std::vector<ShadowEffect> ShadowEffects(const Policy& policy, const mail::Envelope& envelope,
                                        const inspect::Findings& findings,
                                        const Exceptions& exceptions, const Verdict& verdict,
                                        const EnforceRule& enforce) {
  std::vector<ShadowEffect> effects;
  const std::vector<std::string> rules = WeightiestShadowHits(findings);
  std::vector<std::string> clauses = policy.shadow_clauses();
  clauses.resize(std::min(clauses.size(), kMostClauses));
  if (rules.empty() && clauses.empty()) {
    return effects;
  }
  const inspect::Findings lean = Lean(findings, !exceptions.empty());
  for (const std::string& rule : rules) {
    inspect::Findings enforced = lean;
    enforce(rule, &enforced);
    const Verdict then = policy.Judge(envelope, enforced, exceptions);
    if (const uint32_t recipients = Differing(verdict, then); recipients > 0) {
      effects.push_back(Effect(then, recipients));
      effects.back().rule = rule;
    }
  }
  if (clauses.empty()) {
    return effects;
  }
  inspect::Findings all_enforced = lean;
  for (const std::string& rule : rules) {
    enforce(rule, &all_enforced);
  }
  const Verdict with_rules =
      rules.empty() ? verdict : policy.Judge(envelope, all_enforced, exceptions);
  for (const std::string& clause : clauses) {
    Verdict then = policy.Judge(envelope, lean, exceptions, clause);
    uint32_t recipients = Differing(verdict, then);
    const bool together = recipients == 0 && !rules.empty();
    std::vector<std::string> with;
    if (together) {
      then = policy.Judge(envelope, all_enforced, exceptions, clause);
      recipients = Differing(with_rules, then);
    }
    if (together && recipients > 0) {
      // What those few do is told, not what all that hit would do.
      Verdict of_some;
      uint32_t moved = 0;
      const auto enough = [&](const std::vector<std::string>& some) {
        inspect::Findings enforced = lean;
        for (const std::string& rule : some) {
          enforce(rule, &enforced);
        }
        of_some = policy.Judge(envelope, enforced, exceptions, clause);
        moved = Differing(policy.Judge(envelope, enforced, exceptions), of_some);
        return moved > 0;
      };
      with = Needed(rules, enough);
      if (enough(with)) {
        then = std::move(of_some);
        recipients = moved;
      } else {
        with = rules;  // where more hits do less (`not`), no few of them need be enough
      }
    }
    if (recipients > 0) {
      effects.push_back(Effect(then, recipients));
      effects.back().clause = clause;
      effects.back().with = std::move(with);
    }
  }
  return effects;
}

}  // namespace gatepost::policy
