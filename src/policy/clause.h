// The loaded form of a policy: clauses, and one flat list of tests for all of them. Private to the
// room (policy.h is the way in).
// LIMITS: 500 clauses, 20,000 tests.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/yaml.h"
#include "src/policy/policy.h"
#include "src/ruleset/rule_set.h"

namespace gatepost::policy {

// One test of a `when`. Tests stand in one vector, a parent always before its children, so that
// evaluating from the end to the front needs no recursion.
struct Test {
  enum class Kind : uint8_t {
    kAll,
    kAny,
    kNot,  // of the children
    kInfected,
    kScore,
    kHit,
    kDefect,
    kUnscannable,
    kFact,
    kSender,  // about the message
    kDirection,
    kRecipient,
    kRole,
    kKnownCorrespondent,  // about one recipient
  };
  Kind kind = Kind::kAll;
  int parent = -1;      // index; -1: the root of a clause
  bool wanted = true;   // kInfected, kKnownCorrespondent, kFact of true/false
  uint8_t bits = 0;     // kDirection, kRole: a bit for each that fits; kHit: levels
  double at_least = 0;  // kScore, kFact above
  double below = 0;     // kScore, kFact
  bool has_at_least = false, has_below = false;
  std::string name;                 // kFact
  std::vector<std::string> values;  // kFact (globs); kSender, kRecipient: domains
  std::set<std::string> ids;  // kHit: rules; kDefect: names; kUnscannable: reasons; k*er: addresses
  std::set<std::string> groups;                           // kHit
  bool any_id = true;                                     // ids does not restrict
  ruleset::Severity severity = ruleset::Severity::kInfo;  // kHit: at least
  mail::Grade grade = mail::Grade::kA;                    // kDefect: at least
  std::vector<const ruleset::List*> lists;                // kSender, kRecipient
};

struct Clause {
  std::string name, why, basis, category;
  bool shadow = false;
  Action action = Action::kAccept;
  std::string code, text_en, text_vi;
  bool store = true;
  bool whole_message = false;  // scope: message
  bool by_score = false;       // some test of it looks at the score
  int root = 0;                // index of its first test
  std::string when_text;       // as understood, for ToString
  Place place;
};

struct Policy::Clauses {
  std::string version;
  Thresholds thresholds;
  std::set<std::string> marking_groups{"vn-level", "vn-level-maybe", "marking-foreign"};
  ruleset::Severity marking_severity = ruleset::Severity::kLow;
  std::vector<Clause> clauses;  // in order; the implicit ones at the end
  std::vector<Test> tests;
  // Keeps the lists alive that tests point to.
  std::shared_ptr<const ruleset::RuleSet> rules;
};

// '*' any run, '?' any one byte. Linear in text times the stars' restarts; both are short.
bool GlobMatches(std::string_view glob, std::string_view text);

// Both domains that an address shows must lie in `domain` (".x": strictly below x), so that
// user%elsewhere@trusted.example is not taken for trusted.
bool AtDomain(const mail::Address& address, const std::string& domain);

// Reads `when` (a map, nested by all, any, not) and appends its tests. Returns the index of its
// root; problems go to diagnostics. *text: one line as understood.
int LoadWhen(const YamlNode& node, const ruleset::RuleSet& rules,
             const Policy::Thresholds& thresholds, std::vector<Test>* tests, std::string* text,
             bool* by_score, Diagnostics* diagnostics);

// What a reply must be: ASCII, short, of the class of its action, and silent on what was found.
void LintReply(const Clause& clause, const Place& place, const ruleset::RuleSet& rules,
               Diagnostics* diagnostics);

}  // namespace gatepost::policy
