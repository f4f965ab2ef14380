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

// Of a text that should not match.
std::string WhatMatched(const text::TextView& view, const Matches& matches, uint32_t index,
                        bool vi) {
  for (const Match& match : matches.matches) {
    if (match.rule == index) {
      const std::string what = Quoted(Slice(view.utf8, match.range));
      const std::string line = std::to_string(match.line);
      const std::string form = text::ToString(view.form);
      return vi ? " không được khớp nhưng lại khớp: " + what + " ở dòng " + line + " của dạng " +
                      form
                : " should not match, and " + what + " in line " + line + " of the " + form +
                      " view did";
    }
  }
  return vi ? " không được khớp nhưng lại khớp" : " should not match, and it did";
}

std::string OfCondition(bool should_match, bool vi) {
  if (should_match) {
    return vi ? "với ví dụ này điều kiện phải đúng nhưng lại sai"
              : "the example should hold and does not";
  }
  return vi ? "với ví dụ này điều kiện phải sai nhưng lại đúng"
            : "the example should not hold and does";
}

}  // namespace

void RunExamples(const Scanner& scanner, Diagnostics* diagnostics,
                 const std::function<bool(const Rule&)>& chosen, bool vi) {
  const auto& rules = scanner.rules().rules();
  const Limits limits;
  for (uint32_t index = 0; index < rules.size(); ++index) {
    const Rule& rule = rules[index];
    if (chosen != nullptr && !chosen(rule)) {
      continue;
    }
    const std::string head = (vi ? "quy tắc " : "rule ") + rule.id + ": ";
    for (const Example& example : rule.examples) {
      if (!example.file.empty()) {
        continue;  // a mail: no text for us, but for a worker (inspect::RunMailExamples)
      }
      if (rule.has_condition) {
        if (scanner.EvaluateExample(index, example) != example.should_match) {
          diagnostics->Error(example.place, head + OfCondition(example.should_match, vi));
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
      std::string said;
      if (!example.should_match) {
        said = WhatMatched(views[0], matches, index, vi);
      } else {
        said = vi ? " phải khớp nhưng không khớp; " : " should match and does not; ";
        said += failed ? (vi ? "việc tìm kiếm đã chạm giới hạn" : "the search ran into its limit")
                       : WhyNot(rule, example.zone, example.text, vi);
      }
      diagnostics->Error(example.place, head + Quoted(example.text) + said);
    }
  }
}

}  // namespace gatepost::scan
