// The difference between two generations over the mail of the past: counted, with examples. Plain
// data; how it is shown is in replay_show.h.
// LIMITS: 20,000 changed messages are kept with their details, all are counted.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/record/decision.h"

namespace gatepost::cli {

// What one generation says of one message.
struct ReplaySide {
  policy::Action action = policy::Action::kAccept;
  std::string clause;
  double score = 0;
  std::map<std::string, double> hits;  // enforced and not taken by an exception: id, score
  std::vector<policy::Action> copies;  // per recipient
};
ReplaySide SideOf(const record::Decision& decision);

enum class ReplayChange : uint8_t {
  kNone,
  kNewlyHeld,      // delivered before, now held (or deferred) for somebody
  kNewlyRejected,  // not rejected before
  kNewlyFree,      // kept from somebody before, delivered now
  kNewlyTagged,
  kNoLongerTagged,
  kOther,  // rejected before and held now, or held for other recipients
};
constexpr size_t kReplayChanges = 7;
const char* ToString(ReplayChange change);  // "newly-held"
ReplayChange ChangeOf(const ReplaySide& before, const ReplaySide& after);

struct ReplayMail {
  std::string name;
  std::string from;
  std::string subject;  // "" where a marking was found
  bool marked = false;
  ReplayChange change = ReplayChange::kNone;
  ReplaySide before, after;
  // What makes the difference: enforced hits that only one side has or that weigh otherwise; where
  // there is none, "clause NAME" of the policy.
  std::vector<std::string> because;
};
ReplayMail CompareSides(const record::Decision& before, const record::Decision& after);

struct ReplayRule {
  uint64_t hits_before = 0, hits_after = 0;  // messages
  std::array<uint64_t, kReplayChanges> changes{};
  std::vector<size_t> examples;  // indices into ReplayReport::mails
};

struct ReplayReport {
  // Where it comes from.
  std::string on, kind;
  std::vector<std::string> rules_before, rules_after;
  std::string policy_before, policy_after;
  std::vector<std::string> notes;  // what a reader must know, one sentence each
  std::string at;                  // RFC 3339

  uint64_t total = 0;     // messages found
  uint64_t compared = 0;  // less where it was interrupted
  uint64_t older = 0;     // left out by --since
  uint64_t failed = 0;    // could not be read or inspected
  bool interrupted = false;
  double seconds = 0;
  std::array<uint64_t, kReplayChanges> changes{};
  std::map<std::string, ReplayRule> rules;  // those whose hits or effects differ
  std::vector<ReplayMail> mails;            // that changed

  // examples: how many of them each rule lists. Counts the message in.
  void Add(ReplayMail mail, size_t examples);
  // Takes out rules that are the same on both sides. Call once, at the end.
  void Finish();
  // Most consequences first.
  std::vector<std::pair<std::string, const ReplayRule*>> RulesInOrder() const;
};

}  // namespace gatepost::cli
