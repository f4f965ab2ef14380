// LIMITS: 64 levels (base/yaml), `places` and `within_lines` as below.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/condition.h"

#include <algorithm>
#include <array>
#include <set>

#include "src/ruleset/calc.h"
#include "src/ruleset/names.h"

namespace gatepost::ruleset {

namespace {

// scan keeps this many places of a rule in one view.
constexpr int64_t kMaxPlaces = 64;
constexpr int64_t kMaxWithinLines = 10'000;

constexpr std::array<const char*, 9> kKinds = {"all",   "any",  "not",  "count", "rule",
                                               "group", "fact", "list", "calc"};

void ReadZones(const YamlNode& place, const std::vector<std::string>& names,
               Diagnostics* diagnostics, std::vector<text::Zone>* zones) {
  for (const std::string& name : names) {
    if (name == "any") {
      zones->insert(zones->end(), AnyZones().begin(), AnyZones().end());
    } else if (IsZone(name)) {
      zones->push_back(name);
    } else {
      diagnostics->Error(place.place, UnknownZone(name));
    }
  }
}

void ReadFact(YamlMap* map, const YamlNode& node, Condition* out, Diagnostics* diagnostics) {
  int tests = 0;
  std::vector<std::string> words;
  if (map->TakeStrings("is", &words)) {
    out->test = Condition::Test::kEquals;
    out->values = words;
    ++tests;
  }
  if (map->TakeStrings("matches", &words)) {
    out->test = Condition::Test::kMatches;
    out->values = words;
    ++tests;
  }
  if (map->TakeDouble("below", &out->number)) {
    out->test = Condition::Test::kLess;
    ++tests;
  }
  if (map->TakeDouble("above", &out->number)) {
    out->test = Condition::Test::kGreater;
    ++tests;
  }
  if (tests > 1) {
    diagnostics->Error(node.place,
                       "a fact takes one of 'is', 'matches', 'below', 'above': use 'all:' for two");
  }
  if ((out->test == Condition::Test::kEquals || out->test == Condition::Test::kMatches) &&
      out->values.empty()) {
    diagnostics->Error(node.place, "'is' and 'matches' need at least one value");
  }
  for (std::string& value : out->values) {
    value = AsciiLower(value);
  }
}

// The node's own keys; its sub-conditions are appended to *children.
void ReadNode(const YamlNode& node, Condition* out, std::vector<const YamlNode*>* children,
              Diagnostics* diagnostics) {
  out->place = node.place;
  if (node.is_scalar()) {
    out->kind = Condition::Kind::kRule;
    out->name = node.scalar;
    return;
  }
  YamlMap map(node, "a condition", diagnostics);
  const YamlNode* value = nullptr;
  int given = 0;
  for (size_t i = 0; i < kKinds.size(); ++i) {
    if (const YamlNode* found = map.Take(kKinds.at(i))) {
      value = found;
      out->kind = static_cast<Condition::Kind>(i);
      ++given;
    }
  }
  if (given != 1) {
    diagnostics->Error(node.place,
                       given == 0 ? "a condition needs one of all, any, not, count, rule, group, "
                                    "fact, list, calc"
                                  : "a condition takes one of all, any, not, count, rule, group, "
                                    "fact, list, calc: put several under 'all:'");
    map.Finish();
    return;
  }
  const char* kind = kKinds.at(static_cast<size_t>(out->kind));
  const auto add_items = [&](const YamlNode* items) {
    if (items == nullptr || !items->is_sequence() || items->items.empty()) {
      diagnostics->Error(node.place,
                         std::string("'") + kind + "' needs a list of at least one condition");
      return;
    }
    for (const YamlNode& item : items->items) {
      children->push_back(&item);
    }
  };
  const auto take_name = [&] {
    if (!value->is_scalar() || value->scalar.empty()) {
      diagnostics->Error(node.place, std::string("'") + kind + "' needs a name");
    }
    out->name = value->scalar;
  };
  switch (out->kind) {
    case Condition::Kind::kAll:
      map.TakeInt("within_lines", &out->within_lines, 1, kMaxWithinLines);
      add_items(value);
      break;
    case Condition::Kind::kAny:
      add_items(value);
      break;
    case Condition::Kind::kNot:
      if (value->is_sequence()) {
        diagnostics->Error(value->place,
                           "'not' takes one condition: for none of several write not: {any: [..]}");
      } else {
        children->push_back(value);
      }
      break;
    case Condition::Kind::kCount: {
      YamlMap count(*value, "'count'", diagnostics);
      if (!count.TakeInt("at_least", &out->at_least, 1, 10'000)) {
        diagnostics->Error(value->place, "'count' needs 'at_least: N'");
      }
      add_items(count.Take("of"));
      count.Finish();
      break;
    }
    case Condition::Kind::kRule: {
      take_name();
      std::vector<std::string> zones;
      if (map.TakeStrings("zones", &zones)) {
        ReadZones(node, zones, diagnostics, &out->zones);
      }
      map.TakeInt("places", &out->at_least, 1, kMaxPlaces);
      break;
    }
    case Condition::Kind::kGroup:
      take_name();
      break;
    case Condition::Kind::kFact:
      take_name();
      ReadFact(&map, node, out, diagnostics);
      break;
    case Condition::Kind::kList: {
      take_name();
      std::string fact;
      if (!map.TakeString("of", &fact)) {
        diagnostics->Error(node.place,
                           "'list' needs 'of: FACT', the fact whose value is looked up");
      }
      out->test = Condition::Test::kInList;
      out->values = {fact};
      break;
    }
    case Condition::Kind::kCalc: {
      std::string problem;
      size_t at = 0;
      take_name();
      if (!ReadCalc(out->name, out, &problem, &at)) {
        diagnostics->Error(value->place, "'calc' " + problem + ", at '" +
                                             out->name.substr(std::min(at, out->name.size()), 20) +
                                             "'");
      }
      break;
    }
  }
  map.Finish();
}

void CheckFactName(const Condition& node, const std::string& name, Diagnostics* diagnostics) {
  if (name.empty() || IsKnownFact(name)) {
    return;
  }
  const std::string nearest = Nearest(name, KnownFacts());
  diagnostics->Error(node.place,
                     "nothing sets the fact '" + name + "'" +
                         (nearest.empty() ? std::string() : ", did you mean '" + nearest + "'?"));
}

void CheckRuleName(const Rule& rule, const Condition& node, const RuleSet& rules,
                   Diagnostics* diagnostics) {
  const std::vector<size_t> named = rules.Named(node.name);
  if (named.empty()) {
    std::vector<std::string> ids;
    for (const Rule& other : rules.rules()) {
      ids.push_back(other.id);
    }
    const std::string nearest = Nearest(node.name, ids);
    diagnostics->Error(node.place,
                       "no rule is called '" + node.name + "'" +
                           (nearest.empty() ? std::string() : ", did you mean '" + nearest + "'?"));
    return;
  }
  const auto& all = rules.rules();
  if (rule.mode == Mode::kEnforce && std::all_of(named.begin(), named.end(), [&](size_t i) {
        return all[i].mode == Mode::kShadow;
      })) {
    diagnostics->Warning(node.place, "'" + node.name +
                                         "' is in shadow mode, which an enforced "
                                         "condition does not see");
  }
  const bool positional = !node.zones.empty() || node.at_least > 1;
  if (positional &&
      std::all_of(named.begin(), named.end(), [&](size_t i) { return all[i].has_condition; })) {
    diagnostics->Error(node.place,
                       "'" + node.name +
                           "' is a condition and has no places in the text: 'zones' and "
                           "'places' are for text rules");
  }
}

// Rules that make up the places of a within_lines child, or none when it has no places.
bool HasPlaces(const Condition& root, const RuleSet& rules) {
  for (const Condition* node : PostOrder(root)) {
    if (node->kind == Condition::Kind::kAny) {
      continue;
    }
    if (node->kind != Condition::Kind::kRule && node->kind != Condition::Kind::kGroup) {
      return false;
    }
    const std::vector<size_t> named = NamedBy(*node, rules);
    if (std::all_of(named.begin(), named.end(),
                    [&](size_t i) { return rules.rules()[i].has_condition; })) {
      return false;
    }
  }
  return true;
}

}  // namespace

Condition ReadCondition(const YamlNode& node, Diagnostics* diagnostics) {
  struct Frame {
    Condition condition;
    std::vector<const YamlNode*> children;
    size_t next = 0;
  };
  std::vector<Frame> stack(1);
  ReadNode(node, &stack.back().condition, &stack.back().children, diagnostics);
  while (true) {
    Frame& top = stack.back();
    if (top.next < top.children.size()) {
      const YamlNode* child = top.children[top.next++];
      Frame frame;
      ReadNode(*child, &frame.condition, &frame.children, diagnostics);
      stack.push_back(std::move(frame));
      continue;
    }
    Condition done = std::move(top.condition);
    stack.pop_back();
    if (stack.empty()) {
      return done;
    }
    stack.back().condition.children.push_back(std::move(done));
  }
}

std::vector<const Condition*> PostOrder(const Condition& root) {
  // Parents first, then the whole turned round: children stand before their parents.
  std::vector<const Condition*> order;
  std::vector<const Condition*> open = {&root};
  while (!open.empty()) {
    const Condition* node = open.back();
    open.pop_back();
    order.push_back(node);
    for (const Condition& child : node->children) {
      open.push_back(&child);
    }
  }
  std::reverse(order.begin(), order.end());
  return order;
}

std::vector<size_t> NamedBy(const Condition& node, const RuleSet& rules) {
  switch (node.kind) {
    case Condition::Kind::kRule:
      return rules.Named(node.name);
    case Condition::Kind::kGroup:
      return rules.InGroup(node.name);
    default:
      return {};
  }
}

std::set<std::string> WithThoseAskedFor(const RuleSet& rules,
                                        const std::function<bool(const Rule&)>& chosen) {
  std::set<size_t> known;
  std::vector<size_t> open;
  for (size_t i = 0; i < rules.rules().size(); ++i) {
    if (chosen(rules.rules()[i])) {
      known.insert(i);
      open.push_back(i);
    }
  }
  while (!open.empty()) {
    const Rule& rule = rules.rules()[open.back()];
    open.pop_back();
    if (!rule.has_condition) {
      continue;
    }
    for (const Condition* node : PostOrder(rule.condition)) {
      for (const size_t other : NamedBy(*node, rules)) {
        if (known.insert(other).second) {
          open.push_back(other);
        }
      }
    }
  }
  std::set<std::string> ids;
  for (const size_t i : known) {
    ids.insert(rules.rules()[i].id);
  }
  return ids;
}

void CheckCondition(const Rule& rule, const RuleSet& rules, Diagnostics* diagnostics) {
  for (const Condition* node : PostOrder(rule.condition)) {
    switch (node->kind) {
      case Condition::Kind::kRule:
        CheckRuleName(rule, *node, rules, diagnostics);
        break;
      case Condition::Kind::kGroup:
        if (rules.InGroup(node->name).empty()) {
          std::set<std::string> groups;
          for (const Rule& other : rules.rules()) {
            groups.insert(other.group);
          }
          const std::string nearest = Nearest(node->name, {groups.begin(), groups.end()});
          diagnostics->Error(
              node->place,
              "no rule is in a group '" + node->name + "'" +
                  (nearest.empty() ? std::string() : ", did you mean '" + nearest + "'?"));
        }
        break;
      case Condition::Kind::kFact:
        CheckFactName(*node, node->name, diagnostics);
        break;
      case Condition::Kind::kList:
        if (rules.FindList(node->name) == nullptr) {
          diagnostics->Error(node->place, "no list is called '" + node->name + "'");
        }
        CheckFactName(*node, node->values.empty() ? "" : node->values[0], diagnostics);
        break;
      case Condition::Kind::kAll: {
        if (node->within_lines == 0) {
          break;
        }
        const auto placed = std::count_if(node->children.begin(), node->children.end(),
                                          [&](const Condition& c) { return HasPlaces(c, rules); });
        if (placed < 2) {
          diagnostics->Error(node->place,
                             "'within_lines' needs at least two conditions on text rules (rule, "
                             "group, or any of these) to be near each other");
        }
        break;
      }
      default:
        break;
    }
  }
}

void OrderConditions(const RuleSet& rules, Diagnostics* diagnostics, std::vector<size_t>* order) {
  const auto& all = rules.rules();
  std::vector<std::vector<size_t>> users(all.size());  // condition rules that refer to a rule
  std::vector<size_t> waits(all.size(), 0);
  size_t conditions = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    if (!all[i].has_condition) {
      continue;
    }
    ++conditions;
    std::set<size_t> needs;
    for (const Condition* node : PostOrder(all[i].condition)) {
      for (const size_t other : NamedBy(*node, rules)) {
        if (all[other].has_condition) {
          needs.insert(other);
        }
      }
    }
    waits[i] = needs.size();
    for (const size_t other : needs) {
      users[other].push_back(i);
    }
  }
  std::vector<size_t> ready;
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].has_condition && waits[i] == 0) {
      ready.push_back(i);
    }
  }
  order->clear();
  for (size_t at = 0; at < ready.size(); ++at) {
    order->push_back(ready[at]);
    for (const size_t user : users[ready[at]]) {
      if (--waits[user] == 0) {
        ready.push_back(user);
      }
    }
  }
  if (order->size() == conditions) {
    return;
  }
  std::string members;
  const Place* place = nullptr;
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].has_condition && waits[i] > 0) {
      members += (members.empty() ? "" : ", ") + all[i].id;
      place = place == nullptr ? &all[i].place : place;
    }
  }
  diagnostics->Error(*place, "these conditions wait for each other: " + members +
                                 "; a condition may not refer to itself, not even by a glob or by "
                                 "its own group");
}

}  // namespace gatepost::ruleset
