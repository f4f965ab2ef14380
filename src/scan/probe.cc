// LIMITS: the first 10,000 paragraphs of a text.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/probe.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "src/base/utf8.h"
#include "src/scan/pcre2.h"

namespace gatepost::scan {

namespace {

using ruleset::Expression;
using ruleset::Rule;
using text::Form;
using text::TextView;

constexpr size_t kMostParagraphs = 10'000;
constexpr size_t kShownBytes = 160;

std::string Quoted(Bytes text) { return "'" + PrintableUtf8(text, kShownBytes) + "'"; }

std::vector<std::string_view> Split(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t at = 0; at <= text.size() && lines.size() < kMostParagraphs;) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

struct Hit {
  size_t expression = 0;
  size_t paragraph = 0;  // from 0
  Range range;           // of the paragraph
};

// The first place where one of the expressions matches a view.
std::optional<Hit> Find(const std::vector<Expression>& expressions, bool caseless,
                        const TextView& view) {
  const std::string paragraphs = view.Paragraphs();
  Matcher matcher;
  for (size_t i = 0; i < expressions.size(); ++i) {
    const Expression& one = expressions[i];
    Pattern::Options options;
    options.utf8 = one.utf8;
    options.caseless = caseless;
    options.captures = true;  // back-references need them
    options.line_end = view.form == text::Form::kBytes;
    const Result<Pattern> pattern = Pattern::Compile(one.expanded, options);
    if (!pattern.ok()) {
      continue;
    }
    const auto lines = Split(one.line_anchored ? view.utf8 : paragraphs);
    for (size_t p = 0; p < lines.size(); ++p) {
      Range range;
      if (matcher.Find(*pattern, lines[p], 0, &range) == Matcher::Outcome::kMatch) {
        return Hit{i, p, range};
      }
    }
  }
  return std::nullopt;
}

std::string Numbered(const char* key, const std::vector<Expression>& all, size_t index) {
  return "'" + std::string(key) + "'" +
         (all.size() > 1 ? " number " + std::to_string(index + 1) : std::string()) + " (" +
         all[index].written + ")";
}

// The expressions match by themselves: what takes the match away?
std::string WhatExcludes(const Rule& rule, const TextView& view, const Hit& hit) {
  if (rule.first_lines > 0 && hit.paragraph >= rule.first_lines) {
    return "it matches in paragraph " + std::to_string(hit.paragraph + 1) +
           ", and 'first_lines: " + std::to_string(rule.first_lines) + "' looks no further";
  }
  const std::string paragraphs = view.Paragraphs();
  const auto lines = Split(rule.match[hit.expression].line_anchored ? view.utf8 : paragraphs);
  TextView paragraph = view;
  paragraph.soft.clear();
  paragraph.utf8 = std::string(lines[hit.paragraph]);
  if (const auto mask = Find(rule.mask, true, paragraph)) {
    return Numbered("mask", rule.mask, mask->expression) + " blanks " +
           Quoted(Slice(paragraph.utf8, mask->range)) + " out of it";
  }
  if (const auto unless = Find(rule.unless, true, paragraph)) {
    return Numbered("unless", rule.unless, unless->expression) +
           " leaves the paragraph out, because of " +
           Quoted(AsciiTrim(Slice(paragraph.utf8, unless->range)));
  }
  return "its expressions match alone, and 'mask' or 'unless' takes it away";
}

bool HasNoCapitals(Form form) { return form == Form::kFold || form == Form::kLeet; }

}  // namespace

bool WouldMatch(const Rule& rule, Form form, const text::Zone& zone, std::string_view text) {
  return Find(rule.match, rule.caseless, text::MakeView(zone, form, text)).has_value();
}

std::string WhyNot(const Rule& rule, const text::Zone& zone, std::string_view text) {
  const TextView view = text::MakeView(zone, rule.form, text);
  const std::string seen =
      "the " + std::string(text::ToString(rule.form)) + " view is " + Quoted(view.utf8);
  if (rule.match.empty()) {
    return seen + ", and no word of it is in the rule's lists";
  }
  if (const auto bare = Find(rule.match, rule.caseless, view)) {
    return seen + "; " + WhatExcludes(rule, view, *bare);
  }
  if (!rule.caseless && Find(rule.match, true, view)) {
    // The linter says the same of the letter itself.
    return seen + (HasNoCapitals(rule.form)
                       ? "; form " + std::string(text::ToString(rule.form)) +
                             " has no capitals: write the expression in small letters"
                       : "; only capitals differ: 'caseless: true' would find it");
  }
  // The gentlest change first.
  constexpr std::array<Form, 6> kForms = {Form::kNfc,  Form::kSkel, Form::kFold,
                                          Form::kLeet, Form::kRaw,  Form::kCompact};
  for (const Form form : kForms) {
    if (form != rule.form && WouldMatch(rule, form, zone, text)) {
      return seen + "; with 'form: " + text::ToString(form) + "' it would match";
    }
  }
  return seen;
}

}  // namespace gatepost::scan
