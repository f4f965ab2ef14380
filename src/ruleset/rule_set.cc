// What a loaded rule set answers.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/rule_set.h"

namespace gatepost::ruleset {

bool GlobMatches(std::string_view pattern, std::string_view text) {
  // The classic two-pointer walk: on a mismatch only the last star takes one byte more.
  size_t p = 0;
  size_t t = 0;
  size_t star = std::string_view::npos;
  size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') {
    ++p;
  }
  return p == pattern.size();
}

int RuleSet::IndexOf(std::string_view id) const {
  const auto found = by_id_.find(std::string(id));
  return found == by_id_.end() ? -1 : static_cast<int>(found->second);
}

const Rule* RuleSet::Find(std::string_view id) const {
  const int index = IndexOf(id);
  return index < 0 ? nullptr : &(*rules_)[static_cast<size_t>(index)];
}

const List* RuleSet::FindList(std::string_view name) const {
  const auto found = lists_.find(name);
  return found == lists_.end() ? nullptr : found->second.get();
}

std::vector<std::string> RuleSet::ListNames() const {
  std::vector<std::string> names;
  for (const auto& [name, list] : lists_) {
    names.push_back(name);
  }
  return names;
}

std::vector<size_t> RuleSet::Named(std::string_view id_or_glob) const {
  std::vector<size_t> named;
  if (id_or_glob.find_first_of("*?") == std::string_view::npos) {
    const int index = IndexOf(id_or_glob);
    if (index >= 0) {
      named.push_back(static_cast<size_t>(index));
    }
    return named;
  }
  for (size_t i = 0; i < rules_->size(); ++i) {
    if (GlobMatches(id_or_glob, (*rules_)[i].id)) {
      named.push_back(i);
    }
  }
  return named;
}

std::vector<size_t> RuleSet::InGroup(std::string_view group) const {
  std::vector<size_t> members;
  for (size_t i = 0; i < rules_->size(); ++i) {
    if (!group.empty() && (*rules_)[i].group == group) {
      members.push_back(i);
    }
  }
  return members;
}

}  // namespace gatepost::ruleset
