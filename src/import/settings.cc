// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/import/settings.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "src/base/bytes.h"
#include "src/import/perl_regex.h"

namespace gatepost::import {

namespace {

constexpr std::string_view kBlanks = " \t";

std::string TakeWord(std::string_view* rest) {
  const size_t end = std::min(rest->find_first_of(kBlanks), rest->size());
  std::string word(rest->substr(0, end));
  rest->remove_prefix(end);
  rest->remove_prefix(std::min(rest->find_first_not_of(kBlanks), rest->size()));
  return word;
}

bool IsRuleKind(const std::string& key) {
  return key == "body" || key == "rawbody" || key == "header" || key == "mimeheader" ||
         key == "uri" || key == "full" || key == "meta";
}

// "Subject =~ /x/i [if-unset: y]", "exists:X-Foo", "X-Foo:raw !~ /x/".
void ReadHeader(std::string_view rest, CfRule* rule) {
  constexpr std::string_view kExists = "exists:";
  if (rest.substr(0, kExists.size()) == kExists) {
    rule->exists = true;
    rule->field = std::string(rest.substr(kExists.size()));
    return;
  }
  size_t at = 0;
  while (at < rest.size() && kBlanks.find(rest[at]) == std::string_view::npos && rest[at] != '=' &&
         rest[at] != '!') {
    ++at;
  }
  rule->field = std::string(rest.substr(0, at));
  rest.remove_prefix(at);
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  const std::string_view op = rest.substr(0, 2);
  if (rule->field.empty() || (op != "=~" && op != "!~")) {
    rule->problem = "the definition is not understood: expected 'FIELD =~ /expression/'";
    return;
  }
  rule->negated = op == "!~";
  rest.remove_prefix(2);
  rest.remove_prefix(std::min(rest.find_first_not_of(kBlanks), rest.size()));
  constexpr std::string_view kUnset = "[if-unset:";
  const size_t end = EndOfPerlRegex(rest);
  rule->test = std::string(rest);
  if (end == std::string_view::npos) {
    return;
  }
  rule->test = std::string(rest.substr(0, end));
  const size_t behind = rest.find_first_not_of(kBlanks, end);
  if (behind != std::string_view::npos && rest[behind] != '[') {
    rule->problem = "something stands behind the expression: one rule has one expression";
    return;
  }
  const size_t unset = rest.find(kUnset, end);
  const size_t close = rest.rfind(']');
  if (unset != std::string_view::npos && close != std::string_view::npos && close > unset) {
    std::string_view value = rest.substr(unset + kUnset.size(), close - unset - kUnset.size());
    value.remove_prefix(std::min(value.find_first_not_of(kBlanks), value.size()));
    rule->has_unset = true;
    rule->unset = std::string(value);
  }
}

void ReadRule(const Directive& one, CfSettings* out) {
  std::string_view rest = one.value;
  const std::string name = TakeWord(&rest);
  CfRule rule;
  rule.kind = one.key;
  rule.place = one.place;
  constexpr std::string_view kEval = "eval:";
  constexpr std::string_view kRblEval = "rbleval:";
  if (rest.substr(0, kEval.size()) == kEval || rest.substr(0, kRblEval.size()) == kRblEval) {
    rule.eval = true;
    rule.test = std::string(rest.substr(rest.find(':') + 1));
  } else if (one.key == "header" || one.key == "mimeheader") {
    ReadHeader(rest, &rule);
  } else {
    rule.test = std::string(rest);
    const size_t end = one.key == "meta" ? std::string_view::npos : EndOfPerlRegex(rest);
    if (end != std::string_view::npos &&
        rest.find_first_not_of(kBlanks, end) != std::string_view::npos) {
      rule.problem = "something stands behind the expression: one rule has one expression";
    }
  }
  if (!name.empty()) {
    out->rules[name] = std::move(rule);
  }
}

// Rules that a plugin's own directive makes. What also has a `body NAME eval:` is that rule.
bool ReadPluginRule(const Directive& one, CfSettings* out) {
  struct Kind {
    const char* directive;
    bool network;
  };
  constexpr std::array<Kind, 8> kKinds = {{{"askdns", true},
                                           {"urirhsbl", true},
                                           {"urirhssub", true},
                                           {"uridnsbl", true},
                                           {"uridnssub", true},
                                           {"urinsrhsbl", true},
                                           {"urifullnsrhsbl", true},
                                           {"uri_detail", false}}};
  const auto* const kind = std::find_if(
      kKinds.begin(), kKinds.end(), [&](const Kind& known) { return one.key == known.directive; });
  if (kind == kKinds.end()) {
    return false;
  }
  std::string_view rest = one.value;
  const std::string name = TakeWord(&rest);
  CfRule rule;
  rule.kind = one.key;
  rule.eval = kind->network;
  rule.test = one.key;
  rule.place = one.place;
  rule.problem = kind->network ? "asks the network"
                               : "reads the parts of a link one by one: write a rule in zone url";
  if (!name.empty()) {
    out->rules.emplace(name, std::move(rule));
    if (kind->network) {
      out->flags[name].insert("net");
    }
  }
  return true;
}

void ReadScore(std::string_view rest, CfSettings* out) {
  const std::string name = TakeWord(&rest);
  std::vector<double> values;
  bool relative = false;
  while (!rest.empty()) {
    std::string word = TakeWord(&rest);
    if (word.size() > 2 && word.front() == '(' && word.back() == ')') {
      relative = true;
      word = word.substr(1, word.size() - 2);
    }
    if (!word.empty() && word[0] == '+') {
      word.erase(0, 1);
    }
    double value = 0;
    const auto [at, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || at != word.data() + word.size()) {
      return;
    }
    values.push_back(value);
  }
  if (values.empty()) {
    return;
  }
  std::vector<double>& scores = out->scores[name];
  if (!relative || scores.empty()) {
    scores = values;
    return;
  }
  for (size_t i = 0; i < scores.size(); ++i) {
    scores[i] += values[std::min(i, values.size() - 1)];
  }
}

void ReadTest(const Directive& one, CfSettings* out) {
  std::string_view rest = one.value;
  CfTest test;
  test.place = one.place;
  test.rule = TakeWord(&rest);
  test.ok = TakeWord(&rest) == "ok";
  test.text = std::string(rest);
  out->tests.push_back(std::move(test));
}

void ReadOne(const Directive& one, CfSettings* out) {
  std::string_view rest = one.value;
  if (!one.lang.empty()) {
    if (one.key == "describe" && one.lang.substr(0, 2) == "vi") {
      const std::string name = TakeWord(&rest);
      out->describe_vi[name] = std::string(rest);
    }
    return;
  }
  if (IsRuleKind(one.key)) {
    ReadRule(one, out);
  } else if (one.key == "score") {
    ReadScore(rest, out);
  } else if (one.key == "describe") {
    const std::string name = TakeWord(&rest);
    out->describe[name] = std::string(rest);
  } else if (one.key == "tflags") {
    std::set<std::string>& flags = out->flags[TakeWord(&rest)];
    while (!rest.empty()) {
      flags.insert(TakeWord(&rest));
    }
  } else if (one.key == "replace_rules") {
    while (!rest.empty()) {
      out->replaced.insert(TakeWord(&rest));
    }
  } else if (one.key == "replace_tag" || one.key == "replace_pre" || one.key == "replace_inter" ||
             one.key == "replace_post") {
    const std::string name = TakeWord(&rest);
    (one.key == "replace_tag"     ? out->tags
     : one.key == "replace_pre"   ? out->pre
     : one.key == "replace_inter" ? out->inter
                                  : out->post)[name] = std::string(rest);
  } else if (one.key == "replace_start") {
    out->tag_start = std::string(rest);
  } else if (one.key == "replace_end") {
    out->tag_end = std::string(rest);
  } else if (one.key == "test") {
    ReadTest(one, out);
  } else if (!ReadPluginRule(one, out)) {
    out->others.push_back(one);
  }
}

}  // namespace

CfSettings ReadSettings(const CfFiles& files) {
  CfSettings out;
  for (const Directive& one : files.directives) {
    ReadOne(one, &out);
  }
  return out;
}

double ScoreOf(const CfSettings& settings, const std::string& name) {
  const auto score = settings.scores.find(name);
  if (score != settings.scores.end()) {
    return score->second[0];
  }
  if (name.substr(0, 2) == "__") {
    return 1;
  }
  if (name.substr(0, 2) == "T_") {
    return 0.01;
  }
  const auto flags = settings.flags.find(name);
  return flags != settings.flags.end() && flags->second.count("nice") > 0 ? -1 : 1;
}

}  // namespace gatepost::import
