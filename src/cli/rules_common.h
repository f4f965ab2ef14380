// What the commands about rules have in common. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/cli/commands.h"
#include "src/gateway/config.h"
#include "src/ruleset/rule_set.h"
#include "src/ruleset/sources.h"
#include "src/scan/scanner.h"

namespace gatepost::cli {

struct LoadedRules {
  gateway::Config config;
  // The configuration's folders and `more`, with what the site knows of the packages' rules: modes
  // are those of the daemon, rules that wait included.
  ruleset::Sources sources;
  std::shared_ptr<const ruleset::RuleSet> rules;
  Diagnostics warnings;
};

// The configuration's rules, `more` files or folders over them. Null: errors were printed, and
// *exit_code says which.
std::unique_ptr<LoadedRules> LoadRules(const Common& common, const std::vector<std::string>& more,
                                       int* exit_code);
// Null: errors were printed. `only`: no other rule's expressions are compiled.
std::unique_ptr<scan::Scanner> CompileRules(const std::shared_ptr<const ruleset::RuleSet>& rules,
                                            const std::function<bool(const ruleset::Rule&)>& only);
// "enforce", "shadow", or "shadow (waits: new in its package)".
std::string ModeText(const ruleset::Rule& rule, bool vietnamese);
// For a terminal: what would steer it, or turn the direction of writing, becomes U+FFFD.
std::string Clean(const std::string& text);
// Null: it was said which id is near.
const ruleset::Rule* FindRule(const ruleset::RuleSet& rules, const std::string& id);
// The rule in whose lines `place` stands; null: none.
const ruleset::Rule* OwnerOf(const ruleset::RuleSet& rules, const Place& place);
// Errors, or everything, on stderr.
void PrintFindings(const Diagnostics& diagnostics, bool errors_only);
// "file:line".
std::string PlaceText(const Place& place);
std::string Joined(const std::vector<std::string>& words, const char* separator);

}  // namespace gatepost::cli
