// What a Scanner holds: the rules in the shape in which they run, and one thread's working memory.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/ruleset/rule_set.h"
#include "src/scan/hyperscan.h"
#include "src/scan/pcre2.h"
#include "src/scan/scanner.h"

namespace gatepost::scan {

constexpr int32_t kNoDatabase = -1;
constexpr uint32_t kNoMask = UINT32_MAX;
constexpr uint32_t kMostPlaces = 64;  // kept of a rule in one view

// A text rule as it is confirmed.
struct TextRule {
  struct Expression {
    Pattern pattern;
    bool anchored;  // sees lines
  };
  std::vector<Expression> match;
  std::vector<Pattern> unless;
  std::vector<const ruleset::List*> lists;
  uint32_t mask = kNoMask;
  uint32_t first_lines = 0;
  uint32_t times = 0;
};

// Rules with the same `mask` share one; it is applied to a paragraph once.
struct Mask {
  std::vector<Pattern> patterns;
};

// What a reported id of a database means.
struct Target {
  bool is_mask = false;
  uint32_t index = 0;  // rule or mask
};

struct Database {
  HsDatabase compiled;
  std::vector<Target> targets;    // by id
  std::vector<bool> prefiltered;  // by id
  std::string name;               // "nfc 1, lines"
  double cpu_ms = 0;
};

// What to do with a view of one zone and form.
struct Plan {
  int32_t lines = kNoDatabase;                // for the view as it is
  int32_t paragraphs = kNoDatabase;           // for the view with its soft line ends as spaces
  std::vector<bool> active;                   // per rule: does it look here?
  std::vector<uint32_t> listing;              // active rules with `lists`
  std::vector<std::vector<uint32_t>> masked;  // per mask: active rules that have it
};

// A node of a condition, behind its children.
struct ConditionNode {
  const ruleset::Condition* source = nullptr;
  std::vector<uint32_t> children;  // nodes
  std::vector<uint32_t> rules;     // kRule and kGroup: whom it names. kAny whose children all have
                                   // places: whom they name
  bool placed = false;             // all of `rules` have places in the text or may have
  const ruleset::List* list = nullptr;
  bool glob = false;  // kFact and kList: names more than one fact
};

struct ConditionRule {
  uint32_t rule = 0;
  std::vector<ConditionNode> nodes;
};

// A place in a paragraph, and which of a rule's expressions found it (Match::expression).
struct Found {
  Range range;
  uint32_t expression = 0;
};

// Reused from view to view, so that an ordinary view costs no allocation.
struct Work {
  HsScratch scratch;
  Matcher matcher;
  std::string paragraphs;            // the view's text with soft line ends as spaces
  std::string masked;                // one paragraph, masked
  std::vector<uint32_t> ends;        // offsets of hard line ends, and the size
  std::vector<uint64_t> candidates;  // rule << 32 | paragraph
  std::vector<uint64_t> last;        // per id: view << 32 | paragraph that was reported last
  std::vector<bool> everywhere;      // per rule: too many candidates, so all paragraphs are
  std::vector<Found> ranges;
};

struct Program {
  std::shared_ptr<const ruleset::RuleSet> rules;
  std::vector<TextRule> text;  // per rule; empty for condition rules
  std::vector<Mask> masks;
  std::vector<Database> databases;
  std::map<std::pair<text::Zone, text::Form>, Plan> plans;
  std::vector<ConditionRule> conditions;  // in an order in which they can be evaluated
  mutable Work work;
};

// The parts of Scanner::Compile. Each reports to diagnostics.
void BuildPatterns(Program* program, Diagnostics* diagnostics);
void BuildDatabases(const CompileOptions& options, Program* program, Diagnostics* diagnostics);
void BuildConditions(Program* program);

}  // namespace gatepost::scan
