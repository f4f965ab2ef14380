// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/replay_report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

namespace gatepost::cli {

namespace {

constexpr size_t kMostMails = 20'000;

bool Delivers(policy::Action action) {
  return action == policy::Action::kAccept || action == policy::Action::kTag;
}

bool Same(double a, double b) { return std::abs(a - b) < 1e-9; }

uint64_t Consequences(const ReplayRule& rule) {
  uint64_t sum = 0;
  for (const uint64_t count : rule.changes) {
    sum += count;
  }
  return sum;
}

}  // namespace

ReplaySide SideOf(const record::Decision& decision) {
  ReplaySide side;
  side.action = decision.verdict.action;
  side.clause = decision.verdict.clause;
  side.score = decision.verdict.score;
  for (const inspect::RuleHit& hit : decision.findings.hits) {
    if (hit.mode == ruleset::Mode::kEnforce && !hit.excepted) {
      side.hits[hit.id] = hit.score;
    }
  }
  for (const policy::RecipientVerdict& one : decision.verdict.recipients) {
    side.copies.push_back(one.action);
  }
  return side;
}

const char* ToString(ReplayChange change) {
  constexpr std::array<const char*, kReplayChanges> kNames = {
      "none",         "newly-held",       "newly-rejected", "newly-free",
      "newly-tagged", "no-longer-tagged", "other"};
  return kNames[static_cast<size_t>(change)];
}

ReplayChange ChangeOf(const ReplaySide& before, const ReplaySide& after) {
  if (before.action == after.action) {
    if (before.copies == after.copies || before.copies.size() != after.copies.size()) {
      return ReplayChange::kNone;
    }
    // Held for somebody on both sides, but not for the same: is anybody's copy kept back anew?
    for (size_t i = 0; i < before.copies.size(); ++i) {
      if (Delivers(before.copies[i]) && !Delivers(after.copies[i])) {
        return ReplayChange::kNewlyHeld;
      }
    }
    return ReplayChange::kOther;
  }
  if (after.action == policy::Action::kReject) {
    return ReplayChange::kNewlyRejected;
  }
  if (Delivers(before.action) && !Delivers(after.action)) {
    return ReplayChange::kNewlyHeld;
  }
  if (!Delivers(before.action) && Delivers(after.action)) {
    return ReplayChange::kNewlyFree;
  }
  if (Delivers(after.action)) {
    return after.action == policy::Action::kTag ? ReplayChange::kNewlyTagged
                                                : ReplayChange::kNoLongerTagged;
  }
  return ReplayChange::kOther;
}

ReplayMail CompareSides(const record::Decision& before, const record::Decision& after) {
  ReplayMail mail;
  mail.before = SideOf(before);
  mail.after = SideOf(after);
  mail.change = ChangeOf(mail.before, mail.after);
  mail.marked = record::HasMarking(before) || record::HasMarking(after);
  mail.from = after.envelope.sender.spelling();
  if (!mail.marked) {
    mail.subject = after.findings.subject;
  }
  for (const auto& [id, score] : mail.before.hits) {
    const auto other = mail.after.hits.find(id);
    if (other == mail.after.hits.end() || !Same(other->second, score)) {
      mail.because.push_back(id);
    }
  }
  for (const auto& [id, score] : mail.after.hits) {
    if (mail.before.hits.count(id) == 0) {
      mail.because.push_back(id);
    }
  }
  if (mail.because.empty() && mail.change != ReplayChange::kNone) {
    const bool keeps_more = mail.after.action > mail.before.action;
    mail.because.push_back("clause " + (keeps_more ? mail.after.clause : mail.before.clause));
  }
  return mail;
}

void ReplayReport::Add(ReplayMail mail, size_t examples) {
  ++compared;
  ++changes[static_cast<size_t>(mail.change)];
  for (const auto& [id, score] : mail.before.hits) {
    ++rules[id].hits_before;
  }
  for (const auto& [id, score] : mail.after.hits) {
    ++rules[id].hits_after;
  }
  if (mail.change == ReplayChange::kNone) {
    return;
  }
  const bool listed = mails.size() < kMostMails;
  for (const std::string& cause : mail.because) {
    ReplayRule& rule = rules[cause];
    ++rule.changes[static_cast<size_t>(mail.change)];
    if (listed && rule.examples.size() < examples) {
      rule.examples.push_back(mails.size());
    }
  }
  if (listed) {
    mails.push_back(std::move(mail));
  }
}

void ReplayReport::Finish() {
  for (auto it = rules.begin(); it != rules.end();) {
    const bool same =
        it->second.hits_before == it->second.hits_after && Consequences(it->second) == 0;
    it = same ? rules.erase(it) : std::next(it);
  }
}

std::vector<std::pair<std::string, const ReplayRule*>> ReplayReport::RulesInOrder() const {
  std::vector<std::pair<std::string, const ReplayRule*>> order;
  for (const auto& [id, rule] : rules) {
    order.emplace_back(id, &rule);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return Consequences(*a.second) > Consequences(*b.second);
  });
  return order;
}

}  // namespace gatepost::cli
