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

std::string Numbered(const char* key, const std::vector<Expression>& all, size_t index, bool vi) {
  return "'" + std::string(key) + "'" +
         (all.size() > 1 ? (vi ? " thứ " : " number ") + std::to_string(index + 1)
                         : std::string()) +
         " (" + all[index].written + ")";
}

// The expressions match by themselves: what takes the match away?
std::string WhatExcludes(const Rule& rule, const TextView& view, const Hit& hit, bool vi) {
  if (rule.first_lines > 0 && hit.paragraph >= rule.first_lines) {
    const std::string found = std::to_string(hit.paragraph + 1);
    const std::string most = "'first_lines: " + std::to_string(rule.first_lines) + "'";
    return vi ? "biểu thức khớp ở đoạn " + found + ", nhưng " + most + " không xét xa đến thế"
              : "it matches in paragraph " + found + ", and " + most + " looks no further";
  }
  const std::string paragraphs = view.Paragraphs();
  const auto lines = Split(rule.match[hit.expression].line_anchored ? view.utf8 : paragraphs);
  TextView paragraph = view;
  paragraph.soft.clear();
  paragraph.utf8 = std::string(lines[hit.paragraph]);
  if (const auto mask = Find(rule.mask, true, paragraph)) {
    const std::string which = Numbered("mask", rule.mask, mask->expression, vi);
    const std::string what = Quoted(Slice(paragraph.utf8, mask->range));
    return vi ? which + " xóa " + what + " khỏi đoạn" : which + " blanks " + what + " out of it";
  }
  if (const auto unless = Find(rule.unless, true, paragraph)) {
    const std::string which = Numbered("unless", rule.unless, unless->expression, vi);
    const std::string what = Quoted(AsciiTrim(Slice(paragraph.utf8, unless->range)));
    return vi ? which + " loại cả đoạn, vì có " + what
              : which + " leaves the paragraph out, because of " + what;
  }
  return vi ? "bản thân các biểu thức thì khớp, nhưng 'mask' hoặc 'unless' loại kết quả đi"
            : "its expressions match alone, and 'mask' or 'unless' takes it away";
}

bool HasNoCapitals(Form form) { return form == Form::kFold || form == Form::kLeet; }

}  // namespace

bool WouldMatch(const Rule& rule, Form form, const text::Zone& zone, std::string_view text) {
  return Find(rule.match, rule.caseless, text::MakeView(zone, form, text)).has_value();
}

std::string WhyNot(const Rule& rule, const text::Zone& zone, std::string_view text, bool vi) {
  const TextView view = text::MakeView(zone, rule.form, text);
  const std::string form = text::ToString(rule.form);
  const std::string seen = vi ? "dạng " + form + " mà quy tắc thấy là " + Quoted(view.utf8)
                              : "the " + form + " view is " + Quoted(view.utf8);
  if (rule.match.empty()) {
    return seen + (vi ? ", và không từ nào trong đó có trong các danh sách của quy tắc"
                      : ", and no word of it is in the rule's lists");
  }
  if (const auto bare = Find(rule.match, rule.caseless, view)) {
    return seen + "; " + WhatExcludes(rule, view, *bare, vi);
  }
  if (!rule.caseless && Find(rule.match, true, view)) {
    // The linter says the same of the letter itself.
    if (HasNoCapitals(rule.form)) {
      return seen +
             (vi ? "; dạng " + form + " không có chữ hoa: hãy viết biểu thức bằng chữ thường"
                 : "; form " + form + " has no capitals: write the expression in small letters");
    }
    return seen + (vi ? "; chỉ khác chữ hoa chữ thường: 'caseless: true' thì sẽ khớp"
                      : "; only capitals differ: 'caseless: true' would find it");
  }
  // The gentlest change first.
  constexpr std::array<Form, 6> kForms = {Form::kNfc,  Form::kSkel, Form::kFold,
                                          Form::kLeet, Form::kRaw,  Form::kCompact};
  for (const Form other : kForms) {
    if (other != rule.form && WouldMatch(rule, other, zone, text)) {
      const std::string change = std::string("'form: ") + text::ToString(other) + "'";
      return seen +
             (vi ? "; với " + change + " thì sẽ khớp" : "; with " + change + " it would match");
    }
  }
  return seen;
}

}  // namespace gatepost::scan
