// A clause is unreachable when an enforced one above it holds whenever it does. That is looked for
// test by test: of the tests that must all hold in the lower clause, one has to imply each test of
// the upper. LIMITS: 64 alternatives of `any` in the lower clause; what is more is not looked at.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/policy/lint.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace gatepost::policy {

namespace {

constexpr size_t kMostAlternatives = 64;

// Which rules a test about a hit can mean, whatever the level found.
std::set<std::string> RulesOf(const Test& test, const ruleset::RuleSet& rules) {
  std::set<std::string> out;
  for (const ruleset::Rule& rule : rules.rules()) {
    if ((test.any_id || test.ids.count(rule.id) > 0) &&
        (test.groups.empty() || test.groups.count(rule.group) > 0) &&
        rule.severity >= test.severity) {
      out.insert(rule.id);
    }
  }
  return out;
}

template <typename Set>
bool Subset(const Set& small, const Set& large) {
  return std::includes(large.begin(), large.end(), small.begin(), small.end());
}

bool BitsWithin(uint8_t small, uint8_t large) { return (small & ~large) == 0; }

class Linter {
 public:
  Linter(const Policy::Clauses& policy, Diagnostics* diagnostics)
      : policy_(policy), rules_(*policy.rules), diagnostics_(diagnostics) {
    for (size_t i = 0; i < policy_.tests.size(); ++i) {
      if (policy_.tests[i].parent >= 0) {
        children_[static_cast<size_t>(policy_.tests[i].parent)].push_back(i);
      }
      if (policy_.tests[i].kind == Test::Kind::kHit) {
        meant_[i] = RulesOf(policy_.tests[i], rules_);
      }
    }
  }

  void Run() {
    for (size_t i = 0; i < policy_.clauses.size(); ++i) {
      const Clause& clause = policy_.clauses[i];
      if (NeverHolds(clause)) {
        continue;
      }
      for (size_t j = 0; j < i; ++j) {
        const Clause& earlier = policy_.clauses[j];
        if (!earlier.shadow && Covers(earlier, clause)) {
          Unreachable(clause, earlier);
          break;
        }
      }
    }
    UnusedRules();
  }

 private:
  using Kind = Test::Kind;
  const Test& At(size_t index) const { return policy_.tests[index]; }
  const std::vector<size_t>& ChildrenOf(size_t index) const {
    static const std::vector<size_t> none;
    const auto found = children_.find(index);
    return found == children_.end() ? none : found->second;
  }

  void Unreachable(const Clause& clause, const Clause& earlier) {
    std::string message = "the clause '" + clause.name + "' is never reached: '" + earlier.name +
                          "' in line " + std::to_string(earlier.place.line) + " ";
    message += earlier.when_text == "always" ? "takes every message"
               : earlier.when_text == clause.when_text
                   ? "has the same 'when'"
                   : "holds whenever it does (" + earlier.when_text + ")";
    diagnostics_->Warning(clause.place, message + ": move it up, narrow that one, or remove it");
  }

  // Tests that must hold together, `any` and `not` among them.
  void Collect(size_t root, std::vector<size_t>* out) const {
    std::vector<size_t> open = {root};
    while (!open.empty()) {
      const size_t index = open.back();
      open.pop_back();
      if (At(index).kind == Kind::kAll) {
        const auto& children = ChildrenOf(index);
        open.insert(open.end(), children.begin(), children.end());
      } else {
        out->push_back(index);
      }
    }
  }

  // The ways in which a clause can hold: sets of tests, one for each choice among its `any`s.
  std::vector<std::vector<size_t>> Ways(const Clause& clause) const {
    std::vector<std::vector<size_t>> ways(1);
    Collect(static_cast<size_t>(clause.root), &ways[0]);
    const std::vector<size_t> top = ways[0];
    for (const size_t index : top) {
      const auto& choices = ChildrenOf(index);
      if (At(index).kind != Kind::kAny || ways.size() * choices.size() > kMostAlternatives) {
        continue;
      }
      std::vector<std::vector<size_t>> more;
      for (const std::vector<size_t>& way : ways) {
        for (const size_t choice : choices) {
          more.push_back(way);
          Collect(choice, &more.back());
        }
      }
      ways = std::move(more);
    }
    return ways;
  }

  bool Covers(const Clause& earlier, const Clause& clause) const {
    const auto ways = Ways(clause);
    return std::all_of(ways.begin(), ways.end(), [&](const std::vector<size_t>& way) {
      return Implied(way, static_cast<size_t>(earlier.root));
    });
  }

  // Does `root` hold when all tests of `given` do? A subtree's tests stand behind its root, parents
  // before children.
  bool Implied(const std::vector<size_t>& given, size_t root) const {
    std::map<size_t, bool> holds;
    std::vector<size_t> order = {root};
    for (size_t at = 0; at < order.size(); ++at) {
      const auto& children = ChildrenOf(order[at]);
      order.insert(order.end(), children.begin(), children.end());
    }
    for (auto index = order.rbegin(); index != order.rend(); ++index) {
      const auto& children = ChildrenOf(*index);
      const auto so = [&](size_t child) { return holds[child]; };
      switch (At(*index).kind) {
        case Kind::kAll:
          holds[*index] = std::all_of(children.begin(), children.end(), so);
          break;
        case Kind::kAny:
          holds[*index] = std::any_of(children.begin(), children.end(), so);
          break;
        case Kind::kNot:
          holds[*index] = std::any_of(given.begin(), given.end(), [&](size_t one) {
            return At(one).kind == Kind::kNot && SameTree(one, *index);
          });
          break;
        default:
          holds[*index] = std::any_of(given.begin(), given.end(),
                                      [&](size_t one) { return Implies(one, *index); });
      }
    }
    return holds[root];
  }

  bool SameTree(size_t a, size_t b) const {
    std::vector<std::pair<size_t, size_t>> open = {{a, b}};
    while (!open.empty()) {
      const auto [x, y] = open.back();
      open.pop_back();
      const auto& left = ChildrenOf(x);
      const auto& right = ChildrenOf(y);
      const bool inner =
          At(x).kind == Kind::kAll || At(x).kind == Kind::kAny || At(x).kind == Kind::kNot;
      if (At(x).kind != At(y).kind || left.size() != right.size() ||
          (!inner && !(Implies(x, y) && Implies(y, x)))) {
        return false;
      }
      for (size_t i = 0; i < left.size(); ++i) {
        open.emplace_back(left[i], right[i]);
      }
    }
    return true;
  }

  static bool NumbersWithin(const Test& small, const Test& large) {
    return (!large.has_at_least || (small.has_at_least && small.at_least >= large.at_least)) &&
           (!large.has_below || (small.has_below && small.below <= large.below));
  }

  // a, a test that holds, makes b hold.
  bool Implies(size_t a, size_t b) const {
    const Test& one = At(a);
    const Test& other = At(b);
    if (one.kind != other.kind) {
      return false;
    }
    switch (one.kind) {
      case Kind::kInfected:
      case Kind::kKnownCorrespondent:
        return one.wanted == other.wanted;
      case Kind::kScore:
        return NumbersWithin(one, other);
      case Kind::kDirection:
      case Kind::kRole:
        return BitsWithin(one.bits, other.bits);
      case Kind::kHit:
        return Subset(meant_.at(a), meant_.at(b)) &&
               (other.bits == 0 || (one.bits != 0 && BitsWithin(one.bits, other.bits)));
      case Kind::kDefect:
        return (other.any_id || (!one.any_id && Subset(one.ids, other.ids))) &&
               one.grade >= other.grade;
      case Kind::kUnscannable:
        return other.any_id || (!one.any_id && Subset(one.ids, other.ids));
      case Kind::kFact: {
        const bool numbers = one.has_at_least || one.has_below;
        const std::set<std::string> few(one.values.begin(), one.values.end());
        const std::set<std::string> many(other.values.begin(), other.values.end());
        return one.name == other.name && one.wanted == other.wanted &&
               numbers == (other.has_at_least || other.has_below) &&
               (numbers ? NumbersWithin(one, other)
                        // a fact may have several values: any of a few is one of many
                        : Subset(few, many) || many.count("*") > 0);
      }
      case Kind::kSender:
      case Kind::kRecipient: {
        const std::set<std::string> few(one.values.begin(), one.values.end());
        const std::set<std::string> many(other.values.begin(), other.values.end());
        const std::set<const ruleset::List*> lists(one.lists.begin(), one.lists.end());
        const std::set<const ruleset::List*> more(other.lists.begin(), other.lists.end());
        return Subset(one.ids, other.ids) && Subset(few, many) && Subset(lists, more);
      }
      default:
        return false;
    }
  }

  // What can be told to be false for every message; the sentence ends the warning. "" nothing.
  std::string Impossible(size_t index) const {
    const Test& test = At(index);
    if (test.kind == Kind::kScore && test.has_at_least && test.has_below &&
        test.at_least >= test.below) {
      return "no score is at least " + Short(test.at_least) + " and below " + Short(test.below);
    }
    if (test.kind == Kind::kFact && test.has_at_least && test.has_below &&
        test.at_least >= test.below) {
      return "fact " + test.name + " is never at least " + Short(test.at_least) + " and below " +
             Short(test.below);
    }
    if (test.kind == Kind::kHit && meant_.at(index).empty()) {
      return std::string("no rule that is loaded has ") +
             (test.any_id ? "" : "one of these ids and ") +
             (test.groups.empty() ? "" : "one of these groups and ") + "severity " +
             ToString(test.severity) + " or above";
    }
    return {};
  }

  static std::string Short(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%g", value);
    return text.data();
  }

  bool NeverHolds(const Clause& clause) {
    std::vector<size_t> tests;
    Collect(static_cast<size_t>(clause.root), &tests);
    for (const size_t index : tests) {
      std::string why = Impossible(index);
      for (const size_t other : tests) {
        if (why.empty() && At(index).kind == Kind::kDirection &&
            At(other).kind == Kind::kDirection && (At(index).bits & At(other).bits) == 0) {
          why = "no copy goes two ways at once";
        }
        const bool opposite =
            (At(index).kind == Kind::kInfected || At(index).kind == Kind::kKnownCorrespondent) &&
            At(other).kind == At(index).kind && At(other).wanted != At(index).wanted;
        if (why.empty() && opposite) {
          why = "it asks for a thing and its opposite";
        }
      }
      if (!why.empty()) {
        diagnostics_->Warning(clause.place, "the clause '" + clause.name + "' never holds: " + why);
        return true;
      }
    }
    return false;
  }

  // A rule does something when a clause means it, a rule that does something asks for it, or its
  // score counts. One of severity info without a score is there for the log.
  void UnusedRules() {
    const auto& all = rules_.rules();
    bool by_score = false;
    for (const Clause& clause : policy_.clauses) {
      by_score = by_score || clause.by_score;
    }
    std::set<std::string> meant;
    for (const auto& [index, ids] : meant_) {
      meant.insert(ids.begin(), ids.end());
    }
    std::vector<bool> used(all.size(), false);
    for (size_t i = 0; i < all.size(); ++i) {
      used[i] = meant.count(all[i].id) > 0 || (all[i].score != 0 && by_score) ||
                policy_.marking_groups.count(all[i].group) > 0;
    }
    // Conditions stand behind what they ask for; those that do something pass it on.
    const auto& order = rules_.condition_order();
    for (auto at = order.rbegin(); at != order.rend(); ++at) {
      if (!used[*at] && all[*at].severity != ruleset::Severity::kInfo) {
        continue;
      }
      std::vector<const ruleset::Condition*> open = {&all[*at].condition};
      while (!open.empty()) {
        const ruleset::Condition* node = open.back();
        open.pop_back();
        for (const ruleset::Condition& child : node->children) {
          open.push_back(&child);
        }
        std::vector<size_t> named;
        if (node->kind == ruleset::Condition::Kind::kRule) {
          named = rules_.Named(node->name);
        } else if (node->kind == ruleset::Condition::Kind::kGroup) {
          named = rules_.InGroup(node->name);
        }
        for (const size_t index : named) {
          used[index] = true;
        }
      }
    }
    std::set<std::string> imported;
    for (const ruleset::Pack& pack : rules_.packs()) {
      if (!pack.imported.empty()) {
        imported.insert(pack.name);
      }
    }
    for (size_t i = 0; i < all.size(); ++i) {
      const ruleset::Rule& rule = all[i];
      // One with a group is found by it in the records and lists.
      // One that says `severity: info` is there for the log; where nobody said so, it is the
      // default.
      const bool for_the_log = rule.severity == ruleset::Severity::kInfo &&
                               (rule.severity_given || rule.part || imported.count(rule.pack) > 0);
      if (!used[i] && !for_the_log && rule.group.empty() && rule.mode == ruleset::Mode::kEnforce) {
        diagnostics_->Warning(
            rule.place,
            "rule " + rule.id +
                " changes nothing: no clause of the policy and no other rule asks "
                "for it or its severity, and " +
                (rule.score == 0 ? "its score is 0" : "no clause looks at the score") +
                "; give it a score or a group, name it in a clause, or set severity: info");
      }
    }
  }

  const Policy::Clauses& policy_;
  const ruleset::RuleSet& rules_;
  Diagnostics* diagnostics_;
  std::map<size_t, std::vector<size_t>> children_;  // of tests
  std::map<size_t, std::set<std::string>> meant_;   // per test about a hit: ids of rules
};

}  // namespace

void LintPolicy(const Policy::Clauses& policy, Diagnostics* diagnostics) {
  Linter(policy, diagnostics).Run();
}

}  // namespace gatepost::policy
