// Style sheets: the rules that may hide or add text, and which of them an element meets.
// LIMITS: sibling combinators and pseudo-classes that depend on siblings or on the reader are not
// met (their rules are left out); @media is decided for a screen of 1,000 by 800.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/text/html_style.h"

namespace gatepost::text {

// What selectors ask an element. Views into what the caller keeps.
struct Node {
  std::string name;
  std::string id;                                               // lower case
  std::vector<std::string> classes;                             // lower case
  std::vector<std::pair<std::string, std::string>> attributes;  // only when a sheet asks for some
};

enum class Pseudo : uint8_t { kNone, kBefore, kAfter };

class StyleSheet {
 public:
  void Read(std::string_view css);

  bool empty() const { return rules_.empty(); }
  bool asks_attributes() const { return asks_attributes_; }
  const std::vector<std::string>& fonts() const { return fonts_; }
  const std::vector<std::string>& urls() const { return urls_; }

  // Adds the declarations of the rules that `node` meets; `ancestors` from the root down, those
  // that are open. Bounded: when the budget is used up, nothing is met any more.
  void Match(const Node& node, const std::vector<const Node*>& ancestors, Pseudo pseudo,
             Cascade* cascade);
  bool has_pseudo() const { return has_pseudo_; }
  uint64_t work() const { return work_; }

 private:
  struct Test {  // [name], [name=value] ...
    std::string name;
    char how = 0;  // 0 has, '=', '^', '$', '*', '~'
    std::string value;
    bool negated = false;  // :not(...): name "." class, "#" id, else a tag in value
  };
  struct Compound {
    std::string tag;  // "" any
    std::string id;
    std::vector<std::string> classes;
    std::vector<Test> tests;
    bool child = false;  // '>' stands before it
  };
  struct Rule {
    std::vector<Compound> compounds;  // the subject last
    uint32_t specificity = 0;
    Pseudo pseudo = Pseudo::kNone;
    size_t declarations = 0;  // index
    uint32_t order = 0;
  };

  void ReadBlock(std::string_view css);
  void AddRules(std::string_view selectors, std::string_view body);
  bool ReadSelector(std::string_view selector, Rule* rule);
  bool ReadCompound(std::string_view text, Compound* out, Rule* rule);
  static bool Meets(const Node& node, const Compound& compound);
  static bool MeetsTest(const Node& node, const Test& test);
  bool MeetsAncestors(const std::vector<const Node*>& ancestors, const Rule& rule);
  void TryBucket(const std::string& key, const Node& node,
                 const std::vector<const Node*>& ancestors, Pseudo pseudo, Cascade* cascade);

  std::vector<Rule> rules_;
  std::vector<Declarations> declarations_;
  std::unordered_map<std::string, std::vector<size_t>> buckets_;  // "#id", ".class", "tag", "*"
  std::vector<std::string> fonts_;
  std::vector<std::string> urls_;
  bool asks_attributes_ = false;
  bool has_pseudo_ = false;
  uint64_t work_ = 0;
};

}  // namespace gatepost::text
