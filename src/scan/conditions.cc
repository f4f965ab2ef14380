// Conditions over hits and facts. A condition is a row of nodes, children first, so that one walk
// from left to right evaluates it.
// LIMITS: `within_lines` looks at the 64 places a rule and view that Scan keeps.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <tuple>

#include "src/ruleset/calc.h"
#include "src/ruleset/condition.h"
#include "src/scan/late.h"
#include "src/scan/level.h"
#include "src/scan/program.h"

namespace gatepost::scan {

namespace {

using ruleset::Condition;
using ruleset::Level;
using ruleset::Mode;
using ruleset::Rule;
using text::TextView;

// A place, for being near another: the same text in any form, and where in it.
struct Spot {
  uint32_t text;
  uint32_t paragraph;
  uint32_t child;
};

// One evaluation of one or all conditions.
class Evaluation {
 public:
  // `views` null: an example, whose places are all in one text and in every zone. `sees_all`:
  // shadow rules count for enforced conditions too.
  Evaluation(const Program& program, const Facts& facts, const std::vector<TextView>* views,
             bool sees_all, Matches* matches)
      : program_(program), facts_(facts), views_(views), sees_all_(sees_all), matches_(matches) {
    if (views == nullptr) {
      return;
    }
    std::map<std::tuple<std::string_view, uint32_t, std::string_view, std::string_view>, uint32_t>
        numbers;
    for (const TextView& view : *views) {
      text_of_.push_back(
          numbers
              .emplace(std::make_tuple(std::string_view(view.zone), view.leaf,
                                       std::string_view(view.part), std::string_view(view.path)),
                       static_cast<uint32_t>(numbers.size()))
              .first->second);
    }
  }

  // A rule in shadow mode that counts as enforced.
  void Enforce(uint32_t rule) { as_enforced_ = rule; }

  bool Holds(const ConditionRule& condition) {
    enforced_ = IsEnforced(condition.rule) && !sees_all_;
    counts_.assign(condition.nodes.size(), 0);
    for (size_t i = 0; i < condition.nodes.size(); ++i) {
      counts_[i] = Count(condition, condition.nodes[i]);
    }
    return counts_.back() > 0;
  }

  // After Holds: the value of a `calc` that is the whole condition, else 1.
  uint32_t Times(const ConditionRule& condition) const {
    const bool calc = condition.nodes.back().source->kind == Condition::Kind::kCalc;
    return calc ? static_cast<uint32_t>(std::clamp<int64_t>(counts_.back(), 1, UINT16_MAX)) : 1;
  }

  // The strongest level of the rules that a condition names and that hit.
  Level LevelOf(const ConditionRule& condition) const {
    Level level = Level::kNone;
    for (const ConditionNode& node : condition.nodes) {
      for (const uint32_t rule : node.rules) {
        if (Sees(rule)) {
          level = Stronger(level, matches_->levels[rule]);
        }
      }
    }
    return level;
  }

 private:
  bool IsEnforced(uint32_t rule) const {
    return rule == as_enforced_ || program_.rules->rules()[rule].mode == Mode::kEnforce;
  }
  bool Sees(uint32_t rule) const { return matches_->hit[rule] && (!enforced_ || IsEnforced(rule)); }

  // 0: does not hold; a `rule` that is a glob counts every rule that hit.
  int64_t Count(const ConditionRule& condition, const ConditionNode& node) const {
    const auto holds = [&](uint32_t child) { return counts_[child] > 0; };
    switch (node.source->kind) {
      case Condition::Kind::kAll:
        return std::all_of(node.children.begin(), node.children.end(), holds) &&
                       (node.source->within_lines == 0 || Near(condition, node))
                   ? 1
                   : 0;
      case Condition::Kind::kAny:
        return std::any_of(node.children.begin(), node.children.end(), holds) ? 1 : 0;
      case Condition::Kind::kNot:
        return std::none_of(node.children.begin(), node.children.end(), holds) ? 1 : 0;
      case Condition::Kind::kCount: {
        int64_t sum = 0;
        for (const uint32_t child : node.children) {
          sum += counts_[child];
        }
        return sum >= node.source->at_least ? 1 : 0;
      }
      case Condition::Kind::kRule:
        return std::count_if(node.rules.begin(), node.rules.end(),
                             [&](uint32_t rule) { return RuleHolds(node, rule); });
      case Condition::Kind::kCalc:
        return Calc(condition, node);
      case Condition::Kind::kGroup:
        return std::any_of(node.rules.begin(), node.rules.end(),
                           [&](uint32_t rule) { return Sees(rule); })
                   ? 1
                   : 0;
      case Condition::Kind::kFact:
      case Condition::Kind::kList:
        return FactHolds(node) ? 1 : 0;
    }
    return 0;
  }

  // Values are how often the rules hit; what is above 0 holds, and counts 1 at least.
  int64_t Calc(const ConditionRule& condition, const ConditionNode& node) const {
    std::vector<double> values;
    for (const uint32_t child : node.children) {
      double sum = 0;
      for (const uint32_t rule : condition.nodes[child].rules) {
        sum += Sees(rule) ? std::max<uint32_t>(matches_->counts[rule], 1) : 0;
      }
      values.push_back(sum);
    }
    const double value = ruleset::Calculate(node.source->steps, values);
    return value == 0 ? 0 : std::max<int64_t>(static_cast<int64_t>(value), 1);
  }

  std::pair<size_t, size_t> PlacesOf(uint32_t rule) const {
    const auto& places = matches_->places;
    const auto range =
        std::equal_range(places.begin(), places.end(), MatchPlace{rule, 0, 0},
                         [](const MatchPlace& a, const MatchPlace& b) { return a.rule < b.rule; });
    return {static_cast<size_t>(range.first - places.begin()),
            static_cast<size_t>(range.second - places.begin())};
  }

  bool RuleHolds(const ConditionNode& node, uint32_t rule) const {
    if (!Sees(rule)) {
      return false;
    }
    const Condition& source = *node.source;
    if (source.zones.empty() && source.at_least <= 1) {
      return true;
    }
    // So many places in one text: a second reading of the same part does not double them.
    std::map<uint32_t, int64_t> in_view;
    const auto [begin, end] = PlacesOf(rule);
    for (size_t i = begin; i < end; ++i) {
      const MatchPlace& place = matches_->places[i];
      const bool in_zone = source.zones.empty() || views_ == nullptr ||
                           std::find(source.zones.begin(), source.zones.end(),
                                     (*views_)[place.view].zone) != source.zones.end();
      if (in_zone && ++in_view[place.view] >= source.at_least) {
        return true;
      }
    }
    return false;
  }

  // Do all children that have places stand within so many lines of each other in one text?
  bool Near(const ConditionRule& condition, const ConditionNode& node) const {
    std::vector<Spot> spots;
    uint32_t wanted = 0;
    for (const uint32_t child : node.children) {
      const ConditionNode& named = condition.nodes[child];
      if (!named.placed) {
        continue;
      }
      for (const uint32_t rule : named.rules) {
        if (!Sees(rule)) {
          continue;
        }
        const auto [begin, end] = PlacesOf(rule);
        for (size_t i = begin; i < end; ++i) {
          const MatchPlace& place = matches_->places[i];
          spots.push_back({views_ == nullptr ? 0 : text_of_[place.view], place.paragraph, wanted});
        }
      }
      ++wanted;
    }
    std::sort(spots.begin(), spots.end(), [](const Spot& a, const Spot& b) {
      return std::tie(a.text, a.paragraph, a.child) < std::tie(b.text, b.paragraph, b.child);
    });
    // A window over the sorted places that holds each child at least once.
    std::vector<uint32_t> inside(wanted, 0);
    uint32_t present = 0;
    size_t tail = 0;
    for (const Spot& head : spots) {
      present += inside[head.child]++ == 0 ? 1 : 0;
      while (spots[tail].text != head.text ||
             head.paragraph - spots[tail].paragraph > node.source->within_lines) {
        present -= --inside[spots[tail].child] == 0 ? 1 : 0;
        ++tail;
      }
      if (present == wanted) {
        return true;
      }
    }
    return false;
  }

  bool FactHolds(const ConditionNode& node) const {
    const Condition& source = *node.source;
    const bool is_list = source.kind == Condition::Kind::kList;
    const std::string& name = is_list ? source.values[0] : source.name;
    if (!node.glob) {
      const auto fact = facts_.find(name);
      return fact != facts_.end() && ValueHolds(node, fact->second);
    }
    return std::any_of(facts_.begin(), facts_.end(), [&](const auto& fact) {
      return ruleset::GlobMatches(name, fact.first) && ValueHolds(node, fact.second);
    });
  }

  // Any of the values, which stand with one space between them.
  static bool ValueHolds(const ConditionNode& node, const std::string& values) {
    if (node.source->test == Condition::Test::kExists) {
      return !values.empty();
    }
    for (size_t at = 0; at <= values.size();) {
      const size_t end = std::min(values.find(' ', at), values.size());
      const std::string value = values.substr(at, end - at);
      at = end + 1;
      if (!value.empty() && OneHolds(node, value)) {
        return true;
      }
    }
    return false;
  }

  static bool OneHolds(const ConditionNode& node, const std::string& value) {
    const Condition& source = *node.source;
    const std::string lower = AsciiLower(value);
    switch (source.test) {
      case Condition::Test::kExists:
        return true;
      case Condition::Test::kEquals:
        return std::find(source.values.begin(), source.values.end(), lower) != source.values.end();
      case Condition::Test::kMatches:
        return std::any_of(
            source.values.begin(), source.values.end(),
            [&](const std::string& glob) { return ruleset::GlobMatches(glob, lower); });
      case Condition::Test::kInList:
        return node.list != nullptr && node.list->Contains(value);
      case Condition::Test::kLess:
      case Condition::Test::kGreater: {
        double number = 0;
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), number);
        if (error != std::errc() || end != value.data() + value.size()) {
          return false;
        }
        return source.test == Condition::Test::kLess ? number < source.number
                                                     : number > source.number;
      }
    }
    return false;
  }

  const Program& program_;
  const Facts& facts_;
  const std::vector<TextView>* views_;
  const bool sees_all_;
  Matches* matches_;
  bool enforced_ = false;
  uint32_t as_enforced_ = std::numeric_limits<uint32_t>::max();
  std::vector<uint32_t> text_of_;  // per view
  std::vector<int64_t> counts_;    // per node
};

}  // namespace

void BuildConditions(Program* program) {
  const ruleset::RuleSet& rules = *program->rules;
  for (const size_t index : rules.condition_order()) {
    ConditionRule condition;
    condition.rule = static_cast<uint32_t>(index);
    std::map<const Condition*, uint32_t> numbers;
    for (const Condition* source : ruleset::PostOrder(rules.rules()[index].condition)) {
      ConditionNode node;
      node.source = source;
      for (const Condition& child : source->children) {
        node.children.push_back(numbers.at(&child));
      }
      std::vector<size_t> named;
      if (source->kind == Condition::Kind::kRule) {
        named = rules.Named(source->name);
      } else if (source->kind == Condition::Kind::kGroup) {
        named = rules.InGroup(source->name);
      } else if (source->kind == Condition::Kind::kList) {
        node.list = rules.FindList(source->name);
      }
      if (source->kind == Condition::Kind::kFact || source->kind == Condition::Kind::kList) {
        const std::string& name =
            source->kind == Condition::Kind::kList ? source->values[0] : source->name;
        node.glob = name.find_first_of("*?") != std::string::npos;
      }
      node.rules.assign(named.begin(), named.end());
      node.placed = !named.empty();
      if (source->kind == Condition::Kind::kAny) {
        node.placed = std::all_of(node.children.begin(), node.children.end(),
                                  [&](uint32_t child) { return condition.nodes[child].placed; });
        for (const uint32_t child : node.children) {
          const auto& theirs = condition.nodes[child].rules;
          node.rules.insert(node.rules.end(), theirs.begin(), theirs.end());
        }
      }
      numbers[source] = static_cast<uint32_t>(condition.nodes.size());
      condition.nodes.push_back(std::move(node));
    }
    program->conditions.push_back(std::move(condition));
  }
}

void Scanner::EvaluateConditions(const Facts& facts, const std::vector<TextView>& views,
                                 Matches* matches) const {
  for (const ConditionRule& condition : program_->conditions) {
    matches->hit[condition.rule] = false;
  }
  Evaluation evaluation(*program_, facts, &views, false, matches);
  for (const ConditionRule& condition : program_->conditions) {
    const Rule& rule = program_->rules->rules()[condition.rule];
    const bool holds = evaluation.Holds(condition);
    matches->hit[condition.rule] = holds;
    matches->counts[condition.rule] = holds ? evaluation.Times(condition) : 0;
    Level level = Level::kNone;
    if (holds) {
      level = rule.level == Level::kFromMatch ? evaluation.LevelOf(condition) : rule.level;
    }
    matches->levels[condition.rule] = level;
  }
}

struct LateConditions::State {
  Program program;                       // conditions only
  std::vector<ConditionRule> concerned;  // in an order in which they can be evaluated
};

LateConditions::LateConditions(std::shared_ptr<const ruleset::RuleSet> rules,
                               const std::string& fact)
    : state_(std::make_unique<State>()) {
  state_->program.rules = std::move(rules);
  BuildConditions(&state_->program);
  std::vector<bool> marked(state_->program.rules->rules().size(), false);
  for (const ConditionRule& condition : state_->program.conditions) {
    for (const ConditionNode& node : condition.nodes) {
      const bool asks = node.source->kind == Condition::Kind::kFact ||
                        node.source->kind == Condition::Kind::kList;
      const std::string& name =
          node.source->kind == Condition::Kind::kList ? node.source->values[0] : node.source->name;
      const bool refers = std::any_of(node.rules.begin(), node.rules.end(),
                                      [&](uint32_t rule) { return marked[rule]; });
      if (refers || (asks && ruleset::GlobMatches(name, fact))) {
        marked[condition.rule] = true;
      }
    }
    if (marked[condition.rule]) {
      state_->concerned.push_back(condition);
    }
  }
}

LateConditions::~LateConditions() = default;

bool LateConditions::empty() const { return state_->concerned.empty(); }

void LateConditions::Evaluate(const Facts& facts, std::vector<bool>* hit,
                              std::vector<Level>* levels) const {
  Matches matches;
  matches.hit = *hit;
  matches.levels = *levels;
  matches.counts.assign(hit->size(), 1);  // of those that hit
  // No views: what hit, hit somewhere, and nobody knows where any more.
  Evaluation evaluation(state_->program, facts, nullptr, false, &matches);
  for (const ConditionRule& condition : state_->concerned) {
    const Rule& rule = state_->program.rules->rules()[condition.rule];
    const bool holds = evaluation.Holds(condition);
    matches.hit[condition.rule] = holds;
    matches.levels[condition.rule] = !holds ? Level::kNone
                                     : rule.level == Level::kFromMatch
                                         ? evaluation.LevelOf(condition)
                                         : rule.level;
  }
  *hit = std::move(matches.hit);
  *levels = std::move(matches.levels);
}

struct ShadowConditions::State {
  Program program;  // conditions only
  // Per shadow rule: the conditions to decide anew, in an order in which they can be.
  std::map<uint32_t, std::vector<uint32_t>> concerned;
};

ShadowConditions::ShadowConditions(std::shared_ptr<const ruleset::RuleSet> rules)
    : state_(std::make_unique<State>()) {
  Program& program = state_->program;
  program.rules = std::move(rules);
  BuildConditions(&program);
  const std::vector<Rule>& all = program.rules->rules();
  const auto asks_for_places = [](const ConditionNode& node) {
    return node.source->within_lines > 0 || !node.source->zones.empty() ||
           (node.source->kind == Condition::Kind::kRule && node.source->at_least > 1);
  };
  for (uint32_t shadow = 0; shadow < all.size(); ++shadow) {
    if (all[shadow].mode != Mode::kShadow) {
      continue;
    }
    std::vector<bool> changes(all.size(), false);
    changes[shadow] = true;
    std::vector<uint32_t> concerned;
    for (uint32_t i = 0; i < program.conditions.size(); ++i) {
      const ConditionRule& condition = program.conditions[i];
      const bool itself = condition.rule == shadow;
      if (!itself && all[condition.rule].mode != Mode::kEnforce) {
        continue;  // sees shadow rules as it is
      }
      const bool refers = std::any_of(
          condition.nodes.begin(), condition.nodes.end(), [&](const ConditionNode& node) {
            return std::any_of(node.rules.begin(), node.rules.end(),
                               [&](uint32_t rule) { return changes[rule]; });
          });
      if ((itself || refers) &&
          std::none_of(condition.nodes.begin(), condition.nodes.end(), asks_for_places)) {
        changes[condition.rule] = true;
        concerned.push_back(i);
      }
    }
    if (!concerned.empty()) {
      state_->concerned[shadow] = std::move(concerned);
    }
  }
}

ShadowConditions::~ShadowConditions() = default;

bool ShadowConditions::Enforce(uint32_t rule, const Facts& facts, std::vector<bool>* hit,
                               std::vector<Level>* levels) const {
  const auto found = state_->concerned.find(rule);
  if (found == state_->concerned.end()) {
    return false;
  }
  Matches matches;
  matches.hit = *hit;
  matches.levels = *levels;
  Evaluation evaluation(state_->program, facts, nullptr, false, &matches);
  evaluation.Enforce(rule);
  for (const uint32_t index : found->second) {
    const ConditionRule& condition = state_->program.conditions[index];
    const bool holds = evaluation.Holds(condition);
    matches.hit[condition.rule] = holds;
    matches.levels[condition.rule] =
        !holds ? Level::kNone
        : state_->program.rules->rules()[condition.rule].level == Level::kFromMatch
            ? evaluation.LevelOf(condition)
            : state_->program.rules->rules()[condition.rule].level;
  }
  *hit = std::move(matches.hit);
  *levels = std::move(matches.levels);
  return true;
}

bool Scanner::EvaluateExample(uint32_t rule, const ruleset::Example& example) const {
  const size_t rule_count = program_->rules->rules().size();
  Matches matches;
  matches.counts.assign(rule_count, 0);
  matches.hit.assign(rule_count, false);
  matches.levels.assign(rule_count, Level::kNone);
  const auto add = [&](const std::string& id, uint32_t places) {
    const int index = program_->rules->IndexOf(id);
    if (index < 0) {
      return;
    }
    matches.hit[static_cast<size_t>(index)] = true;
    matches.counts[static_cast<size_t>(index)] = places;
    for (uint32_t paragraph = 0; paragraph < places; ++paragraph) {
      matches.places.push_back({static_cast<uint32_t>(index), 0, paragraph});
    }
  };
  for (const std::string& id : example.rules) {
    add(id, kMostPlaces);
  }
  for (const std::string& id : example.rules_once) {
    add(id, 1);
  }
  std::sort(matches.places.begin(), matches.places.end(),
            [](const MatchPlace& a, const MatchPlace& b) {
              return std::tie(a.rule, a.paragraph) < std::tie(b.rule, b.paragraph);
            });
  Evaluation evaluation(*program_, example.facts, nullptr, true, &matches);
  for (const ConditionRule& condition : program_->conditions) {
    if (condition.rule == rule) {
      return evaluation.Holds(condition);
    }
  }
  return false;
}

}  // namespace gatepost::scan
