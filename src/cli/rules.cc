// `gatepost rules list | test | explain`: the rules as they were understood.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdio>
#include <memory>

#include "src/base/clock.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/terminal.h"
#include "src/ruleset/rule_set.h"
#include "src/scan/scanner.h"

namespace gatepost::cli {

namespace {

using ruleset::Rule;
using ruleset::RuleSet;

std::string Number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string Join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : ", ") + word;
  }
  return out;
}

std::string PlaceText(const Place& place) { return place.file + ":" + std::to_string(place.line); }

void PrintFindings(const Diagnostics& diagnostics, bool errors_only) {
  for (const Diagnostic& one : diagnostics.all()) {
    if (one.severity == Diagnostic::Severity::kError || !errors_only) {
      std::fprintf(stderr, "%s\n", one.ToString().c_str());
    }
  }
}

// Null: printed why, and *exit_code says which.
std::shared_ptr<const RuleSet> Load(const Common& common, int* exit_code) {
  const Result<gateway::Config> config = LoadConfig(common.config);
  *exit_code = kUsage;
  if (!config.ok()) {
    PrintError(config.status().message());
    return nullptr;
  }
  Diagnostics diagnostics;
  Result<std::shared_ptr<const RuleSet>> rules = RuleSet::Load(config->rules, &diagnostics);
  if (!rules.ok()) {
    PrintFindings(diagnostics, /*errors_only=*/true);
    return nullptr;
  }
  *exit_code = kDone;
  return *rules;
}

std::unique_ptr<scan::Scanner> Compile(const std::shared_ptr<const RuleSet>& rules) {
  Diagnostics diagnostics;
  Result<std::unique_ptr<scan::Scanner>> scanner =
      scan::Scanner::Compile(rules, scan::CompileOptions(), &diagnostics);
  if (!scanner.ok()) {
    PrintFindings(diagnostics, /*errors_only=*/true);
    PrintError(scanner.status().message());
    return nullptr;
  }
  return std::move(scanner).value();
}

// Does an example at `place` belong to `rule`, the rules of its file being `in_file` by line?
const Rule* OwnerOf(const RuleSet& rules, const Place& place) {
  const Rule* owner = nullptr;
  for (const Rule& rule : rules.rules()) {
    if (rule.place.file == place.file && rule.place.line <= place.line &&
        (owner == nullptr || rule.place.line > owner->place.line)) {
      owner = &rule;
    }
  }
  return owner;
}

Json RuleJson(const Rule& rule) {
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
  return out;
}

}  // namespace

int RulesList(const Common& common, const std::string& pack) {
  int exit_code = kDone;
  const std::shared_ptr<const RuleSet> rules = Load(common, &exit_code);
  if (rules == nullptr) {
    return exit_code;
  }
  Table table({"id", "mode", "severity", "score", "group", "pack", "title"}, 6);
  for (const Rule& rule : rules->rules()) {
    if (!pack.empty() && rule.pack != pack) {
      continue;
    }
    if (common.json) {
      PrintLine(DumpJson(RuleJson(rule)));
      continue;
    }
    table.Add({rule.id, ruleset::ToString(rule.mode), ruleset::ToString(rule.severity),
               Number(rule.score), rule.group, rule.pack,
               Vietnamese() ? rule.title_vi : rule.title_en});
  }
  if (!common.json) {
    std::fputs(table.ToString().c_str(), stdout);
  }
  return kDone;
}

int RulesTest(const Common& common, const std::vector<std::string>& which) {
  int exit_code = kDone;
  const int64_t begun = SteadyMs();
  const std::shared_ptr<const RuleSet> rules = Load(common, &exit_code);
  if (rules == nullptr) {
    return exit_code;
  }
  const auto chosen = [&which](const Rule& rule) {
    return which.empty() || std::any_of(which.begin(), which.end(), [&rule](const std::string& w) {
             return rule.id == w || rule.pack == w || rule.place.file == w ||
                    ruleset::GlobMatches(w, rule.id);
           });
  };
  size_t tested = 0, examples = 0;
  for (const Rule& rule : rules->rules()) {
    if (chosen(rule)) {
      ++tested;
      examples += rule.examples.size();
    }
  }
  if (tested == 0) {
    PrintError("no rule, pack or file is called so; 'gatepost rules list' names them");
    return kUsage;
  }
  const std::unique_ptr<scan::Scanner> scanner = Compile(rules);
  if (scanner == nullptr) {
    return kUsage;
  }
  Diagnostics failures;
  scan::RunExamples(*scanner, &failures);
  size_t failed = 0;
  for (const Diagnostic& one : failures.all()) {
    const Rule* const owner = OwnerOf(*rules, one.place);
    if (owner != nullptr && !chosen(*owner)) {
      continue;
    }
    ++failed;
    PrintLine(common.json ? DumpJson({{"file", one.place.file},
                                      {"line", one.place.line},
                                      {"column", one.place.column},
                                      {"rule", owner == nullptr ? "" : owner->id},
                                      {"message", one.message}})
                          : Paint(Colour::kRed, one.ToString()));
  }
  const std::string summary = std::to_string(tested) + " rules, " + std::to_string(examples) +
                              " examples, " + std::to_string(failed) + " failed, " +
                              std::to_string(SteadyMs() - begun) + " ms";
  if (common.json) {
    PrintLine(DumpJson({{"rules", tested}, {"examples", examples}, {"failed", failed}}));
  } else {
    PrintLine(Paint(failed == 0 ? Colour::kGreen : Colour::kRed, summary));
  }
  return failed == 0 ? kDone : kIncomplete;
}

int RulesExplain(const Common& common, const std::string& id) {
  int exit_code = kDone;
  const std::shared_ptr<const RuleSet> rules = Load(common, &exit_code);
  if (rules == nullptr) {
    return exit_code;
  }
  const Rule* const rule = rules->Find(id);
  if (rule == nullptr) {
    std::vector<std::string> ids;
    for (const Rule& one : rules->rules()) {
      ids.push_back(one.id);
    }
    const std::string nearest = Nearest(id, ids);
    PrintError("no rule is called '" + id + "'" +
               (nearest.empty() ? "" : ", did you mean '" + nearest + "'?"));
    return kUsage;
  }
  const std::unique_ptr<scan::Scanner> scanner = Compile(rules);
  if (scanner == nullptr) {
    return kUsage;
  }
  const std::string cost = scanner->Explain(static_cast<uint32_t>(rules->IndexOf(id)));
  if (common.json) {
    Json out = RuleJson(*rule);
    out["cost"] = cost;
    PrintLine(DumpJson(out));
    return kDone;
  }
  PrintLine(Paint(Colour::kBold, rule->id) + "  " + rule->title_en + " / " + rule->title_vi);
  PrintLine("  defined    " + PlaceText(rule->place) +
            (rule->overrides.empty() ? "" : ", overrides " + rule->overrides));
  PrintLine("  pack       " + rule->pack + (rule->group.empty() ? "" : ", group " + rule->group));
  PrintLine("  weight     " + std::string(ruleset::ToString(rule->severity)) + ", score " +
            Number(rule->score) + ", " + ruleset::ToString(rule->mode) +
            (rule->level == ruleset::Level::kNone
                 ? std::string()
                 : std::string(", level ") + ruleset::ToString(rule->level)));
  if (!rule->basis.empty()) {
    PrintLine("  basis      " + rule->basis);
  }
  if (!rule->why.empty()) {
    PrintLine("  why        " + rule->why);
  }
  if (!rule->has_condition) {
    PrintLine("  sees       " + Join(rule->zones) + " as " + text::ToString(rule->form) +
              (rule->caseless ? ", any case" : ", case as written") +
              (rule->first_lines > 0 ? ", first " + std::to_string(rule->first_lines) + " lines"
                                     : std::string()));
  }
  const auto print = [](const char* title, const std::vector<ruleset::Expression>& expressions) {
    for (const ruleset::Expression& one : expressions) {
      PrintLine(std::string("  ") + title + one.written);
      PrintLine(Paint(Colour::kDim, std::string("             = ") + one.expanded +
                                        (one.line_anchored ? "   (lines)" : "   (paragraphs)")));
    }
  };
  print("match      ", rule->match);
  print("mask       ", rule->mask);
  print("unless     ", rule->unless);
  if (!rule->lists.empty()) {
    PrintLine("  lists      " + Join(rule->lists));
  }
  for (const ruleset::Example& example : rule->examples) {
    std::string text = example.text;
    for (const auto& [fact, value] : example.facts) {
      text += (text.empty() ? "" : ", ") + fact + "=" + value;
    }
    for (const std::string& hit : example.rules) {
      text += (text.empty() ? "" : ", ") + hit;
    }
    PrintLine(std::string("  ") + (example.should_match ? "matches    " : "not        ") + text);
  }
  PrintLine("  cost       " + cost);
  return kDone;
}

}  // namespace gatepost::cli
