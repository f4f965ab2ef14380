// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/packages.h"

#include <algorithm>

#include "src/base/clock.h"
#include "src/base/files.h"

namespace gatepost::gateway {

namespace {

std::set<std::string> Ids(const Json& list) {
  std::set<std::string> ids;
  for (const Json& id : list) {
    if (id.is_string()) {
      ids.insert(id.get<std::string>());
    }
  }
  return ids;
}

}  // namespace

Json Packages::Read() const {
  const Result<std::string> text = ReadFile(path_);
  Result<Json> json = text.ok() ? ParseJson(path_, *text) : text.status();
  if (!json.ok() || !json->is_object() || !json->contains("known")) {
    return nullptr;
  }
  if (!json->value("hidden", Json()).is_object()) {
    (*json)["hidden"] = Json::object();
  }
  return std::move(json).value();
}

Status Packages::Write(const Json& json) const {
  return Read() == json ? Status() : WriteFileDurably(path_, DumpJson(json) + "\n");
}

KnownRules Packages::known() const {
  const Json json = Read();
  return json.is_null() || !json["known"].is_array()
             ? nullptr
             : std::make_shared<const std::set<std::string>>(Ids(json["known"]));
}

std::vector<Override> Packages::OverridesOf(const ruleset::RuleSet& rules) const {
  const Json json = Read();
  const Json hidden = json.is_null() ? Json::object() : json["hidden"];
  std::vector<Override> all;
  for (const ruleset::HiddenRule& rule : rules.hidden()) {
    Override one;
    one.rule = rule;
    if (const auto found = hidden.find(rule.id); found != hidden.end() && found->is_object()) {
      one.changed = Word(*found, "digest") != rule.digest;
      one.known_since = Word(*found, "since");
    }
    all.push_back(std::move(one));
  }
  return all;
}

Status Packages::Learn(const ruleset::RuleSet& rules, const ruleset::Sources& sources) {
  const Json old = Read();
  Json known = old.is_null() ? Json() : old["known"];
  if (std::any_of(sources.folders().begin(), sources.folders().end(),
                  [](const auto& folder) { return folder.package; })) {
    // What was known stays known: a package folder that is half replaced must not make its rules
    // new.
    std::set<std::string> ids = Ids(known);
    for (const ruleset::Rule& rule : rules.rules()) {
      if (rule.package && rule.mode == ruleset::Mode::kEnforce) {
        ids.insert(rule.id);
      }
    }
    known = ids;
  }
  Json hidden = old.is_null() ? Json::object() : old["hidden"];
  std::set<std::string> now;
  for (const ruleset::HiddenRule& rule : rules.hidden()) {
    now.insert(rule.id);
    if (!hidden.contains(rule.id)) {
      hidden[rule.id] = {{"digest", rule.digest}, {"since", Rfc3339(NowUnixMs())}};
    }
  }
  for (auto it = hidden.begin(); it != hidden.end();) {
    it = now.count(it.key()) == 0 ? hidden.erase(it) : std::next(it);
  }
  return Write({{"v", 1}, {"known", known}, {"hidden", hidden}});
}

Result<std::vector<std::string>> Packages::Accept(const ruleset::RuleSet& rules,
                                                  const std::vector<std::string>& what, bool all) {
  std::vector<std::string> accepted;
  std::set<std::string> unused(what.begin(), what.end());
  std::vector<std::string> waiting;
  for (const ruleset::Rule& rule : rules.rules()) {
    if (!rule.arrived) {
      continue;
    }
    waiting.push_back(rule.id);
    const bool named = std::any_of(what.begin(), what.end(), [&](const std::string& one) {
      return one == rule.id || one == rule.pack;
    });
    if (all || named) {
      accepted.push_back(rule.id);
      unused.erase(rule.id);
      unused.erase(rule.pack);
    }
  }
  if (!unused.empty()) {
    const std::string nearest = Nearest(*unused.begin(), waiting);
    return Status::NotFound("no waiting rule or pack is called '" + *unused.begin() + "'" +
                            (nearest.empty() ? "" : ", did you mean '" + nearest + "'?") +
                            "; 'gatepost rules accept' without a name lists what waits");
  }
  Json json = Read();
  if (json.is_null() || accepted.empty()) {
    return accepted;
  }
  std::set<std::string> known = Ids(json["known"]);
  known.insert(accepted.begin(), accepted.end());
  json["known"] = known;
  GATEPOST_RETURN_IF_ERROR(Write(json));
  return accepted;
}

Status Packages::Looked(const ruleset::RuleSet& rules, const std::vector<std::string>& ids) {
  Json json = Read();
  if (json.is_null()) {
    json = {{"v", 1}, {"known", nullptr}, {"hidden", Json::object()}};
  }
  for (const ruleset::HiddenRule& rule : rules.hidden()) {
    if (ids.empty() || std::find(ids.begin(), ids.end(), rule.id) != ids.end()) {
      json["hidden"][rule.id] = {{"digest", rule.digest}, {"since", Rfc3339(NowUnixMs())}};
    }
  }
  return Write(json);
}

}  // namespace gatepost::gateway
