// `gatepost rules list | explain`: the rules as they were understood.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <cstdio>

#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/rules_common.h"
#include "src/cli/rules_condition.h"
#include "src/cli/terminal.h"
#include "src/gateway/counters.h"
#include "src/ruleset/condition.h"
#include "src/scan/cost.h"

namespace gatepost::cli {

namespace {

using ruleset::Condition;
using ruleset::Rule;
using ruleset::RuleSet;

std::string Number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

Json ExampleJson(const ruleset::Example& example) {
  Json out = {{"should_match", example.should_match}, {"place", PlaceText(example.place)}};
  if (!example.file.empty()) {
    out["file"] = example.file;
  } else if (!example.text.empty()) {
    out["zone"] = example.zone;
    out["text"] = example.text;
  } else {
    out["rules"] = example.rules;
    out["facts"] = example.facts;
  }
  return out;
}

Json RuleJson(const Rule& rule, const RuleSet& rules) {
  Json out = {{"id", rule.id},
              {"title", {{"en", rule.title_en}, {"vi", rule.title_vi}}},
              {"why", rule.why},
              {"pack", rule.pack},
              {"group", rule.group},
              {"basis", rule.basis},
              {"zones", rule.zones},
              {"form", text::ToString(rule.form)},
              {"caseless", rule.caseless},
              {"first_lines", rule.first_lines},
              {"lists", rule.lists},
              {"level", ruleset::ToString(rule.level)},
              {"score", rule.score},
              {"severity", ruleset::ToString(rule.severity)},
              {"mode", ruleset::ToString(rule.mode)},
              {"place", PlaceText(rule.place)},
              {"overrides", rule.overrides}};
  const auto add = [&out](const char* key, const std::vector<ruleset::Expression>& expressions) {
    out[key] = Json::array();
    for (const ruleset::Expression& one : expressions) {
      out[key].push_back({{"written", one.written},
                          {"expanded", one.expanded},
                          {"utf8", one.utf8},
                          {"sees", one.line_anchored ? "lines" : "paragraphs"}});
    }
  };
  add("match", rule.match);
  add("mask", rule.mask);
  add("unless", rule.unless);
  if (rule.arrived) {
    out["waiting"] = true;
  }
  if (rule.has_condition) {
    out["when"] = ConditionJson(rule.condition, rules);
  }
  return out;
}

// Rules whose conditions ask for this one.
std::vector<std::string> AskedForBy(const RuleSet& rules, const Rule& rule) {
  const auto index = static_cast<size_t>(rules.IndexOf(rule.id));
  std::vector<std::string> out;
  for (const Rule& other : rules.rules()) {
    if (!other.has_condition) {
      continue;
    }
    const auto nodes = ruleset::PostOrder(other.condition);
    const bool asks = std::any_of(nodes.begin(), nodes.end(), [&](const Condition* node) {
      std::vector<size_t> named;
      if (node->kind == Condition::Kind::kRule) {
        named = rules.Named(node->name);
      } else if (node->kind == Condition::Kind::kGroup) {
        named = rules.InGroup(node->name);
      }
      return std::find(named.begin(), named.end(), index) != named.end();
    });
    if (asks) {
      out.push_back(other.id);
    }
  }
  return out;
}

Json CostJson(const std::vector<scan::ExpressionCost>& costs) {
  Json out = Json::array();
  for (const scan::ExpressionCost& one : costs) {
    out.push_back({{"literal", one.literal},
                   {"engine", one.Engine()},
                   {"prefiltered", one.prefiltered},
                   {"refused", one.refused},
                   {"compile_ms", one.compile_ms},
                   {"database_bytes", one.database_bytes}});
  }
  return out;
}

std::string CostText(const scan::ExpressionCost& one) {
  if (!one.refused.empty()) {
    return "refused: " + Clean(one.refused);
  }
  std::array<char, 96> numbers{};
  std::snprintf(numbers.data(), numbers.size(), "; alone %.1f ms to compile, %.1f KB",
                one.compile_ms, static_cast<double>(one.database_bytes) / 1'024);
  return (one.literal.empty() ? std::string("no literal")
                              : "literal '" + Clean(one.literal) + "'") +
         "; " + one.Engine() + numbers.data();
}

std::string ExampleText(const ruleset::Example& example) {
  if (!example.file.empty()) {
    return example.file;
  }
  std::string text = example.text;
  for (const auto& [fact, value] : example.facts) {
    text += (text.empty() ? "" : ", ") + fact + "=" + value;
  }
  for (const auto* rules : {&example.rules, &example.rules_once}) {
    for (const std::string& hit : *rules) {
      text += (text.empty() ? "" : ", ") + hit + (rules == &example.rules_once ? " once" : "");
    }
  }
  return text.empty() ? "(nothing)" : Clean(text);
}

void PrintExpressions(const char* title, const std::vector<ruleset::Expression>& expressions,
                      const std::vector<scan::ExpressionCost>& costs) {
  for (size_t i = 0; i < expressions.size(); ++i) {
    const ruleset::Expression& one = expressions[i];
    PrintLine(std::string("  ") + title + Clean(one.written));
    if (one.expanded != one.written || one.line_anchored) {
      PrintLine(Paint(Colour::kDim,
                      "             = " + Clean(one.expanded) +
                          (one.line_anchored ? "   (sees lines)" : "   (sees paragraphs)")));
    }
    if (i < costs.size()) {
      PrintLine(Paint(Colour::kDim, "             " + CostText(costs[i])));
    }
  }
}

// Both titles; an imported rule may have one or none.
std::string TitleText(const Rule& rule) {
  const bool both = !rule.title_en.empty() && !rule.title_vi.empty();
  return Clean(rule.title_en + (both ? " / " : "") + rule.title_vi);
}

// False: it was said which pack is near.
bool IsPack(const RuleSet& rules, const std::string& name) {
  std::vector<std::string> names;
  for (const ruleset::Pack& pack : rules.packs()) {
    names.push_back(pack.name);
  }
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    return true;
  }
  std::string near = Nearest(name, names);
  for (const std::string& one : names) {
    // The folder of a shipped pack is its name with a number before it: 20-vn-marking.
    near = near.empty() && name.find(one) != std::string::npos ? one : near;
  }
  PrintError(
      "no pack is called '" + name + "'" +
      (near.empty() ? "; there are " + Joined(names, ", ") : ", did you mean '" + near + "'?"));
  return false;
}

}  // namespace

int RulesList(const Common& common, const std::string& pack) {
  int exit_code = kDone;
  const auto loaded = LoadRules(common, {}, &exit_code);
  if (loaded == nullptr) {
    return exit_code;
  }
  if (!pack.empty() && !IsPack(*loaded->rules, pack)) {
    return kUsage;
  }
  Table table({"id", "mode", "severity", "score", "group", "pack", "title"}, 6);
  for (const Rule& rule : loaded->rules->rules()) {
    if (!pack.empty() && rule.pack != pack) {
      continue;
    }
    if (common.json) {
      PrintLine(DumpJson(RuleJson(rule, *loaded->rules)));
      continue;
    }
    table.Add({rule.id, rule.arrived ? "waits" : ruleset::ToString(rule.mode),
               ruleset::ToString(rule.severity), Number(rule.score), rule.group, rule.pack,
               Clean(Vietnamese() ? rule.title_vi : rule.title_en)});
  }
  if (!common.json) {
    std::fputs(table.ToString().c_str(), stdout);
  }
  return kDone;
}

int RulesExplain(const Common& common, const std::string& id) {
  int exit_code = kDone;
  const auto loaded = LoadRules(common, {}, &exit_code);
  if (loaded == nullptr) {
    return exit_code;
  }
  const Rule* const rule = FindRule(*loaded->rules, id);
  if (rule == nullptr) {
    return kUsage;
  }
  const std::vector<scan::ExpressionCost> costs = scan::CostOf(*rule);
  const std::vector<std::string> asked_by = AskedForBy(*loaded->rules, *rule);
  const gateway::Tally tally = gateway::ReadRuleCounts(loaded->config.state);
  if (common.json) {
    Json out = RuleJson(*rule, *loaded->rules);
    out["cost"] = CostJson(costs);
    out["asked_for_by"] = asked_by;
    if (const double us = tally.Microseconds(*rule); us >= 0) {
      out["us_per_message"] = us;
    }
    out["examples"] = Json::array();
    for (const ruleset::Example& example : rule->examples) {
      out["examples"].push_back(ExampleJson(example));
    }
    PrintLine(DumpJson(out));
    return kDone;
  }
  const std::string title = TitleText(*rule);
  PrintLine(Paint(Colour::kBold, rule->id) + (title.empty() ? "" : "  ") + title);
  PrintLine("  defined    " + PlaceText(rule->place) +
            (rule->overrides.empty() ? "" : ", overrides " + rule->overrides));
  PrintLine("  pack       " + rule->pack +
            (rule->group.empty() ? "" : ", group " + Clean(rule->group)));
  if (rule->arrived) {
    PrintLine(
        "  waits      in shadow, because it is new in its package; to enforce it: gatepost "
        "rules accept " +
        rule->id);
  }
  PrintLine("  weight     " + std::string(ruleset::ToString(rule->severity)) + ", score " +
            Number(rule->score) + ", " + ModeText(*rule) +
            (rule->level == ruleset::Level::kNone
                 ? std::string()
                 : std::string(", level ") + ruleset::ToString(rule->level)) +
            (rule->log_snippet ? "" : ", what it finds is never shown"));
  if (!asked_by.empty()) {
    PrintLine("  asked for  by " + Joined(asked_by, ", "));
  }
  if (!rule->basis.empty()) {
    PrintLine("  basis      " + Clean(rule->basis));
  }
  if (!rule->why.empty()) {
    PrintLine("  why        " + Clean(rule->why));
  }
  if (rule->has_condition) {
    PrintLine(
        "  looks at   hits of rules and facts, after all text rules; it costs next to nothing");
    const char* head = "  when       ";
    for (const std::string& line : ConditionLines(rule->condition, *loaded->rules)) {
      PrintLine(head + Clean(line));
      head = "             ";
    }
  } else {
    PrintLine("  looks at   " + Joined(rule->zones, ", ") + " as " + text::ToString(rule->form) +
              (rule->caseless ? ", any case" : ", case as written") +
              (rule->first_lines > 0
                   ? ", first " + std::to_string(rule->first_lines) + " paragraphs"
                   : std::string()));
  }
  PrintExpressions("match      ", rule->match, costs);
  if (const double us = tally.Microseconds(*rule); us >= 0) {
    PrintLine("  took       " + Number(us) + " us of an average message (of " +
              std::to_string(tally.measured) + " that the gateway measured); see 'rules slow'");
  }
  PrintExpressions("mask       ", rule->mask, {});
  PrintExpressions("unless     ", rule->unless, {});
  if (!rule->lists.empty()) {
    PrintLine("  lists      " + Joined(rule->lists, ", ") + " (looked up word by word)");
  }
  for (const ruleset::Example& example : rule->examples) {
    PrintLine(std::string("  ") + (example.should_match ? "matches    " : "not        ") +
              ExampleText(example));
  }
  for (const Diagnostic& one : loaded->warnings.all()) {
    if (OwnerOf(*loaded->rules, one.place) == rule) {
      PrintLine(Paint(Colour::kYellow,
                      "  warning    " + PlaceText(one.place) + ": " + Clean(one.message)));
    }
  }
  return kDone;
}

}  // namespace gatepost::cli
