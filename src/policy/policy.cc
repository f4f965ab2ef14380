// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/policy/policy.h"

#include <array>
#include <utility>

#include "src/policy/clause.h"

namespace gatepost::policy {

namespace {

constexpr std::array<const char*, 5> kActions{"accept", "tag", "quarantine", "reject", "defer"};

}  // namespace

const char* ToString(Action action) { return kActions[static_cast<size_t>(action)]; }

bool ActionFromString(std::string_view text, Action* out) {
  for (size_t i = 0; i < kActions.size(); ++i) {
    if (text == kActions[i]) {
      *out = static_cast<Action>(i);
      return true;
    }
  }
  return false;
}

Policy::Policy(std::unique_ptr<Clauses> clauses) : clauses_(std::move(clauses)) {}
Policy::~Policy() = default;

const std::string& Policy::version() const { return clauses_->version; }
Policy::Thresholds Policy::thresholds() const { return clauses_->thresholds; }

std::vector<std::string> Policy::shadow_clauses() const {
  std::vector<std::string> names;
  for (const Clause& clause : clauses_->clauses) {
    if (clause.shadow) {
      names.push_back(clause.name);
    }
  }
  return names;
}

std::unique_ptr<Policy::ClauseInfo> Policy::FindClause(const std::string& name) const {
  for (const Clause& clause : clauses_->clauses) {
    if (clause.name == name) {
      return std::make_unique<ClauseInfo>(ClauseInfo{clause.shadow, clause.action, clause.place});
    }
  }
  return nullptr;
}

std::string Policy::ToString() const {
  std::string out;
  for (const Clause& clause : clauses_->clauses) {
    out += clause.name + (clause.shadow ? " (shadow)" : "") + ": when " + clause.when_text +
           " then " + policy::ToString(clause.action);
    if (!clause.code.empty()) {
      out += " " + clause.code;
    }
    out += clause.whole_message ? ", the whole message" : "";
    out += clause.store ? "" : ", nothing stored";
    out += clause.category.empty() ? "" : " [" + clause.category + "]";
    out += clause.basis.empty() ? "" : " (" + clause.basis + ")";
    out += "\n";
  }
  return out;
}

}  // namespace gatepost::policy
