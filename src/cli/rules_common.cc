// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/rules_common.h"

#include <cstdio>

#include "src/cli/house.h"
#include "src/cli/terminal.h"

namespace gatepost::cli {

using ruleset::Rule;
using ruleset::RuleSet;

void PrintFindings(const Diagnostics& diagnostics, bool errors_only) {
  for (const Diagnostic& one : diagnostics.all()) {
    if (one.severity == Diagnostic::Severity::kError || !errors_only) {
      std::fprintf(stderr, "%s\n", one.ToString().c_str());
    }
  }
}

std::unique_ptr<LoadedRules> LoadRules(const Common& common, const std::vector<std::string>& more,
                                       int* exit_code) {
  *exit_code = kUsage;
  Result<gateway::Config> config = LoadConfig(common.config);
  if (!config.ok()) {
    PrintError(config.status().message());
    return nullptr;
  }
  auto loaded = std::make_unique<LoadedRules>();
  loaded->config = std::move(config).value();
  loaded->folders = loaded->config.rules;
  loaded->folders.insert(loaded->folders.end(), more.begin(), more.end());
  Result<std::shared_ptr<const RuleSet>> rules = RuleSet::Load(loaded->folders, &loaded->warnings);
  if (!rules.ok()) {
    PrintFindings(loaded->warnings, /*errors_only=*/true);
    return nullptr;
  }
  loaded->rules = *rules;
  *exit_code = kDone;
  return loaded;
}

std::unique_ptr<scan::Scanner> CompileRules(const std::shared_ptr<const RuleSet>& rules) {
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

const Rule* FindRule(const RuleSet& rules, const std::string& id) {
  const Rule* const rule = rules.Find(id);
  if (rule == nullptr) {
    std::vector<std::string> ids;
    for (const Rule& one : rules.rules()) {
      ids.push_back(one.id);
    }
    const std::string nearest = Nearest(id, ids);
    PrintError("no rule is called '" + id + "'" +
               (nearest.empty() ? "; 'gatepost rules list' names them"
                                : ", did you mean '" + nearest + "'?"));
  }
  return rule;
}

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

std::string PlaceText(const Place& place) { return place.file + ":" + std::to_string(place.line); }

std::string Joined(const std::vector<std::string>& words, const char* separator) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : separator) + word;
  }
  return out;
}

}  // namespace gatepost::cli
