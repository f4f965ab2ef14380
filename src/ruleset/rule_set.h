// YAML to rules: whole or not at all. Every broken rule is named with file:line:column and what to
// do. Later folders override earlier ones by rule id. Packs, macros, lists and examples.
// The YAML format is documented in src/ruleset/README.md.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/result.h"
#include "src/text/view.h"

namespace gatepost::ruleset {

enum class Mode : uint8_t { kShadow, kEnforce };
enum class Severity : uint8_t { kInfo, kLow, kMedium, kHigh, kCritical };
// How secret a marking is; kFromMatch: the strongest level word in the matched text.
enum class Level : uint8_t { kNone, kMat, kToiMat, kTuyetMat, kOther, kFromMatch };
const char* ToString(Mode mode);
const char* ToString(Severity severity);
const char* ToString(Level level);  // "", "mat", "toi-mat", "tuyet-mat", "other", "from-match"

// A macro-expanded expression with where it was written.
struct Expression {
  std::string written;
  std::string expanded;
  Place place;
  bool utf8 = false;           // has non-ASCII letters or code points above 7F: HS_FLAG_UTF8
  bool line_anchored = false;  // ^ or $ outside of <B>, <E> and classes: sees lines, not paragraphs
};

// One step of a `calc`, in the order of a calculator with a stack.
struct CalcStep {
  enum class Op : uint8_t {
    kNumber,
    kValue,
    kNot,
    kNegate,
    kMultiply,
    kDivide,
    kAdd,
    kSubtract,
    kLess,
    kLessEqual,
    kGreater,
    kGreaterEqual,
    kEqual,
    kNotEqual,
    kAnd,
    kOr
  };
  Op op = Op::kNumber;
  double number = 0;
  uint32_t child = 0;  // kValue: which child's count
};

// Condition rules (and clauses' "rules" conditions): a tree evaluated over hits and facts. Moved,
// never copied: copying would recurse over what was read.
struct Condition {
  Condition() = default;
  Condition(const Condition&) = delete;
  Condition(Condition&&) noexcept = default;
  Condition& operator=(const Condition&) = delete;
  Condition& operator=(Condition&&) noexcept = default;
  ~Condition() = default;
  enum class Kind { kAll, kAny, kNot, kCount, kRule, kGroup, kFact, kList, kCalc };
  Kind kind = Kind::kAll;
  std::vector<Condition> children;  // kAll, kAny, kNot (one), kCount; kCalc: rules
  int64_t at_least = 1;             // kCount: how many children; kRule: how many places in text
  std::string name;                 // rule id or glob (VNS-0*), group, fact, list
  enum class Test { kExists, kEquals, kMatches, kLess, kGreater, kInList } test = Test::kExists;
  std::vector<std::string> values;  // kFact: any of these (globs for kMatches)
  double number = 0;
  std::vector<text::Zone> zones;  // kRule: only matches in these zones count; empty: all
  std::vector<CalcStep> steps;    // kCalc
  int64_t within_lines = 0;       // kAll of kRule children: hits within so many lines, same view
  Place place;
};

struct Example {
  bool should_match = true;
  text::Zone zone;   // of text rules; never empty
  std::string text;  // of text rules
  // A whole message instead, inspected as mail (inspect::RunMailExamples): the file, and which way
  // it goes. "" none.
  std::string file;
  std::shared_ptr<const std::string> mail;  // its content; null where `file` is ""
  enum class Way : uint8_t { kInbound, kOutbound, kInternal } way = Way::kInbound;
  std::map<std::string, std::string> facts;  // of condition rules: the facts and rules given
  std::vector<std::string> rules;            // in places enough for any condition
  std::vector<std::string> rules_once;       // in one place ("ID once" in the file)
  Place place;
};

// A pack's header: what a person reads in `rules list`.
struct Pack {
  std::string name;
  std::string version;
  std::string title_en, title_vi;
  std::string jurisdiction;
  std::string law;
  std::string reviewed_by;
  std::vector<std::string> sources;
  std::string imported;  // from what `gatepost rules import` made it; its rules need no examples
  bool on = true;        // false: its rules are in shadow mode
  size_t rules = 0;      // how many of the set's rules are its
  Place place;
};

struct Rule {
  std::string id;
  std::string title_en, title_vi;
  std::string why;
  std::string pack;
  std::string group;
  std::string basis;
  std::vector<text::Zone> zones;  // expanded: no `any`
  text::Form form = text::Form::kNfc;
  bool caseless = false;
  uint32_t first_lines = 0;  // 0: all
  uint32_t times = 0;        // so many matches count at most, then the search ends; 0: all
  bool part = false;         // for conditions only: never shown, never scored
  std::vector<Expression> match;
  std::vector<Expression> mask, unless;  // always caseless
  std::vector<std::string> lists;        // match when an address/domain/name in the zone is listed
  bool has_condition = false;
  Condition condition;
  Level level = Level::kNone;
  double score = 0;
  Severity severity = Severity::kInfo;
  bool severity_given = false;  // false: nobody wrote it, kInfo is the default
  bool log_snippet = true;      // false: never store the matched text
  Mode mode = Mode::kEnforce;
  std::vector<Example> examples;
  Place place;
  std::string overrides;  // "file:line" of the rule it replaced; "" none
  bool package = false;   // of a package's folder, not the site's own
  bool arrived = false;   // new in a package and in shadow until accepted (Sources::known_rules)
  std::string digest;     // of its text without comments, its expanded expressions and its mode
};

// A named list of addresses, domains, file-name endings, words or digests (README: "Lists").
class List {
 public:
  virtual ~List() = default;
  // Is the key, an address, a domain or a word, listed? ASCII case does not count. An address is
  // listed when itself or its domain is; all its plausible domains are tried (mail::Address).
  virtual bool Contains(std::string_view key) const = 0;
  virtual size_t size() const = 0;
  // As spelled, in the order of the file.
  virtual const std::vector<std::string>& entries() const = 0;
};

// The file that a list is read from.
struct ListFile {
  std::string list;
  size_t folder = 0;
  std::string relative;  // below the folder
  std::string path;      // as people see it
};

// A rule that a later folder's rule of the same id hides.
struct HiddenRule {
  std::string id;
  Place place;
  std::string digest;
  bool package = false;  // the hidden one is a package's
  Place by;
};

class Sources;

// `*` any run (empty too), `?` one byte; all else itself. Linear in text for one star, never worse
// than text times pattern.
bool GlobMatches(std::string_view pattern, std::string_view text);

// Immutable after Load; any thread may read.
class RuleSet {
 public:
  // Folders (or single files) in order, later ones over earlier by rule id; warnings and errors go
  // to diagnostics. No expression is compiled here (scan::Scanner does), no example run.
  static Result<std::shared_ptr<const RuleSet>> Load(const std::vector<std::string>& folders,
                                                     Diagnostics* diagnostics);
  // The same from files read once; what is still to be read is read and remembered in *sources.
  static Result<std::shared_ptr<const RuleSet>> Load(Sources* sources, Diagnostics* diagnostics);

  // Ordered by id.
  const std::vector<Rule>& rules() const { return *rules_; }
  // Ordered by name.
  const std::vector<Pack>& packs() const { return packs_; }
  // Indices of the condition rules, each behind all those that it refers to.
  const std::vector<size_t>& condition_order() const { return condition_order_; }
  // Indices of the rules that a condition names: an id, a glob of ids (`*`, `?`), or all of a
  // group.
  std::vector<size_t> Named(std::string_view id_or_glob) const;
  std::vector<size_t> InGroup(std::string_view group) const;
  const Rule* Find(std::string_view id) const;
  // Index into rules(), or -1.
  int IndexOf(std::string_view id) const;
  // Null: no such list.
  const List* FindList(std::string_view name) const;
  std::vector<std::string> ListNames() const;
  // Lists that have a file of their own, ordered by name.
  const std::vector<ListFile>& list_files() const { return list_files_; }
  const std::vector<HiddenRule>& hidden() const { return hidden_; }
  // Hex SHA-256 over the sources, stable across machines; the generation's name for rules.
  const std::string& version() const { return version_; }
  // What the text room must build.
  const text::Wanted& wanted() const { return wanted_; }

 private:
  friend class Loader;
  // Shared by copies of the set; written by the loader only.
  std::shared_ptr<std::vector<Rule>> rules_ = std::make_shared<std::vector<Rule>>();
  std::vector<Pack> packs_;
  std::vector<size_t> condition_order_;
  std::unordered_map<std::string, size_t> by_id_;
  std::map<std::string, std::shared_ptr<const List>, std::less<>> lists_;
  std::vector<ListFile> list_files_;
  std::vector<HiddenRule> hidden_;
  std::string version_;
  text::Wanted wanted_;
};

}  // namespace gatepost::ruleset
