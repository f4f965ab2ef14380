// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/category.h"

#include <algorithm>
#include <array>

#include "src/base/yaml.h"

namespace gatepost::record {

namespace {

struct Category {
  const char* name;
  const char* vi;
  const char* en;
};
// Both begin with a letter of ASCII, so that a heading can make it large.
constexpr std::array<Category, 8> kUsual{{
    {"spam", "thư rác", "spam"},
    {"virus", "mã độc", "virus"},
    {"marking", "dấu mật", "marking"},
    {"freemail", "hộp thư miễn phí nước ngoài", "free mailbox abroad"},
    {"unscannable", "không đọc được", "unreadable"},
    {"ambiguous", "cấu trúc không rõ ràng", "ambiguous structure"},
    {"phish", "lừa đảo", "phishing"},
    {"policy", "quy định của cơ quan", "rule of the house"},
}};

}  // namespace

const std::set<std::string>& UsualCategories() {
  static const std::set<std::string> kNames = [] {
    std::set<std::string> names;
    for (const Category& one : kUsual) {
      names.insert(one.name);
    }
    return names;
  }();
  return kNames;
}

std::set<std::string> CategoriesOf(const std::string& policy_file) {
  std::set<std::string> names = UsualCategories();
  Diagnostics ignored;  // loading the policy tells what is wrong with it
  const Result<YamlNode> root = LoadYaml(policy_file, &ignored);
  const YamlNode* const clauses = root.ok() ? root->Find("clauses") : nullptr;
  if (clauses == nullptr || !clauses->is_sequence()) {
    return names;
  }
  for (const YamlNode& clause : clauses->items) {
    const YamlNode* const category = clause.is_map() ? clause.Find("category") : nullptr;
    if (category != nullptr && category->is_scalar() && !category->scalar.empty()) {
      names.insert(category->scalar);
    }
  }
  return names;
}

std::string CategoryWords(const std::string& category, bool vietnamese) {
  const auto* const found = std::find_if(kUsual.begin(), kUsual.end(),
                                         [&](const Category& one) { return category == one.name; });
  return found == kUsual.end() ? category : vietnamese ? found->vi : found->en;
}

}  // namespace gatepost::record
