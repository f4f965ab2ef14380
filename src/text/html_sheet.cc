// Style sheets: reading rules, meeting them.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_sheet.h"

#include <algorithm>
#include <cstdlib>

#include "src/base/bytes.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostRules = 5'000;
constexpr size_t kMostBlocks = 8;          // at-rules inside at-rules
constexpr size_t kMostCompounds = 12;      // of one selector
constexpr uint64_t kMostWork = 3'000'000;  // compounds compared for one document
constexpr double kScreenWidth = 1'000;
constexpr double kScreenHeight = 800;

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

// One query of @media: "only screen and (max-width: 600px)".
bool HoldsQuery(std::string_view query) {
  const bool negated = query.find("not ") != std::string_view::npos;
  bool holds = query.find("print") == std::string_view::npos &&
               query.find("speech") == std::string_view::npos &&
               query.find("aural") == std::string_view::npos;
  for (size_t open = query.find('('); open != std::string_view::npos;
       open = query.find('(', open + 1)) {
    const size_t close = std::min(query.find(')', open), query.size());
    const std::string_view feature = AsciiTrim(query.substr(open + 1, close - open - 1));
    const size_t colon = feature.find(':');
    const std::string_view name = AsciiTrim(feature.substr(0, colon));
    const std::string value(colon == std::string_view::npos ? ""
                                                            : AsciiTrim(feature.substr(colon + 1)));
    const double number =
        std::strtod(value.c_str(), nullptr) * (value.find("em") != std::string::npos ? 16.0 : 1.0);
    const bool wide = name.find("width") != std::string_view::npos;
    const double size = wide ? kScreenWidth : kScreenHeight;
    if (wide || name.find("height") != std::string_view::npos) {
      holds = holds && (name.substr(0, 4) == "max-"   ? size <= number
                        : name.substr(0, 4) == "min-" ? size >= number
                                                      : false);
    } else if (name == "orientation") {
      holds = holds && value == "landscape";
    } else if (name == "prefers-color-scheme") {
      holds = holds && value == "light";
    } else {
      holds = holds && name.find("webkit") == std::string_view::npos && name == "color";
    }
  }
  return holds != negated;
}

bool HoldsMedia(std::string_view condition) {
  const std::string lower = AsciiLower(condition);
  const std::string_view text = lower;
  size_t at = 0;
  while (at <= text.size()) {
    const size_t comma = std::min(text.find(',', at), text.size());
    if (HoldsQuery(AsciiTrim(text.substr(at, comma - at)))) {
      return true;
    }
    at = comma + 1;
  }
  return false;
}

}  // namespace

void StyleSheet::Read(std::string_view css) { ReadBlock(PlainCss(css)); }

void StyleSheet::ReadBlock(std::string_view whole) {
  std::vector<std::string_view> blocks{whole};
  size_t read = 0;
  while (read < blocks.size()) {
    const std::string_view css = blocks[read++];
    size_t at = 0;
    while (at < css.size() && rules_.size() < kMostRules) {
      const size_t open = css.find_first_of("{;", at);
      if (open == std::string_view::npos) {
        break;
      }
      std::string_view selectors = AsciiTrim(css.substr(at, open - at));
      while (selectors.substr(0, 4) == "<!--" || selectors.substr(0, 3) == "-->") {
        selectors.remove_prefix(selectors[0] == '<' ? 4 : 3);
        selectors = AsciiTrim(selectors);
      }
      if (css[open] == ';') {  // @import, @charset
        const Declarations imported =
            ReadDeclarations("src:" + std::string(selectors.substr(0, 2'000)));
        urls_.insert(urls_.end(), imported.urls.begin(), imported.urls.end());
        at = open + 1;
        continue;
      }
      size_t close = open + 1;
      size_t depth = 1;
      while (close < css.size() && depth > 0) {
        depth += css[close] == '{' ? 1U : 0U;
        depth -= css[close] == '}' ? 1U : 0U;
        ++close;
      }
      const std::string_view body = css.substr(open + 1, close - open - (depth == 0 ? 2 : 1));
      at = close;
      if (selectors.substr(0, 1) != "@" || AsciiStartsWithIgnoreCase(selectors, "@font-face")) {
        AddRules(selectors, body);
      } else if (blocks.size() < 200 && body.size() < css.size()) {
        const bool media = AsciiStartsWithIgnoreCase(selectors, "@media");
        const bool group = AsciiStartsWithIgnoreCase(selectors, "@supports") ||
                           AsciiStartsWithIgnoreCase(selectors, "@layer");
        if (group || (media && HoldsMedia(selectors.substr(6)))) {
          blocks.push_back(body);
        }
      }
    }
    if (blocks.size() > kMostBlocks * 25) {
      break;
    }
  }
}

void StyleSheet::AddRules(std::string_view selectors, std::string_view body) {
  Declarations made = ReadDeclarations(body);
  fonts_.insert(fonts_.end(), made.fonts.begin(), made.fonts.end());
  urls_.insert(urls_.end(), made.urls.begin(), made.urls.end());
  if (made.list.empty() || selectors.substr(0, 1) == "@") {
    return;
  }
  const size_t index = declarations_.size();
  declarations_.push_back(std::move(made));
  size_t at = 0;
  while (at <= selectors.size() && rules_.size() < kMostRules) {
    size_t comma = at;
    int depth = 0;
    while (comma < selectors.size() && (selectors[comma] != ',' || depth > 0)) {
      depth += selectors[comma] == '(' || selectors[comma] == '[' ? 1 : 0;
      depth -= selectors[comma] == ')' || selectors[comma] == ']' ? 1 : 0;
      ++comma;
    }
    Rule rule;
    rule.declarations = index;
    rule.order = static_cast<uint32_t>(rules_.size());
    if (ReadSelector(AsciiTrim(selectors.substr(at, comma - at)), &rule)) {
      const Compound& subject = rule.compounds.back();
      const std::string key = !subject.id.empty()        ? "#" + subject.id
                              : !subject.classes.empty() ? "." + subject.classes.back()
                              : !subject.tag.empty()     ? subject.tag
                                                         : "*";
      buckets_[key].push_back(rules_.size());
      has_pseudo_ = has_pseudo_ || rule.pseudo != Pseudo::kNone;
      rules_.push_back(std::move(rule));
    }
    at = comma + 1;
  }
}

bool StyleSheet::ReadSelector(std::string_view selector, Rule* rule) {
  size_t at = 0;
  bool child = false;
  while (at < selector.size()) {
    const char c = selector[at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
      ++at;
      continue;
    }
    if (c == '>') {
      child = true;
      ++at;
      continue;
    }
    if (c == '+' || c == '~') {
      return false;
    }
    size_t end = at;
    int depth = 0;
    while (end < selector.size() &&
           (depth > 0 ||
            std::string_view(" \t\r\n\f>+~").find(selector[end]) == std::string_view::npos)) {
      depth += selector[end] == '(' || selector[end] == '[' ? 1 : 0;
      depth -= selector[end] == ')' || selector[end] == ']' ? 1 : 0;
      ++end;
    }
    Compound compound;
    compound.child = child;
    child = false;
    if (rule->compounds.size() >= kMostCompounds ||
        !ReadCompound(selector.substr(at, end - at), &compound, rule)) {
      return false;
    }
    rule->compounds.push_back(std::move(compound));
    at = end;
  }
  return !rule->compounds.empty();
}

bool StyleSheet::ReadCompound(std::string_view text, Compound* out, Rule* rule) {
  const auto name_at = [&](size_t from) {
    size_t end = from;
    while (end < text.size() && IsNameChar(text[end])) {
      ++end;
    }
    return text.substr(from, end - from);
  };
  size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '*') {
      ++at;
    } else if (c == '.' || c == '#') {
      const std::string_view name = name_at(at + 1);
      if (name.empty()) {
        return false;
      }
      if (c == '.') {
        out->classes.push_back(AsciiLower(name));
        rule->specificity += 1U << 8U;
      } else {
        out->id = AsciiLower(name);
        rule->specificity += 1U << 16U;
      }
      at += 1 + name.size();
    } else if (c == '[') {
      const size_t close = text.find(']', at);
      if (close == std::string_view::npos) {
        return false;
      }
      const std::string_view inside = text.substr(at + 1, close - at - 1);
      Test test;
      const size_t equals = inside.find('=');
      std::string_view name = AsciiTrim(inside.substr(0, equals));
      if (equals != std::string_view::npos) {
        test.how = '=';
        if (!name.empty() &&
            std::string_view("^$*~|").find(name.back()) != std::string_view::npos) {
          test.how = name.back();
          name.remove_suffix(1);
        }
        std::string_view value = AsciiTrim(inside.substr(equals + 1));
        if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'')) {
          value = value.substr(1, value.find(value[0], 1) - 1);
        }
        test.value = AsciiLower(value);
      }
      test.name = AsciiLower(AsciiTrim(name));
      out->tests.push_back(std::move(test));
      asks_attributes_ = true;
      rule->specificity += 1U << 8U;
      at = close + 1;
    } else if (c == ':') {
      const bool element = at + 1 < text.size() && text[at + 1] == ':';
      const std::string name = AsciiLower(name_at(at + (element ? 2 : 1)));
      at += (element ? 2 : 1) + name.size();
      if (name == "before" || name == "after") {
        rule->pseudo = name == "before" ? Pseudo::kBefore : Pseudo::kAfter;
      } else if (name == "not" && at < text.size() && text[at] == '(') {
        const size_t close = std::min(text.find(')', at), text.size());
        const std::string inside = AsciiLower(AsciiTrim(text.substr(at + 1, close - at - 1)));
        Test test;
        test.negated = true;
        test.name = inside.substr(0, 1);
        test.value = test.name == "." || test.name == "#" ? inside.substr(1) : inside;
        if (test.value.find_first_of(" .#[:,>") != std::string::npos) {
          return false;
        }
        out->tests.push_back(std::move(test));
        rule->specificity += 1U << 8U;
        at = close + 1;
      } else if (name != "root" && name != "link" && name != "any-link") {
        return false;
      }
    } else {
      const std::string_view name = name_at(at);
      if (name.empty() || at != 0) {
        return false;
      }
      out->tag = AsciiLower(name);
      rule->specificity += 1;
      at += name.size();
    }
  }
  return true;
}

bool StyleSheet::MeetsTest(const Node& node, const Test& test) {
  if (test.negated) {
    return test.name == "." ? std::find(node.classes.begin(), node.classes.end(), test.value) ==
                                  node.classes.end()
           : test.name == "#" ? node.id != test.value
                              : node.name != test.value;
  }
  for (const auto& [name, value] : node.attributes) {
    if (name != test.name) {
      continue;
    }
    switch (test.how) {
      case 0:
        return true;
      case '^':
        return !test.value.empty() && value.compare(0, test.value.size(), test.value) == 0;
      case '$':
        return !test.value.empty() && value.size() >= test.value.size() &&
               value.compare(value.size() - test.value.size(), test.value.size(), test.value) == 0;
      case '*':
        return !test.value.empty() && value.find(test.value) != std::string::npos;
      case '~':
        return (" " + value + " ").find(" " + test.value + " ") != std::string::npos;
      default:
        return value == test.value;
    }
  }
  return false;
}

bool StyleSheet::Meets(const Node& node, const Compound& compound) {
  return (compound.tag.empty() || compound.tag == node.name) &&
         (compound.id.empty() || compound.id == node.id) &&
         std::all_of(compound.classes.begin(), compound.classes.end(),
                     [&](const std::string& one) {
                       return std::find(node.classes.begin(), node.classes.end(), one) !=
                              node.classes.end();
                     }) &&
         std::all_of(compound.tests.begin(), compound.tests.end(),
                     [&](const Test& test) { return MeetsTest(node, test); });
}

// Greedy from the inside out; with a child combinator further in that is not exact for selectors
// like "a > b c", where only the nearest b is tried.
bool StyleSheet::MeetsAncestors(const std::vector<const Node*>& ancestors, const Rule& rule) {
  size_t next = ancestors.size();
  for (size_t i = rule.compounds.size() - 1; i > 0; --i) {
    const bool child = rule.compounds[i].child;
    bool met = false;
    while (next > 0 && !met) {
      --next;
      ++work_;
      met = Meets(*ancestors[next], rule.compounds[i - 1]);
      if (child && !met) {
        return false;
      }
    }
    if (!met) {
      return false;
    }
  }
  return true;
}

void StyleSheet::TryBucket(const std::string& key, const Node& node,
                           const std::vector<const Node*>& ancestors, Pseudo pseudo,
                           Cascade* cascade) {
  const auto found = buckets_.find(key);
  if (found == buckets_.end()) {
    return;
  }
  for (const size_t index : found->second) {
    const Rule& rule = rules_[index];
    if (++work_ > kMostWork) {
      return;
    }
    if (rule.pseudo == pseudo && Meets(node, rule.compounds.back()) &&
        MeetsAncestors(ancestors, rule)) {
      for (const Declaration& one : declarations_[rule.declarations].list) {
        cascade->Add(&one, rule.specificity, rule.order);
      }
    }
  }
}

void StyleSheet::Match(const Node& node, const std::vector<const Node*>& ancestors, Pseudo pseudo,
                       Cascade* cascade) {
  if (rules_.empty()) {
    return;
  }
  if (!node.id.empty()) {
    TryBucket("#" + node.id, node, ancestors, pseudo, cascade);
  }
  for (const std::string& one : node.classes) {
    TryBucket("." + one, node, ancestors, pseudo, cascade);
  }
  TryBucket(node.name, node, ancestors, pseudo, cascade);
  TryBucket("*", node, ancestors, pseudo, cascade);
}

}  // namespace gatepost::text
