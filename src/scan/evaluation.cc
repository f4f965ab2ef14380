// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/evaluation.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <tuple>

#include "src/ruleset/calc.h"
#include "src/ruleset/condition.h"
#include "src/scan/level.h"

namespace gatepost::scan {

namespace {

using ruleset::Condition;
using ruleset::Level;
using text::TextView;

// A place, for being near another: the same text in any form, and where in it.
struct Spot {
  uint32_t text;
  uint32_t paragraph;
  uint32_t child;
};

bool OneHolds(const ConditionNode& node, const std::string& value) {
  const Condition& source = *node.source;
  const std::string lower = AsciiLower(value);
  switch (source.test) {
    case Condition::Test::kExists:
      return true;
    case Condition::Test::kEquals:
      return std::find(source.values.begin(), source.values.end(), lower) != source.values.end();
    case Condition::Test::kMatches:
      return std::any_of(source.values.begin(), source.values.end(), [&](const std::string& glob) {
        return ruleset::GlobMatches(glob, lower);
      });
    case Condition::Test::kInList:
      return node.list != nullptr && node.list->Contains(value);
    case Condition::Test::kLess:
    case Condition::Test::kGreater: {
      double number = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
      if (error != std::errc() || end != value.data() + value.size()) {
        return false;
      }
      return source.test == Condition::Test::kLess ? number < source.number
                                                   : number > source.number;
    }
  }
  return false;
}

// Any of the values, which stand with one space between them.
bool ValueHolds(const ConditionNode& node, const std::string& values) {
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

}  // namespace

Evaluation::Evaluation(const Program& program, const Facts& facts,
                       const std::vector<TextView>* views, bool sees_all, Matches* matches)
    : program_(program), facts_(facts), views_(views), sees_all_(sees_all), matches_(matches) {}

// Views of one text in several forms have one number. Few messages have a condition that asks.
uint32_t Evaluation::TextOf(uint32_t view) const {
  if (views_ == nullptr) {
    return 0;
  }
  if (text_of_.empty()) {
    std::map<std::tuple<std::string_view, uint32_t, std::string_view, std::string_view>, uint32_t>
        numbers;
    for (const TextView& one : *views_) {
      text_of_.push_back(
          numbers
              .emplace(std::make_tuple(std::string_view(one.zone), one.leaf,
                                       std::string_view(one.part), std::string_view(one.path)),
                       static_cast<uint32_t>(numbers.size()))
              .first->second);
    }
  }
  return text_of_[view];
}

bool Evaluation::Holds(const ConditionRule& condition) {
  enforced_ = IsEnforced(condition.rule) && !sees_all_;
  counts_.assign(condition.nodes.size(), 0);
  for (size_t i = 0; i < condition.nodes.size(); ++i) {
    counts_[i] = condition.nodes[i].of_calc ? 0 : Count(condition, condition.nodes[i]);
  }
  return counts_.back() > 0;
}

uint32_t Evaluation::Times(const ConditionRule& condition) const {
  const bool calc = condition.nodes.back().source->kind == Condition::Kind::kCalc;
  return calc ? static_cast<uint32_t>(std::clamp<int64_t>(counts_.back(), 1, UINT16_MAX)) : 1;
}

Level Evaluation::LevelOf(const ConditionRule& condition) const {
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

bool Evaluation::IsEnforced(uint32_t rule) const {
  return rule == as_enforced_ || program_.enforced[rule];
}

// 0: does not hold; a `rule` that is a glob counts every rule that hit.
int64_t Evaluation::Count(const ConditionRule& condition, const ConditionNode& node) const {
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
int64_t Evaluation::Calc(const ConditionRule& condition, const ConditionNode& node) const {
  std::vector<double>& values = values_;
  values.clear();
  for (const uint32_t child : node.children) {
    double sum = 0;
    for (const uint32_t rule : condition.nodes[child].rules) {
      sum += Sees(rule) ? std::max<uint32_t>(matches_->counts[rule], 1) : 0;
    }
    values.push_back(sum);
  }
  const double value = ruleset::Calculate(node.source->steps, values, &stack_);
  return value == 0 ? 0 : std::max<int64_t>(static_cast<int64_t>(value), 1);
}

std::pair<size_t, size_t> Evaluation::PlacesOf(uint32_t rule) const {
  const auto& places = matches_->places;
  const auto range =
      std::equal_range(places.begin(), places.end(), MatchPlace{rule, 0, 0},
                       [](const MatchPlace& a, const MatchPlace& b) { return a.rule < b.rule; });
  return {static_cast<size_t>(range.first - places.begin()),
          static_cast<size_t>(range.second - places.begin())};
}

bool Evaluation::RuleHolds(const ConditionNode& node, uint32_t rule) const {
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
bool Evaluation::Near(const ConditionRule& condition, const ConditionNode& node) const {
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
        spots.push_back({TextOf(place.view), place.paragraph, wanted});
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

bool Evaluation::FactHolds(const ConditionNode& node) const {
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

}  // namespace gatepost::scan
