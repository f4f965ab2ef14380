// Style sheets: reading rules, meeting them.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_sheet.h"

#include <algorithm>

#include "src/base/bytes.h"
#include "src/text/html_script.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostRules = 5'000;
constexpr size_t kMostBlocks = 200;           // at-rules and rules inside rules
constexpr size_t kMostNestedBytes = 1 << 20;  // of their selectors
constexpr size_t kMostBlockBytes = 8 << 20;   // read again for what is inside
constexpr size_t kMostCombined = 100;         // selectors of one rule inside a rule
constexpr uint64_t kMostWork = 3'000'000;     // compounds compared for one document

// The first of `signs` from `from` on, outside strings and url(); the end: there is none.
size_t FindSign(std::string_view css, std::string_view signs, size_t from) {
  for (size_t i = from; i < css.size(); ++i) {
    if (css[i] == '"' || css[i] == '\'') {
      const size_t close = css.find_first_of(css[i] == '"' ? "\"\n" : "'\n", i + 1);
      i = std::min(close, css.size() - 1);
    } else if (css[i] == '(' && i >= 3 && AsciiEqualsIgnoreCase(css.substr(i - 3, 3), "url") &&
               i + 1 < css.size() && css[i + 1] != '"' && css[i + 1] != '\'') {
      i = std::min(css.find_first_of(")\n", i), css.size() - 1);
    } else if (signs.find(css[i]) != std::string_view::npos) {
      return i;
    }
  }
  return css.size();
}

// Behind the '}' that closes the block whose content begins at `from`; *content ends before it.
size_t BehindBlock(std::string_view css, size_t from, std::string_view* content) {
  size_t close = from;
  size_t depth = 1;
  while (depth > 0) {
    close = FindSign(css, "{}", close);
    if (close >= css.size()) {
      *content = css.substr(std::min(from, css.size()));
      return css.size();
    }
    depth += css[close] == '{' ? 1U : 0U;
    depth -= css[close] == '}' ? 1U : 0U;
    ++close;
  }
  *content = css.substr(from, close - from - 1);
  return close;
}

bool IsAtRule(std::string_view prelude, std::string_view name) {
  return AsciiStartsWithIgnoreCase(prelude, name);
}

// Of a rule inside a rule: '&' stands for the outer selectors, which else stand in front.
std::string Combined(std::string_view outer, std::string_view inner) {
  std::string out;
  size_t count = 0;
  for (const std::string_view within : SplitSelectors(outer)) {
    for (const std::string_view one : SplitSelectors(inner)) {
      if (++count > kMostCombined || out.size() > 20'000) {
        return out;
      }
      out += out.empty() ? "" : ",";
      if (one.find('&') == std::string_view::npos) {
        out += std::string(within) + " " + std::string(one);
        continue;
      }
      for (const char c : one) {
        out += c == '&' ? std::string(within) : std::string(1, c);
      }
    }
  }
  return out;
}

}  // namespace

void StyleSheet::Read(std::string_view css, std::string_view media, const Holding& base) {
  const std::string plain = PlainCss(css);
  Holding holding = base;
  if (!AsciiTrim(media).empty()) {
    const Holding asked = HoldsMedia(media);
    const bool never = !asked.holds && !asked.doubt;
    holding = {base.holds && asked.holds, !never && (base.doubt || asked.doubt)};
  }
  if (holding.holds || holding.doubt) {
    blocks_.assign(1, {plain, "", holding});
    ReadBlocks();
  }
}

void StyleSheet::ReadBlock(const Block& block) {
  const std::string_view css = block.css;
  size_t at = 0;
  while (at < css.size() && rules_.size() < kMostRules) {
    const size_t open = FindSign(css, "{;", at);
    if (open == css.size()) {
      break;
    }
    std::string_view prelude = AsciiTrim(css.substr(at, open - at));
    while (prelude.substr(0, 4) == "<!--" || prelude.substr(0, 3) == "-->") {
      prelude.remove_prefix(prelude[0] == '<' ? 4 : 3);
      prelude = AsciiTrim(prelude);
    }
    if (css[open] == ';') {  // @import, @charset
      const Declarations imported =
          ReadDeclarations("src:" + std::string(prelude.substr(0, 2'000)));
      urls_.insert(urls_.end(), imported.urls.begin(), imported.urls.end());
      for (const std::string& url : imported.urls) {
        ReadImported(url);
      }
      const size_t quote = prelude.find_first_of("\"'");
      if (IsAtRule(prelude, "@import") && imported.urls.empty() && quote != prelude.npos) {
        const std::string_view rest = prelude.substr(quote + 1);
        const std::string url(rest.substr(0, rest.find(prelude[quote])));
        urls_.push_back(url);
        ReadImported(url);
      }
      at = open + 1;
      continue;
    }
    std::string_view body;
    at = BehindBlock(css, open + 1, &body);
    if (prelude.substr(0, 1) == "}") {  // a browser drops the rule, others the sign
      while (prelude.substr(0, 1) == "}") {
        prelude = AsciiTrim(prelude.substr(1));
      }
      ReadRule(prelude, body, {body, block.within, {false, true}});
      continue;
    }
    if (prelude.substr(0, 1) == "@" && !IsAtRule(prelude, "@font-face")) {
      ReadAtRule(prelude, body, block);
    } else {
      ReadRule(prelude, body, block);
    }
  }
}

// A sheet in a data: URI: some readers fetch it.
void StyleSheet::ReadImported(std::string_view url) {
  std::string media_type;
  std::string bytes;
  if (imported_.size() < 20 && url.size() < 1'000'000 && blocks_.size() < kMostBlocks &&
      ReadDataUri(url, &media_type, &bytes)) {
    imported_.push_back(PlainCss(bytes));
    blocks_.push_back({imported_.back(), "", {false, true}});
  }
}

void StyleSheet::ReadLinked(std::string_view url) {
  blocks_.clear();
  ReadImported(url);
  ReadBlocks();
}

void StyleSheet::ReadBlocks() {
  for (size_t read = 0; read < blocks_.size(); ++read) {
    const Block block = blocks_[read];
    ReadBlock(block);
  }
  blocks_.clear();
}

void StyleSheet::ReadAtRule(std::string_view prelude, std::string_view body, const Block& block) {
  has_keyframes_ =
      has_keyframes_ || AsciiLower(prelude.substr(0, 30)).find("keyframes") != std::string::npos;
  if (blocks_.size() >= kMostBlocks || block_bytes_ + body.size() > kMostBlockBytes ||
      IsAtRule(prelude, "@keyframes") || IsAtRule(prelude, "@-webkit-keyframes") ||
      IsAtRule(prelude, "@page")) {
    return;
  }
  if (IsAtRule(prelude, "@counter-style") || IsAtRule(prelude, "@property")) {
    AddRules("@", body, block.holding);
    return;
  }
  Holding here;
  if (IsAtRule(prelude, "@media")) {
    here = HoldsMedia(prelude.substr(6));
  } else if (IsAtRule(prelude, "@supports")) {
    here.doubt = true;
  } else if (!IsAtRule(prelude, "@layer")) {
    here = {false, true};  // @container, @scope, @starting-style, @document, what is to come
  }
  if (!here.holds && !here.doubt) {
    return;
  }
  // Inside a doubtful one that does not hold, nothing holds.
  here.doubt = here.doubt || block.holding.doubt;
  here.holds = here.holds && block.holding.holds;
  block_bytes_ += body.size();
  blocks_.push_back({body, block.within, here});
  // Inside a rule it may hold declarations of that rule.
  if (!block.within.empty()) {
    AddRules(block.within, body.substr(0, body.find('{')), here);
  }
}

void StyleSheet::ReadRule(std::string_view selectors, std::string_view body, const Block& block) {
  const bool inside = !block.within.empty();
  const std::string combined = inside ? Combined(block.within, selectors) : std::string();
  const std::string_view all = inside ? std::string_view(combined) : selectors;
  const size_t nested = body.find('{');
  if (nested == std::string_view::npos) {
    AddRules(all, body, block.holding);
    return;
  }
  // Rules inside this one: declarations and blocks in any order.
  std::string own;
  size_t at = 0;
  size_t first = std::string_view::npos;
  while (at < body.size()) {
    const size_t open = body.find('{', at);
    const std::string_view flat =
        body.substr(at, open == std::string_view::npos ? open : open - at);
    const size_t end = open == std::string_view::npos ? flat.size() : flat.rfind(';') + 1;
    own.append(flat.substr(0, end));
    if (open == std::string_view::npos) {
      break;
    }
    first = first == std::string_view::npos ? at + end : first;
    std::string_view content;
    at = BehindBlock(body, open + 1, &content);
  }
  AddRules(all, own, block.holding);
  if (first < body.size() && blocks_.size() < kMostBlocks &&
      block_bytes_ + body.size() <= kMostBlockBytes &&
      nested_bytes_ + all.size() < kMostNestedBytes) {
    nested_bytes_ += all.size();
    block_bytes_ += body.size();
    blocks_.push_back({body.substr(first), std::string(all), block.holding});
  }
}

void StyleSheet::AddRules(std::string_view selectors, std::string_view body,
                          const Holding& holding) {
  Declarations made = ReadDeclarations(body);
  fonts_.insert(fonts_.end(), made.fonts.begin(), made.fonts.end());
  urls_.insert(urls_.end(), made.urls.begin(), made.urls.end());
  words_.insert(words_.end(), made.words.begin(), made.words.end());
  if (made.list.empty() || selectors.substr(0, 1) == "@") {
    return;
  }
  const size_t index = declarations_.size();
  declarations_.push_back(std::move(made));
  const size_t first = rules_.size();
  bool invalid = false;
  for (const std::string_view one : SplitSelectors(selectors)) {
    if (rules_.size() >= kMostRules) {
      break;
    }
    Rule rule;
    rule.declarations = index;
    rule.order = static_cast<uint32_t>(rules_.size());
    rule.holding = holding;
    const bool usable = ReadSelector(one, &rule.selector);
    invalid = invalid || rule.selector.invalid;
    if (!usable) {
      continue;
    }
    if (rule.selector.doubt) {
      rule.holding = {false, true};
    }
    const Compound& subject = rule.selector.compounds.back();
    const std::string key = !subject.id.empty()        ? "#" + AsciiLower(subject.id)
                            : !subject.classes.empty() ? "." + AsciiLower(subject.classes.back())
                            : !subject.tag.empty()     ? subject.tag
                                                       : "*";
    buckets_[key].push_back(rules_.size());
    has_pseudo_ = has_pseudo_ || rule.selector.pseudo != Pseudo::kNone;
    asks_attributes_ = asks_attributes_ || rule.selector.asks_attributes;
    asks_siblings_ = asks_siblings_ || rule.selector.asks_siblings;
    rules_.push_back(std::move(rule));
  }
  // One that is not valid takes its list with it, at least where the sheet is read as today.
  for (size_t i = first; invalid && i < rules_.size(); ++i) {
    rules_[i].holding = {false, true};
  }
}

// Does what stands before compound i of the selector fit `node`, which meets i and has `above`
// ancestors? Every way is tried; a selector has few compounds, and all steps together are counted.
// NOLINTNEXTLINE(misc-no-recursion): kMostCompounds bounds it.
bool StyleSheet::MeetsBefore(const Node& node, size_t above,
                             const std::vector<const Node*>& ancestors, const Selector& selector,
                             size_t i, bool bare) {
  if (i == 0) {
    return true;
  }
  const Compound& wanted = selector.compounds[i - 1];
  const char combinator = selector.compounds[i].combinator;
  if (combinator == ' ' || combinator == '>') {
    for (size_t next = above; next > 0 && ++work_ <= kMostWork; --next) {
      if (Meets(*ancestors[next - 1], wanted, bare, &folded_) &&
          MeetsBefore(*ancestors[next - 1], next - 1, ancestors, selector, i - 1, bare)) {
        return true;
      }
      if (combinator == '>') {
        return false;
      }
    }
    return false;
  }
  const size_t count =
      node.siblings == nullptr ? 0 : std::min<size_t>(node.before, node.siblings->size());
  for (size_t next = count; next > 0 && ++work_ <= kMostWork; --next) {
    const Node& sibling = (*node.siblings)[next - 1];
    if (bare && !sibling.is_bare) {
      continue;
    }
    if (Meets(sibling, wanted, bare, &folded_) &&
        MeetsBefore(sibling, above, ancestors, selector, i - 1, bare)) {
      return true;
    }
    if (combinator == '+') {
      return false;
    }
  }
  return false;
}

bool StyleSheet::MeetsAll(const Node& node, const std::vector<const Node*>& ancestors,
                          const Selector& selector, bool bare) {
  return Meets(node, selector.compounds.back(), bare, &folded_) &&
         MeetsBefore(node, ancestors.size(), ancestors, selector, selector.compounds.size() - 1,
                     bare);
}

void StyleSheet::TryBucket(const std::string& key, const Node& node,
                           const std::vector<const Node*>& ancestors, Pseudo pseudo, Met* met) {
  const auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    return;
  }
  for (const size_t index : found->second) {
    const Rule& rule = rules_[index];
    if (++work_ > kMostWork) {
      return;
    }
    const Selector& selector = rule.selector;
    if (selector.pseudo != pseudo) {
      continue;
    }
    folded_ = false;
    const bool whole = MeetsAll(node, ancestors, selector, false);
    const bool bare = selector.asks_siblings ? MeetsAll(node, ancestors, selector, true) : whole;
    if (!whole && !bare) {
      continue;
    }
    Holding holding = rule.holding;
    if (whole != bare) {
      holding = {holding.holds && whole, true};
    }
    holding.doubt = holding.doubt || folded_;
    for (const Declaration& one : declarations_[rule.declarations].list) {
      if (holding.holds && !one.doubt) {
        met->now.Add(&one, selector.specificity, rule.order);
      }
      if (holding.holds != holding.doubt) {
        met->other.Add(&one, selector.specificity, rule.order);
      }
      if ((holding.doubt || one.doubt) && one.property != Property::kFontFamily &&
          one.property != Property::kPadding) {
        met->doubt = true;
        met->cause = met->cause * 31 + rule.order + 1;
      }
    }
  }
}

void StyleSheet::Match(const Node& node, const std::vector<const Node*>& ancestors, Pseudo pseudo,
                       Met* met) {
  if (rules_.empty()) {
    return;
  }
  if (!node.id.empty()) {
    TryBucket("#" + AsciiLower(node.id), node, ancestors, pseudo, met);
  }
  for (const std::string& one : node.classes) {
    TryBucket("." + AsciiLower(one), node, ancestors, pseudo, met);
  }
  TryBucket(node.name, node, ancestors, pseudo, met);
  TryBucket("*", node, ancestors, pseudo, met);
  if (work_ > kMostWork) {
    static const Declaration kHidden = [] {
      Declaration hidden;
      hidden.property = Property::kInDoubt;
      hidden.word = 1;
      return hidden;
    }();
    met->other.Add(&kHidden, Cascade::kInline - 1, UINT32_MAX);
    met->doubt = true;
  }
}

}  // namespace gatepost::text
