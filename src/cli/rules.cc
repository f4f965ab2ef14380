// `gatepost rules list | explain`: the rules as they were understood.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdio>

#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/rule_report.h"
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
              {"part", rule.part},
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
      const std::vector<size_t> named = ruleset::NamedBy(*node, rules);
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
                   {"engine", EngineText(one, false)},
                   {"prefiltered", one.way == scan::ExpressionCost::Way::kPrefilter},
                   {"refused", one.refused},
                   {"compile_ms", one.compile_ms},
                   {"database_bytes", one.database_bytes}});
  }
  return out;
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
               ruleset::ToString(rule.severity), OneDecimal(rule.score), rule.group, rule.pack,
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
  const gateway::Tally tally = gateway::ReadRuleCounts(loaded->config.state);
  RuleReport report;
  report.rule = rule;
  report.rules = loaded->rules.get();
  report.costs = scan::CostOf(*rule, *loaded->rules);
  report.asked_by = AskedForBy(*loaded->rules, *rule);
  report.us = tally.Microseconds(*rule);
  report.measured = tally.measured;
  if (common.json) {
    Json out = RuleJson(*rule, *loaded->rules);
    out["cost"] = CostJson(report.costs);
    out["asked_for_by"] = report.asked_by;
    if (report.us >= 0) {
      out["us_per_message"] = report.us;
    }
    out["examples"] = Json::array();
    for (const ruleset::Example& example : rule->examples) {
      out["examples"].push_back(ExampleJson(example));
    }
    PrintLine(DumpJson(out));
    return kDone;
  }
  for (const Diagnostic& one : loaded->warnings.all()) {
    if (OwnerOf(*loaded->rules, one.place) == rule) {
      report.warnings.Warning(one.place, one.message);
    }
  }
  ReportStyle style;
  style.vietnamese = Vietnamese();
  style.colour = Colourful();
  style.columns = TerminalColumns();
  std::fputs(RuleReportText(report, style).c_str(), stdout);
  return kDone;
}

}  // namespace gatepost::cli
