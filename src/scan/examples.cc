// A rule's own examples, through the same views and the same scan as mail.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/utf8.h"
#include "src/scan/probe.h"
#include "src/scan/program.h"
#include "src/scan/scanner.h"

namespace gatepost::scan {

namespace {

using ruleset::Example;
using ruleset::Rule;

constexpr size_t kShownBytes = 120;

std::string Quoted(Bytes text) { return "'" + PrintableUtf8(text, kShownBytes) + "'"; }

std::string WhatMatched(const text::TextView& view, const Matches& matches, uint32_t index) {
  for (const Match& match : matches.matches) {
    if (match.rule == index) {
      return Quoted(Slice(view.utf8, match.range)) + " in line " + std::to_string(match.line) +
             " of the " + text::ToString(view.form) + " view did";
    }
  }
  return "it did";
}

}  // namespace

void RunExamples(const Scanner& scanner, Diagnostics* diagnostics,
                 const std::function<bool(const Rule&)>& chosen) {
  const auto& rules = scanner.rules().rules();
  const Limits limits;
  for (uint32_t index = 0; index < rules.size(); ++index) {
    const Rule& rule = rules[index];
    if (chosen != nullptr && !chosen(rule)) {
      continue;
    }
    for (const Example& example : rule.examples) {
      if (!example.file.empty()) {
        continue;  // a mail: no text for us, but for a worker (inspect::RunMailExamples)
      }
      if (rule.has_condition) {
        if (scanner.EvaluateExample(index, example) != example.should_match) {
          diagnostics->Error(
              example.place,
              "rule " + rule.id + ": the example " +
                  (example.should_match ? "should hold and does not" : "should not hold and does"));
        }
        continue;
      }
      const std::vector<text::TextView> views = {
          text::MakeView(example.zone, rule.form, example.text)};
      const Matches matches = scanner.Scan(views, limits);
      if (matches.hit[index] == example.should_match) {
        continue;
      }
      const bool failed =
          std::find(matches.failed.begin(), matches.failed.end(), index) != matches.failed.end();
      diagnostics->Error(
          example.place,
          "rule " + rule.id + ": " + Quoted(example.text) +
              (example.should_match
                   ? " should match and does not; " +
                         (failed ? std::string("the search ran into its limit")
                                 : WhyNot(rule, example.zone, example.text))
                   : " should not match, and " + WhatMatched(views[0], matches, index)));
    }
  }
}

}  // namespace gatepost::scan
