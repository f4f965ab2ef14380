// Style sheets: the rules that may hide or add text, and which of them an element meets. Of some
// rules nobody can say whether they hold for a reader (@container, :last-child before the parent
// ends, the width of his window): they make a second cascade, what a box may look like as well.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/text/html_style.h"

namespace gatepost::text {

// What selectors ask an element. Views into what the caller keeps.
struct Node {
  std::string name;
  std::string id;
  std::vector<std::string> classes;
  std::vector<std::pair<std::string, std::string>> attributes;  // only when a sheet asks for some
  // Only when a sheet asks for siblings: places among them, from 1, and those before it. `bare`:
  // without <style> and its like, which many a mail program takes out first.
  uint32_t place = 0;
  uint32_t place_bare = 0;
  uint32_t place_of_name = 0;
  bool is_bare = true;  // it stays
  const std::vector<Node>* siblings = nullptr;
  uint32_t before = 0;  // how many of `siblings`
};

enum class Pseudo : uint8_t { kNone, kBefore, kAfter };

// May a rule hold? What is in doubt does now (`holds`) or does not, and may be the other way round.
struct Holding {
  bool holds = true;
  bool doubt = false;
};

struct Compound;
struct SelectorTest {  // [name], [name=value], :is(), :not(), :nth-child()
  enum class Kind : uint8_t { kAttribute, kAny, kNth } kind = Kind::kAttribute;
  std::string name;
  char how = 0;  // 0 has, '=', '^', '$', '*', '~'
  std::string value;
  bool negated = false;       // kAny
  std::vector<Compound> any;  // kAny: it meets one of them
  bool of_name = false;       // kNth: counted among those of the same name
  int32_t step = 0;           // kNth: step * n + offset, n from 0
  int32_t offset = 0;
};
struct Compound {
  std::string tag;  // "" any
  std::string id;
  std::vector<std::string> classes;
  std::vector<SelectorTest> tests;
  char combinator = ' ';  // what stands before it: ' ', '>', '+', '~'
};
struct Selector {
  std::vector<Compound> compounds;  // the subject last
  uint32_t specificity = 0;
  Pseudo pseudo = Pseudo::kNone;
  bool doubt = false;    // something in it cannot be told: left out
  bool invalid = false;  // a browser drops it, and the whole list that it stands in
  bool asks_attributes = false;
  bool asks_siblings = false;
};
// One selector, without commas. False: it meets nothing, or holds only while somebody points.
bool ReadSelector(std::string_view text, Selector* out);
// `folded` is set where an id or a class is the same but for its case: that counts in pages without
// a document type only.
bool Meets(const Node& node, const Compound& compound, bool bare, bool* folded);
// `text` split at commas outside brackets.
std::vector<std::string_view> SplitSelectors(std::string_view text);

class StyleSheet {
 public:
  // `media`: of the element that holds it; `base`: does that count?
  void Read(std::string_view css, std::string_view media, const Holding& base = {});

  // A sheet that a link leads to: only data: URIs are known, and some readers do not follow.
  void ReadLinked(std::string_view url);

  bool empty() const { return rules_.empty(); }
  bool asks_attributes() const { return asks_attributes_; }
  bool asks_siblings() const { return asks_siblings_; }
  const std::vector<std::string>& fonts() const { return fonts_; }
  const std::vector<std::string>& urls() const { return urls_; }
  const std::vector<std::string>& words() const { return words_; }

  struct Met {
    Cascade now;    // the rules that hold
    Cascade other;  // with those in doubt the other way round
    bool doubt = false;
    uint64_t cause = 0;  // which rules are in doubt
  };
  // Adds the declarations of the rules that `node` meets; `ancestors` from the root down, those
  // that are open. Bounded: when the budget is used up, all is in doubt.
  void Match(const Node& node, const std::vector<const Node*>& ancestors, Pseudo pseudo, Met* met);
  bool has_pseudo() const { return has_pseudo_; }
  bool has_keyframes() const { return has_keyframes_; }
  uint64_t work() const { return work_; }

 private:
  struct Rule {
    Selector selector;
    size_t declarations = 0;  // index
    uint32_t order = 0;
    Holding holding;
  };
  struct Block {
    std::string_view css;
    std::string within;  // the selectors of the rule that it stands in; "" none
    Holding holding;
  };

  void ReadBlocks();
  void ReadBlock(const Block& block);
  void ReadImported(std::string_view url);
  void ReadAtRule(std::string_view prelude, std::string_view body, const Block& block);
  void ReadRule(std::string_view selectors, std::string_view body, const Block& block);
  void AddRules(std::string_view selectors, std::string_view body, const Holding& holding);
  bool MeetsBefore(const Node& node, size_t above, const std::vector<const Node*>& ancestors,
                   const Selector& selector, size_t i, bool bare);
  bool MeetsAll(const Node& node, const std::vector<const Node*>& ancestors,
                const Selector& selector, bool bare);
  void TryBucket(const std::string& key, const Node& node,
                 const std::vector<const Node*>& ancestors, Pseudo pseudo, Met* met);

  std::vector<Rule> rules_;
  std::vector<Declarations> declarations_;
  std::unordered_map<std::string, std::vector<size_t>> buckets_;  // "#id", ".class", "tag", "*"
  std::vector<Block> blocks_;                                     // still to be read
  std::deque<std::string> imported_;
  std::vector<std::string> fonts_;
  std::vector<std::string> urls_;
  std::vector<std::string> words_;  // see Declarations
  size_t nested_bytes_ = 0;
  size_t block_bytes_ = 0;
  bool asks_attributes_ = false;
  bool asks_siblings_ = false;
  bool has_pseudo_ = false;
  bool has_keyframes_ = false;
  bool folded_ = false;  // see Meets()
  uint64_t work_ = 0;
};

// Does a media query hold for a screen of 1,000 by 800?
Holding HoldsMedia(std::string_view condition);

}  // namespace gatepost::text
