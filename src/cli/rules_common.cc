// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/rules_common.h"

#include <cstdio>

#include "src/base/utf8.h"
#include "src/cli/house.h"
#include "src/cli/terminal.h"
#include "src/gateway/packages.h"

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
  std::vector<ruleset::Sources::Folder> folders = loaded->config.RuleFolders().folders();
  for (const std::string& path : more) {
    folders.push_back({path, false, {}});
  }
  loaded->sources = ruleset::Sources::OfFolders(std::move(folders));
  loaded->sources.SetKnownRules(gateway::Packages(loaded->config.state).known());
  Result<std::shared_ptr<const RuleSet>> rules = RuleSet::Load(&loaded->sources, &loaded->warnings);
  if (!rules.ok()) {
    PrintFindings(loaded->warnings, /*errors_only=*/true);
    return nullptr;
  }
  loaded->rules = *rules;
  *exit_code = kDone;
  return loaded;
}

std::unique_ptr<scan::Scanner> CompileRules(const std::shared_ptr<const RuleSet>& rules,
                                            const std::function<bool(const Rule&)>& only) {
  Diagnostics diagnostics;
  scan::CompileOptions options;
  options.only = only;
  Result<std::unique_ptr<scan::Scanner>> scanner =
      scan::Scanner::Compile(rules, options, &diagnostics);
  if (!scanner.ok()) {
    if (diagnostics.has_errors()) {
      PrintFindings(diagnostics, /*errors_only=*/true);  // the status says the same once more
    } else {
      PrintError(scanner.status().message());
    }
    return nullptr;
  }
  return std::move(scanner).value();
}

std::string ModeText(const Rule& rule, bool vietnamese) {
  const char* const waits =
      vietnamese ? " (đang chờ: mới có trong gói)" : " (waits: new in its package)";
  return std::string(ruleset::ToString(rule.mode)) + (rule.arrived ? waits : "");
}

std::string Clean(const std::string& text) {
  constexpr size_t kMost = 64U << 10;
  const std::string plain = PrintableUtf8(text, kMost);
  std::string out;
  for (size_t at = 0; at < plain.size();) {
    const Utf8Unit unit = DecodeUtf8(plain, at);
    const char32_t c = unit.code_point;
    const bool turns = c == 0x61C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
                       (c >= 0x2066 && c <= 0x2069);
    AppendUtf8(turns ? kReplacement : c, &out);
    at += unit.bytes;
  }
  return out;
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
