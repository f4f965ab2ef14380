// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/difference.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace gatepost::gateway {

namespace {

constexpr size_t kMostNames = 200;

struct Names {
  std::vector<std::string> added, removed, changed;
  bool empty() const { return added.empty() && removed.empty() && changed.empty(); }
};

Json ToJson(const Names& names) {
  Json json = Json::object();
  const auto put = [&json](const char* key, const std::vector<std::string>& all) {
    if (all.empty()) {
      return;
    }
    json[key] = std::vector<std::string>(
        all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), kMostNames)));
    if (all.size() > kMostNames) {
      json[key].push_back("and " + std::to_string(all.size() - kMostNames) + " more");
    }
  };
  put("added", names.added);
  put("removed", names.removed);
  put("changed", names.changed);
  return json;
}

// Of two maps from a name to what it stands for.
Names Compare(const std::map<std::string, std::string>& before,
              const std::map<std::string, std::string>& after) {
  Names names;
  for (const auto& [name, value] : after) {
    const auto old = before.find(name);
    if (old == before.end()) {
      names.added.push_back(name);
    } else if (old->second != value) {
      names.changed.push_back(name);
    }
  }
  for (const auto& [name, value] : before) {
    if (after.count(name) == 0) {
      names.removed.push_back(name);
    }
  }
  return names;
}

Json PacksOf(const ruleset::RuleSet& before, const ruleset::RuleSet& after) {
  const auto digests = [](const ruleset::RuleSet& rules) {
    std::map<std::string, std::string> all;
    for (const ruleset::Rule& rule : rules.rules()) {
      all[rule.id] = rule.digest + ruleset::ToString(rule.mode);
    }
    return all;
  };
  const Names names = Compare(digests(before), digests(after));
  std::map<std::string, Names> packs;
  for (const std::string& id : names.added) {
    packs[after.Find(id)->pack].added.push_back(id);
  }
  for (const std::string& id : names.changed) {
    packs[after.Find(id)->pack].changed.push_back(id);
  }
  for (const std::string& id : names.removed) {
    packs[before.Find(id)->pack].removed.push_back(id);
  }
  Json json = Json::object();
  for (const auto& [pack, its] : packs) {
    json[pack] = ToJson(its);
  }
  return json;
}

Json ListsOf(const ruleset::RuleSet& before, const ruleset::RuleSet& after) {
  std::set<std::string> names;
  for (const ruleset::RuleSet* one : {&before, &after}) {
    for (const std::string& name : one->ListNames()) {
      names.insert(name);
    }
  }
  const auto entries = [](const ruleset::RuleSet& rules, const std::string& name) {
    const ruleset::List* const list = rules.FindList(name);
    return list == nullptr ? std::set<std::string>()
                           : std::set<std::string>(list->entries().begin(), list->entries().end());
  };
  Json json = Json::object();
  for (const std::string& name : names) {
    const std::set<std::string> old = entries(before, name);
    const std::set<std::string> now = entries(after, name);
    const auto missing = [](const std::set<std::string>& of, const std::set<std::string>& in) {
      return std::count_if(of.begin(), of.end(),
                           [&in](const std::string& one) { return in.count(one) == 0; });
    };
    const auto added = missing(now, old);
    const auto removed = missing(old, now);
    if (added + removed > 0) {
      json[name] = {{"added", added}, {"removed", removed}};
    }
  }
  return json;
}

// A clause's name to its line, and the names in order.
std::map<std::string, std::string> ClausesOf(const policy::Policy& policy,
                                             std::vector<std::string>* order) {
  std::map<std::string, std::string> all;
  const std::string text = policy.ToString();
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const std::string name = line.substr(0, line.find_first_of(": "));
    all[name] = line;
    order->push_back(name);
  }
  return all;
}

size_t Count(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() ? 0 : found->size();
}

std::string Signs(size_t added, size_t removed, size_t changed) {
  std::string out;
  for (const auto& [sign, count] :
       {std::pair<char, size_t>{'+', added}, {'-', removed}, {'~', changed}}) {
    if (count > 0) {
      out += std::string(" ") + sign + std::to_string(count);
    }
  }
  return out;
}

}  // namespace

Json DifferenceOf(const Compared& before, const Compared& after) {
  Json json = Json::object();
  if (before.rules == nullptr || before.policy == nullptr) {
    return json;
  }
  if (Json packs = PacksOf(*before.rules, *after.rules); !packs.empty()) {
    json["packs"] = std::move(packs);
  }
  if (Json lists = ListsOf(*before.rules, *after.rules); !lists.empty()) {
    json["lists"] = std::move(lists);
  }
  std::vector<std::string> old_order;
  std::vector<std::string> new_order;
  const Names clauses =
      Compare(ClausesOf(*before.policy, &old_order), ClausesOf(*after.policy, &new_order));
  if (!clauses.empty()) {
    json["clauses"] = ToJson(clauses);
  } else if (old_order != new_order) {
    json["order_of_clauses"] = true;
  }
  if (before.versions.antivirus != after.versions.antivirus) {
    json["antivirus"] = {before.versions.antivirus, after.versions.antivirus};
  }
  return json;
}

std::string InWords(const Json& difference) {
  std::string out;
  const auto add = [&out](const std::string& words) { out += (out.empty() ? "" : ", ") + words; };
  if (const auto packs = difference.find("packs"); packs != difference.end()) {
    for (const auto& [pack, its] : packs->items()) {
      add(pack + Signs(Count(its, "added"), Count(its, "removed"), Count(its, "changed")));
    }
  }
  if (const auto lists = difference.find("lists"); lists != difference.end()) {
    for (const auto& [name, its] : lists->items()) {
      add("list " + name +
          Signs(its.value("added", size_t{0}), its.value("removed", size_t{0}), 0));
    }
  }
  if (const auto clauses = difference.find("clauses"); clauses != difference.end()) {
    add("policy" +
        Signs(Count(*clauses, "added"), Count(*clauses, "removed"), Count(*clauses, "changed")));
  }
  if (difference.contains("order_of_clauses")) {
    add("the policy's clauses in another order");
  }
  if (difference.contains("antivirus")) {
    add("other virus signatures");
  }
  return out.empty() ? "nothing that decides has changed" : out;
}

}  // namespace gatepost::gateway
