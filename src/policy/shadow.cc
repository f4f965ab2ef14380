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
    if (together) {
      then = policy.Judge(envelope, all_enforced, exceptions, clause);
      recipients = Differing(with_rules, then);
    }
    if (recipients > 0) {
      effects.push_back(Effect(then, recipients));
      effects.back().clause = clause;
      if (together) {
        effects.back().with = rules;
      }
    }
  }
  return effects;
}

}  // namespace gatepost::policy
