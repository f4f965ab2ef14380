// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/rules_condition.h"

#include <array>
#include <cstdio>
#include <map>
#include <utility>

#include "src/cli/rules_common.h"
#include "src/cli/terminal.h"
#include "src/ruleset/condition.h"

namespace gatepost::cli {

namespace {

using ruleset::Condition;
using ruleset::RuleSet;
using Kind = Condition::Kind;
using Test = Condition::Test;

std::string Short(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", value);
  return text.data();
}

std::vector<std::string> Means(const Condition& node, const RuleSet& rules) {
  std::vector<std::string> ids;
  for (const size_t index : ruleset::NamedBy(node, rules)) {
    ids.push_back(rules.rules()[index].id);
  }
  return ids;
}

bool IsGlob(const std::string& name) { return name.find_first_of("*?") != std::string::npos; }

std::string FactText(const Condition& node, bool vi) {
  const std::string fact = (vi ? "dữ kiện " : "fact ") + node.name;
  const bool several = node.values.size() > 1;
  switch (node.test) {
    case Test::kEquals:
      return fact + (several ? (vi ? " là một trong " : " is one of ") : (vi ? " là " : " is ")) +
             Joined(node.values, ", ");
    case Test::kMatches:
      return fact +
             (several ? (vi ? " khớp một trong " : " fits one of ") : (vi ? " khớp " : " fits ")) +
             Joined(node.values, ", ");
    case Test::kLess:
      return fact + (vi ? " nhỏ hơn " : " below ") + Short(node.number);
    case Test::kGreater:
      return fact + (vi ? " lớn hơn " : " above ") + Short(node.number);
    case Test::kExists:
    case Test::kInList:
      break;
  }
  return fact;
}

std::string RuleCount(size_t count, bool vi) {
  return vi ? std::to_string(count) + " quy tắc" : Plural(count, "rule", "rules");
}

std::string NodeText(const Condition& node, const RuleSet& rules, bool vi) {
  switch (node.kind) {
    case Kind::kAll: {
      const std::string lines = std::to_string(node.within_lines);
      if (node.within_lines > 0) {
        return vi ? "tất cả các điều kiện sau, trong phạm vi " + lines + " dòng:"
                  : "all of these, within " + lines + " lines:";
      }
      return vi ? "tất cả các điều kiện sau:" : "all of these:";
    }
    case Kind::kAny:
      return vi ? "ít nhất một điều kiện sau:" : "any of these:";
    case Kind::kNot:
      return vi ? "không phải:" : "not:";
    case Kind::kCount: {
      const std::string least = std::to_string(node.at_least);
      return vi ? "ít nhất " + least + " trong các điều kiện sau:"
                : "at least " + least + " of these:";
    }
    case Kind::kGroup:
      return (vi ? "một quy tắc thuộc nhóm " : "a rule of group ") + node.name + " (" +
             RuleCount(Means(node, rules).size(), vi) + ")";
    case Kind::kFact:
      return FactText(node, vi);
    case Kind::kList:
      return (vi ? "dữ kiện " : "fact ") + (node.values.empty() ? std::string() : node.values[0]) +
             (vi ? " có trong danh sách " : " is in list ") + node.name;
    case Kind::kCalc:
      return "calc " + node.name;
    case Kind::kRule:
      break;
  }
  std::string text = (vi ? "quy tắc " : "rule ") + node.name;
  if (IsGlob(node.name)) {
    text += (vi ? " (một trong " : " (any of ") + RuleCount(Means(node, rules).size(), vi) + ")";
  }
  if (!node.zones.empty()) {
    text += (vi ? ", ở vùng " : ", in ") + Joined(node.zones, ", ");
  }
  if (node.at_least > 1) {
    const std::string places = std::to_string(node.at_least);
    text += vi ? ", ở " + places + " chỗ của cùng một văn bản"
               : ", in " + places + " places of one text";
  }
  return text;
}

Json NodeJson(const Condition& node, const RuleSet& rules, Json children) {
  switch (node.kind) {
    case Kind::kAll: {
      Json out = {{"all", std::move(children)}};
      if (node.within_lines > 0) {
        out["within_lines"] = node.within_lines;
      }
      return out;
    }
    case Kind::kAny:
      return {{"any", std::move(children)}};
    case Kind::kNot:
      return {{"not", children.empty() ? Json() : children[0]}};
    case Kind::kCount:
      return {{"count", {{"at_least", node.at_least}, {"of", std::move(children)}}}};
    case Kind::kGroup:
      return {{"group", node.name}, {"means", Means(node, rules)}};
    case Kind::kList:
      return {{"list", node.name}, {"of", node.values.empty() ? "" : node.values[0]}};
    case Kind::kCalc:
      return {{"calc", node.name}, {"rules", std::move(children)}};
    case Kind::kFact: {
      Json out = {{"fact", node.name}};
      if (node.test == Test::kEquals || node.test == Test::kMatches) {
        out[node.test == Test::kEquals ? "is" : "matches"] = node.values;
      } else if (node.test == Test::kLess || node.test == Test::kGreater) {
        out[node.test == Test::kLess ? "below" : "above"] = node.number;
      }
      return out;
    }
    case Kind::kRule:
      break;
  }
  Json out = {{"rule", node.name}};
  if (IsGlob(node.name)) {
    out["means"] = Means(node, rules);
  }
  if (!node.zones.empty()) {
    out["zones"] = node.zones;
  }
  if (node.at_least > 1) {
    out["places"] = node.at_least;
  }
  return out;
}

}  // namespace

std::vector<std::string> ConditionLines(const Condition& root, const RuleSet& rules, bool vi) {
  std::vector<std::string> lines;
  std::vector<std::pair<const Condition*, size_t>> open = {{&root, 0}};
  while (!open.empty()) {
    const auto [node, depth] = open.back();
    open.pop_back();
    lines.push_back(std::string(2 * depth, ' ') + (depth > 0 ? "- " : "") +
                    NodeText(*node, rules, vi));
    if (node->kind == Kind::kCalc) {
      continue;  // its rules stand in the line
    }
    for (auto child = node->children.rbegin(); child != node->children.rend(); ++child) {
      open.emplace_back(&*child, depth + 1);
    }
  }
  return lines;
}

Json ConditionJson(const Condition& root, const RuleSet& rules) {
  std::map<const Condition*, Json> made;
  for (const Condition* node : ruleset::PostOrder(root)) {
    Json children = Json::array();
    for (const Condition& child : node->children) {
      children.push_back(node->kind == Kind::kCalc ? Json(child.name) : std::move(made.at(&child)));
    }
    made[node] = NodeJson(*node, rules, std::move(children));
  }
  return made.at(&root);
}

}  // namespace gatepost::cli
