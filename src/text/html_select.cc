// Selectors: reading them, and which elements they meet.
// LIMITS: what depends on what is still to come (:last-child, :has, :empty) or on the reader's
// program is left out and makes the rule doubtful; lists inside :is() and :not() hold no
// combinators.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdlib>

#include "src/base/bytes.h"
#include "src/text/html_sheet.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostCompounds = 12;  // of one selector
constexpr size_t kMostNested = 4;      // :is(:not(:is(...)))
constexpr size_t kMostOfList = 50;
constexpr std::string_view kCombinators = ">+~";
constexpr std::string_view kSelectorBlanks = " \t\r\n\f";

bool IsNameChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool IsAmong(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Behind the bracket that closes the one at text[open].
size_t BehindBracket(std::string_view text, size_t open) {
  size_t depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    depth += text[i] == '(' ? 1U : 0U;
    depth -= text[i] == ')' ? 1U : 0U;
    if (depth == 0) {
      return i + 1;
    }
  }
  return text.size();
}

// "odd", "even", "3", "2n+1", "-n + 3". False: something else.
bool ReadNth(std::string_view given, SelectorTest* out) {
  std::string text;
  for (const char c : given.substr(0, 100)) {
    if (kSelectorBlanks.find(c) == std::string_view::npos) {
      text.push_back(AsciiLower(c));
    }
  }
  if (text == "odd" || text == "even") {
    out->step = 2;
    out->offset = text == "odd" ? 1 : 0;
    return true;
  }
  if (text.empty() || text.find_first_not_of("0123456789n+-") != std::string::npos) {
    return false;
  }
  const auto number = [](const std::string& digits) {
    const int64_t value = std::strtoll(digits.c_str(), nullptr, 10);
    return static_cast<int32_t>(std::clamp<int64_t>(value, -1'000'000, 1'000'000));
  };
  const size_t n = text.find('n');
  if (n == std::string::npos) {
    out->offset = number(text);
    return true;
  }
  const std::string step = text.substr(0, n);
  out->step = step.empty() || step == "+" ? 1 : step == "-" ? -1 : number(step);
  out->offset = number(text.substr(n + 1));
  return true;
}

// What a compound turned out to be.
enum class Made : uint8_t { kUsable, kNever, kInvalid };

Made ReadCompound(std::string_view text, size_t nested, Compound* out, Selector* rule);

// :is(), :where(), :not() and their like.
// NOLINTNEXTLINE(misc-no-recursion): kMostNested bounds it.
Made ReadList(std::string_view inside, bool negated, size_t nested, Compound* out, Selector* rule) {
  SelectorTest test;
  test.kind = SelectorTest::Kind::kAny;
  test.negated = negated;
  if (nested >= kMostNested) {
    rule->doubt = true;
    return Made::kUsable;
  }
  for (const std::string_view one : SplitSelectors(inside)) {
    const std::string_view trimmed = AsciiTrim(one);
    if (test.any.size() >= kMostOfList ||
        trimmed.find_first_of(" \t\r\n\f>+~&") != std::string_view::npos) {
      rule->doubt = true;
      return Made::kUsable;
    }
    Compound compound;
    Selector inner;
    const Made made = ReadCompound(trimmed, nested + 1, &compound, &inner);
    // :is() and :where() forgive, :not() does not.
    rule->invalid = rule->invalid || (negated && (inner.invalid || made == Made::kInvalid));
    rule->asks_attributes = rule->asks_attributes || inner.asks_attributes;
    rule->asks_siblings = rule->asks_siblings || inner.asks_siblings;
    if (inner.doubt) {
      rule->doubt = true;  // and the list is left out
      return Made::kUsable;
    }
    if (made == Made::kUsable && inner.pseudo == Pseudo::kNone) {
      test.any.push_back(std::move(compound));
    }
  }
  if (test.any.empty()) {
    return negated ? Made::kUsable : Made::kNever;
  }
  out->tests.push_back(std::move(test));
  return Made::kUsable;
}

// NOLINTNEXTLINE(misc-no-recursion): kMostNested bounds it.
Made ReadPseudoClass(const std::string& name, std::string_view argument, size_t nested,
                     Compound* out, Selector* rule) {
  if (IsAmong(name, {"is", "where", "matches", "any", "-webkit-any", "-moz-any", "not"})) {
    rule->specificity += name == "where" ? 0U : 1U << 8U;
    return ReadList(argument, name == "not", nested, out, rule);
  }
  rule->specificity += 1U << 8U;
  if (IsAmong(name, {"first-child", "first-of-type", "nth-child", "nth-of-type"})) {
    SelectorTest test;
    test.kind = SelectorTest::Kind::kNth;
    test.of_name = name.find("of-type") != std::string::npos;
    test.offset = 1;
    if (name[0] == 'n' && !ReadNth(argument, &test)) {
      rule->doubt = true;
      return Made::kUsable;
    }
    rule->asks_siblings = true;
    out->tests.push_back(std::move(test));
    return Made::kUsable;
  }
  if (name == "root") {
    out->tag = out->tag.empty() ? "html" : out->tag;
    return out->tag == "html" ? Made::kUsable : Made::kNever;
  }
  if (name == "link" || name == "any-link") {
    out->tag = out->tag.empty() ? "a" : out->tag;
    return out->tag == "a" || out->tag == "area" ? Made::kUsable : Made::kNever;
  }
  if (IsAmong(name, {"hover", "focus", "active", "visited", "target", "focus-within",
                     "focus-visible", "fullscreen", "autofill", "user-invalid", "user-valid",
                     "target-within", "popover-open", "modal"})) {
    return Made::kNever;
  }
  if (!IsAmong(name, {"defined", "host", "scope"})) {
    rule->doubt = true;
    rule->invalid = rule->invalid || !IsAmong(name, {"last-child",     "last-of-type",
                                                     "only-child",     "only-of-type",
                                                     "nth-last-child", "nth-last-of-type",
                                                     "nth-child",      "nth-of-type",
                                                     "empty",          "has",
                                                     "lang",           "dir",
                                                     "checked",        "disabled",
                                                     "enabled",        "required",
                                                     "optional",       "read-only",
                                                     "read-write",     "valid",
                                                     "invalid",        "in-range",
                                                     "out-of-range",   "default",
                                                     "indeterminate",  "placeholder-shown",
                                                     "first-line",     "first-letter",
                                                     "host-context",   "state",
                                                     "open",           "closed"});
  }
  return Made::kUsable;
}

// "[name=value]" with its brackets off.
SelectorTest ReadAttributeTest(std::string_view inside) {
  SelectorTest test;
  const size_t equals = inside.find('=');
  std::string_view name = AsciiTrim(inside.substr(0, equals));
  if (equals != std::string_view::npos) {
    test.how = '=';
    if (!name.empty() && std::string_view("^$*~|").find(name.back()) != std::string_view::npos) {
      test.how = name.back();
      name.remove_suffix(1);
    }
    std::string_view value = AsciiTrim(inside.substr(equals + 1));
    if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'')) {
      value = value.substr(1, value.find(value[0], 1) - 1);
    } else {
      value = value.substr(0, value.find_first_of(kSelectorBlanks));  // "i", "s" behind it
    }
    test.value = AsciiLower(value);
  }
  test.name = AsciiLower(AsciiTrim(name));
  return test;
}

// NOLINTNEXTLINE(misc-no-recursion): kMostNested bounds it.
Made ReadCompound(std::string_view text, size_t nested, Compound* out, Selector* rule) {
  // ".1a" is none to a browser.
  const auto odd_name = [](std::string_view name) { return name[0] >= '0' && name[0] <= '9'; };
  const auto name_at = [&](size_t from) {
    size_t end = from;
    while (end < text.size() && IsNameChar(text[end])) {
      ++end;
    }
    return text.substr(from, end - from);
  };
  Made made = text.empty() ? Made::kInvalid : Made::kUsable;
  size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '*' || c == '|') {
      ++at;
    } else if (c == '.' || c == '#') {
      const std::string_view name = name_at(at + 1);
      if (name.empty()) {
        return Made::kInvalid;
      }
      rule->invalid = rule->invalid || odd_name(name);
      if (c == '.') {
        out->classes.emplace_back(name);
        rule->specificity += 1U << 8U;
      } else {
        out->id = name;
        rule->specificity += 1U << 16U;
      }
      at += 1 + name.size();
    } else if (c == '[') {
      const size_t close = text.find(']', at);
      if (close == std::string_view::npos) {
        return Made::kInvalid;
      }
      out->tests.push_back(ReadAttributeTest(text.substr(at + 1, close - at - 1)));
      rule->asks_attributes = true;
      rule->specificity += 1U << 8U;
      at = close + 1;
    } else if (c == ':') {
      const bool element = at + 1 < text.size() && text[at + 1] == ':';
      const std::string name = AsciiLower(name_at(at + (element ? 2 : 1)));
      at += (element ? 2 : 1) + name.size();
      std::string_view argument;
      if (at < text.size() && text[at] == '(') {
        const size_t behind = BehindBracket(text, at);
        argument = text.substr(at + 1, behind - at - 2 + (text[behind - 1] == ')' ? 0 : 1));
        at = behind;
      }
      if (name == "before" || name == "after" || name == "marker") {
        rule->pseudo = name == "after" ? Pseudo::kAfter : Pseudo::kBefore;
        continue;
      }
      if (element || name.empty()) {
        const bool known = IsAmong(
            name, {"first-line", "first-letter", "selection", "placeholder", "backdrop", "cue",
                   "file-selector-button", "part", "slotted", "target-text", "grammar-error",
                   "highlight", "spelling-error", "view-transition", "details-content"});
        return known || name.substr(0, 8) == "-webkit-" ? Made::kNever : Made::kInvalid;
      }
      const Made one = ReadPseudoClass(name, argument, nested, out, rule);
      made = one == Made::kUsable ? made : one;
    } else {
      const std::string_view name = name_at(at);
      if (name.empty() || (at != 0 && text[at - 1] != '|')) {
        return Made::kInvalid;
      }
      rule->invalid = rule->invalid || odd_name(name);
      out->tag = AsciiLower(name);
      rule->specificity += 1;
      at += name.size();
    }
  }
  return made;
}

bool MeetsNth(const Node& node, const SelectorTest& test, bool bare) {
  const int64_t place = test.of_name ? node.place_of_name : bare ? node.place_bare : node.place;
  const int64_t rest = place - test.offset;
  return place > 0 && (test.step == 0 ? rest == 0 : rest % test.step == 0 && rest / test.step >= 0);
}

// NOLINTNEXTLINE(misc-no-recursion): kMostNested bounds it.
bool MeetsTest(const Node& node, const SelectorTest& test, bool bare, bool* folded) {
  if (test.kind == SelectorTest::Kind::kNth) {
    return MeetsNth(node, test, bare);
  }
  if (test.kind == SelectorTest::Kind::kAny) {
    return test.negated !=
           std::any_of(test.any.begin(), test.any.end(),
                       // NOLINTNEXTLINE(misc-no-recursion): kMostNested bounds it.
                       [&](const Compound& one) { return Meets(node, one, bare, folded); });
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
      case '|':
        return value == test.value ||
               value.compare(0, test.value.size() + 1, test.value + "-") == 0;
      case '~':
        return (" " + value + " ").find(" " + test.value + " ") != std::string::npos;
      default:
        return value == test.value;
    }
  }
  return false;
}

}  // namespace

std::vector<std::string_view> SplitSelectors(std::string_view text) {
  std::vector<std::string_view> out;
  size_t at = 0;
  while (at <= text.size()) {
    size_t comma = at;
    int depth = 0;
    while (comma < text.size() && (text[comma] != ',' || depth > 0)) {
      depth += text[comma] == '(' || text[comma] == '[' ? 1 : 0;
      depth -= text[comma] == ')' || text[comma] == ']' ? 1 : 0;
      ++comma;
    }
    out.push_back(AsciiTrim(text.substr(at, comma - at)));
    at = comma + 1;
  }
  return out;
}

// NOLINTNEXTLINE(misc-no-recursion): kMostNested bounds it.
bool Meets(const Node& node, const Compound& compound, bool bare, bool* folded) {
  const auto same = [&](const std::string& wanted, const std::string& given) {
    if (wanted.size() != given.size() ||
        (wanted != given && !AsciiEqualsIgnoreCase(wanted, given))) {
      return false;
    }
    *folded = *folded || wanted != given;
    return true;
  };
  return (compound.tag.empty() || compound.tag == node.name) &&
         (compound.id.empty() || same(compound.id, node.id)) &&
         std::all_of(compound.classes.begin(), compound.classes.end(),
                     [&](const std::string& one) {
                       return std::find(node.classes.begin(), node.classes.end(), one) !=
                                  node.classes.end() ||
                              std::any_of(
                                  node.classes.begin(), node.classes.end(),
                                  [&](const std::string& given) { return same(one, given); });
                     }) &&
         std::all_of(compound.tests.begin(), compound.tests.end(),
                     // NOLINTNEXTLINE(misc-no-recursion): kMostNested bounds it.
                     [&](const SelectorTest& test) { return MeetsTest(node, test, bare, folded); });
}

bool ReadSelector(std::string_view selector, Selector* rule) {
  size_t at = 0;
  char combinator = ' ';
  while (at < selector.size()) {
    const char c = selector[at];
    if (kSelectorBlanks.find(c) != std::string_view::npos) {
      ++at;
      continue;
    }
    if (kCombinators.find(c) != std::string_view::npos) {
      combinator = c;
      rule->asks_siblings = rule->asks_siblings || c != '>';
      ++at;
      continue;
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
    compound.combinator = combinator;
    combinator = ' ';
    if (rule->compounds.size() >= kMostCompounds) {
      return false;
    }
    const Made made = ReadCompound(selector.substr(at, end - at), 0, &compound, rule);
    rule->invalid = rule->invalid || made == Made::kInvalid;
    if (made != Made::kUsable) {
      return false;
    }
    rule->compounds.push_back(std::move(compound));
    at = end;
  }
  rule->invalid = rule->invalid || rule->compounds.empty();
  return !rule->compounds.empty();
}

}  // namespace gatepost::text
