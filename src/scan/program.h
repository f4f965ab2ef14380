// What a Scanner holds: the rules in the shape in which they run, and one thread's working memory.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/ruleset/rule_set.h"
#include "src/scan/hyperscan.h"
#include "src/scan/letters.h"
#include "src/scan/literal.h"
#include "src/scan/pcre2.h"
#include "src/scan/scanner.h"
#include "src/scan/sieve.h"
#include "src/scan/starts.h"
#include "src/scan/times.h"
#include "src/scan/trial.h"

namespace gatepost::scan {

constexpr int32_t kNoDatabase = -1;
constexpr uint32_t kNoMask = UINT32_MAX;
constexpr uint32_t kEvery = UINT32_MAX;  // in place of an expression: all of the rule's
constexpr uint32_t kMostPlaces = 64;     // kept of a rule in one view

// Who says where an expression may match.
enum class Engine : uint8_t {
  kNear,        // words that each match contains; it is tried where one stands
  kStarts,      // the few ways in which it begins; it is tried there
  kHyperscan,   // its database; the whole paragraph is tried
  kEverywhere,  // nobody: every paragraph is tried
};

// A text rule as it is confirmed.
struct TextRule {
  struct Expression {
    Pattern pattern;
    bool anchored = false;  // sees lines
    Engine engine = Engine::kHyperscan;
    bool careful = false;  // its searches in long texts count every step
    bool endless = false;  // a match may be of any length
    bool huge = false;     // more than Hyperscan is asked to compile
    bool spare = false;    // Hyperscan can tell of one paragraph whether it matches there
    Fold fold = Fold::kLower;
    Required required;  // kNear; of kHyperscan, where it has some, for people
    // kEverywhere: a paragraph of ASCII alone is tried only where one of the words stands.
    bool words_in_ascii = false;
    // kStarts, and of words_in_ascii in paragraphs beyond ASCII, if above 0 (Starts::bits).
    double start_bits = 0;
    std::unique_ptr<Letters> letters;  // kEverywhere: in place of the pattern; mostly null
    std::unique_ptr<Trial> trial;      // kNear: does it begin where the word lets it? May be null
    std::string hyperscan;             // kHyperscan: what the database has
    bool prefilter = false;            // ... which is only like it
    std::string refused;               // why Hyperscan does not have it; for people
    double compile_ms = 0;             // of PCRE2
  };
  std::vector<Expression> match;
  std::vector<Pattern> unless;
  std::vector<const ruleset::List*> lists;
  uint32_t mask = kNoMask;
  uint32_t first_lines = 0;
  uint32_t times = 0;  // so many matches are enough; 0: all
};

// Rules with the same `mask` share one; it is applied to a paragraph once.
struct Mask {
  std::vector<Pattern> patterns;
  bool everywhere = false;  // Hyperscan does not tell where
};

// What a reported id of a database means.
struct Target {
  bool is_mask = false;
  uint32_t index = 0;  // rule or mask
  uint32_t expression = 0;
};

// The words of the expressions of one plan that are found by words of one fold.
struct Net {
  struct Word {
    uint32_t rule;
    uint32_t expression;
    uint32_t least, most;  // see Literal
    Trial* trial;          // of the expression; may be null
  };
  Fold fold;
  Sieve sieve;
  std::vector<Word> words;  // by id
  Shared shared;
};
constexpr int32_t kNoNet = -1;

// The same of those that are found by their beginnings.
struct Beginnings {
  std::unique_ptr<Trial> trial;
  std::vector<Net::Word> words;  // by id; a match begins where the "word" does
  Shared shared;
};

struct Database {
  HsDatabase compiled;
  std::vector<Target> targets;    // by id
  std::vector<bool> prefiltered;  // by id
  std::string name;               // "nfc 1, lines"
  Shared shared;
  double cpu_ms = 0;
};

// What to do with a view of one zone and form.
struct Plan {
  int32_t lines = kNoDatabase;       // for the view as it is
  int32_t paragraphs = kNoDatabase;  // for the view with its soft line ends as spaces
  // Asked about one paragraph only, where the words of a kNear expression stand too often.
  int32_t spare_lines = kNoDatabase;
  int32_t spare_paragraphs = kNoDatabase;
  std::array<int32_t, kFoldCount> nets = {kNoNet, kNoNet};
  int32_t beginnings = kNoNet;
  int32_t beginnings_beyond = kNoNet;  // asked of paragraphs with bytes from 80 up only
  std::vector<std::pair<uint32_t, uint32_t>> everywhere;  // active rules and their expressions
                                                          // (or kEvery)
  std::vector<bool> active;                               // per rule: does it look here?
  std::vector<uint32_t> listing;                          // active rules with `lists`
  std::vector<std::vector<uint32_t>> masked;              // per mask: active rules that have it
};

// A node of a condition, behind its children.
struct ConditionNode {
  const ruleset::Condition* source = nullptr;
  std::vector<uint32_t> children;  // nodes
  std::vector<uint32_t> rules;     // kRule and kGroup: whom it names. kAny whose children all have
                                   // places: whom they name
  bool placed = false;             // all of `rules` have places in the text or may have
  const ruleset::List* list = nullptr;
  bool glob = false;     // kFact and kList: names more than one fact
  bool of_calc = false;  // a value of a kCalc, which looks at `rules` itself
};

struct ConditionRule {
  uint32_t rule = 0;
  std::vector<ConditionNode> nodes;
  bool asks_facts = false;  // or lists of them
  // What comes of it while none of the rules that it names has hit: without facts, it is not
  // evaluated then.
  bool holds_idle = false;
  uint32_t times_idle = 0;
  // Nodes of each of which some rule must have hit: while one has none, it does not hold. Of 800
  // imported conditions tens name a rule that every mail hits, and nearly all of them end here.
  std::vector<uint32_t> gates;
};

// A place in a paragraph, and which of a rule's expressions found it (Match::expression).
struct Found {
  Range range;
  uint32_t expression = 0;
};

// Where a rule may match in a view, and what says so.
struct Candidate {
  uint32_t rule = 0;
  uint32_t paragraph = 0;
  uint32_t expression = 0;          // kEvery: all of the rule's
  uint32_t at = 0;                  // where the word stands
  const Net::Word* word = nullptr;  // null: the whole paragraph is to be tried
};
// Reused from view to view, so that an ordinary view costs no allocation.
struct Work {
  HsScratch scratch;
  Matcher matcher;
  std::string paragraphs;      // the view's text with soft line ends as spaces
  std::string masked;          // one paragraph, masked
  std::vector<uint32_t> ends;  // offsets of hard line ends, and the size
  std::string folded;          // for a net
  std::vector<uint32_t> kept;  // where its characters stand in the text
  std::vector<Candidate> candidates, sorted;
  std::vector<uint32_t> of_rule;       // per rule: how many, then where they stand
  std::vector<uint32_t> last;          // per id: paragraph that was reported last
  std::vector<Range> windows;          // beginnings of matches, in one line or paragraph
  std::vector<uint32_t> beyond_ascii;  // paragraphs
  std::vector<bool> everywhere;        // per rule: too many candidates, so all paragraphs are
  std::vector<Found> ranges;
  Trial::Budget trials;
};

struct Program {
  std::shared_ptr<const ruleset::RuleSet> rules;
  std::vector<TextRule> text;  // per rule; empty for condition rules
  std::vector<Mask> masks;
  std::vector<Database> databases;
  std::vector<Net> nets;
  std::vector<Beginnings> beginnings;
  std::map<std::pair<text::Zone, text::Form>, Plan> plans;
  std::vector<ConditionRule> conditions;        // in an order in which they can be evaluated
  std::vector<std::vector<uint32_t>> asked_by;  // per rule: conditions that name it
  std::vector<bool> enforced;                   // per rule: its mode, where a rule is far to fetch
  mutable Work work;
};

// The parts of Scanner::Compile. Each reports to diagnostics.
void BuildPatterns(const CompileOptions& options, Program* program, Diagnostics* diagnostics);
void BuildDatabases(const CompileOptions& options, Program* program, Diagnostics* diagnostics);
void BuildConditions(Program* program);

}  // namespace gatepost::scan
