// What the site knows of the packages' rules: those it has seen enforced (a new one waits in shadow
// until somebody accepts it), and those that rules of its own hide (it is told when such a rule has
// changed in the package since).
//   STATE/packages.json {"v": 1, "known": null | [id...], "hidden": {id: {"digest", "since"}}}
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/ruleset/rule_set.h"
#include "src/ruleset/sources.h"

namespace gatepost::gateway {

using KnownRules = std::shared_ptr<const std::set<std::string>>;

// A local rule over a rule of an earlier folder.
struct Override {
  ruleset::HiddenRule rule;
  bool changed = false;     // in the package, since it was first hidden or last looked at
  std::string known_since;  // RFC 3339; "" seen for the first time
};

class Packages {
 public:
  explicit Packages(const std::string& state_folder) : path_(state_folder + "/packages.json") {}

  // Null: this site has seen nothing yet, and takes all rules as they come.
  KnownRules known() const;
  std::vector<Override> OverridesOf(const ruleset::RuleSet& rules) const;

  // A set has come into force: what packages enforce in it is known from now on, and what is hidden
  // in it for the first time is remembered as it is.
  Status Learn(const ruleset::RuleSet& rules, const ruleset::Sources& sources);
  // The waiting rules among `rules` that `what` names (an id, a pack; all of them when `all`) are
  // known from now on; their ids.
  Result<std::vector<std::string>> Accept(const ruleset::RuleSet& rules,
                                          const std::vector<std::string>& what, bool all);
  // The site has looked at these overrides as they are now ("" ids: all).
  Status Looked(const ruleset::RuleSet& rules, const std::vector<std::string>& ids);

 private:
  Json Read() const;
  Status Write(const Json& json) const;

  std::string path_;
};

}  // namespace gatepost::gateway
