// Compile, scan, explain: the parts put together.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/scanner.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "src/scan/program.h"
#include "src/scan/view_scan.h"

namespace gatepost::scan {

using ruleset::Level;
using ruleset::Rule;
using text::TextView;

namespace {

constexpr size_t kShownWords = 6;

// How the places of an expression are found, for people.
std::string Finding(const TextRule::Expression& expression) {
  std::string out = "literal";
  switch (expression.engine) {
    case Engine::kEverywhere:
      if (expression.letters != nullptr) {
        return "a table of one or two bytes";
      }
      if (!expression.words_in_ascii) {
        return expression.pattern.IsAnchored() ? "the beginning of each paragraph"
                                               : "no literal, every paragraph";
      }
      out = expression.start_bits > 0
                ? "its beginning, one in 2^" +
                      std::to_string(static_cast<int>(expression.start_bits)) +
                      " places, where a paragraph is not ASCII alone; in others "
                : "every paragraph that is not ASCII alone; in others ";
      if (expression.required.literals.empty()) {
        return out + "nothing can match";
      }
      out += "literal";
      break;
    case Engine::kHyperscan:
      if (expression.prefilter) {
        return "hyperscan as a prefilter";
      }
      if (expression.required.literals.empty()) {
        return "hyperscan";
      }
      out = "hyperscan, by its literal";
      break;
    case Engine::kStarts:
      return "by its beginning, one in 2^" +
             std::to_string(static_cast<int>(expression.start_bits)) + " places";
    case Engine::kNear:
      break;
  }
  const auto& words = expression.required.literals;
  for (size_t i = 0; i < words.size() && i < kShownWords; ++i) {
    out += (i == 0 ? " '" : ", '") + words[i].text + "'";
  }
  if (words.size() > kShownWords) {
    out += " and " + std::to_string(words.size() - kShownWords) + " more";
  }
  out += expression.fold == Fold::kCompact ? " (of the text without signs)" : "";
  return out + ", one in 2^" + std::to_string(static_cast<int>(expression.required.bits)) +
         " places";
}

// What hostile texts have filled, others need not do without.
void ForgetTrials(const Program& program) {
  for (const TextRule& text : program.text) {
    for (const TextRule::Expression& expression : text.match) {
      if (expression.trial != nullptr) {
        expression.trial->Forget();
      }
    }
  }
  for (const Beginnings& beginnings : program.beginnings) {
    beginnings.trial->Forget();
  }
  program.work.trials = Trial::Budget();
}

}  // namespace

Scanner::Scanner(std::unique_ptr<Program> program) : program_(std::move(program)) {}
Scanner::~Scanner() = default;

const ruleset::RuleSet& Scanner::rules() const { return *program_->rules; }

Result<std::unique_ptr<Scanner>> Scanner::Compile(std::shared_ptr<const ruleset::RuleSet> rules,
                                                  const CompileOptions& options,
                                                  Diagnostics* diagnostics) {
  Diagnostics mine;
  auto program = std::make_unique<Program>();
  program->rules = std::move(rules);
  BuildPatterns(options, program.get(), &mine);
  if (!mine.has_errors()) {
    BuildDatabases(options, program.get(), &mine);
  }
  if (!mine.has_errors()) {
    BuildConditions(program.get());
  }
  for (const Diagnostic& diagnostic : mine.all()) {
    if (diagnostic.severity == Diagnostic::Severity::kError) {
      diagnostics->Error(diagnostic.place, diagnostic.message);
    } else {
      diagnostics->Warning(diagnostic.place, diagnostic.message);
    }
  }
  if (mine.has_errors()) {
    return mine.ToStatus();
  }
  return std::unique_ptr<Scanner>(new Scanner(std::move(program)));
}

std::string NameOf(const Shared& shared) {
  constexpr std::array<const char*, Shared::kLastFinder + 1> kNames = {", words", ", lines",
                                                                       ", paragraphs"};
  return std::string(text::ToString(shared.form)) + " " + std::to_string(shared.group) +
         kNames[static_cast<size_t>(shared.finder)];
}

Matches Scanner::Scan(const std::vector<TextView>& views, const Limits& limits,
                      Times* times) const {
  const size_t rule_count = program_->rules->rules().size();
  if (times != nullptr) {
    times->rules.assign(rule_count, 0);
    times->shared.clear();
  }
  if (program_->work.trials.full) {
    ForgetTrials(*program_);
  }
  Matches out;
  out.counts.assign(rule_count, 0);
  out.hit.assign(rule_count, false);
  out.levels.assign(rule_count, Level::kNone);
  std::vector<uint32_t> evidence(rule_count, 0);
  for (size_t i = 0; i < views.size(); ++i) {
    const auto plan = program_->plans.find({views[i].zone, views[i].form});
    if (plan != program_->plans.end()) {
      ScanView(*program_, plan->second, views[i], static_cast<uint32_t>(i),
               {limits.evidence_per_rule, &evidence, &out}, times);
    }
  }
  std::sort(out.matches.begin(), out.matches.end(), [](const Match& a, const Match& b) {
    return std::tie(a.rule, a.view, a.range.begin, a.range.end) <
           std::tie(b.rule, b.view, b.range.begin, b.range.end);
  });
  std::sort(out.places.begin(), out.places.end(), [](const MatchPlace& a, const MatchPlace& b) {
    return std::tie(a.rule, a.view, a.paragraph) < std::tie(b.rule, b.view, b.paragraph);
  });
  std::sort(out.failed.begin(), out.failed.end());
  out.failed.erase(std::unique(out.failed.begin(), out.failed.end()), out.failed.end());
  return out;
}

std::string Scanner::Explain(uint32_t index) const {
  const Rule& rule = program_->rules->rules().at(index);
  if (rule.has_condition) {
    return "condition over hits and facts, evaluated after all text rules\n";
  }
  std::string out;
  for (const auto& [key, plan] : program_->plans) {
    if (!plan.active[index]) {
      continue;
    }
    out += "zone " + key.first + ", form " + text::ToString(key.second) + ":";
    for (const int32_t at :
         {plan.lines, plan.paragraphs, plan.spare_lines, plan.spare_paragraphs}) {
      if (at == kNoDatabase) {
        continue;
      }
      const Database& database = program_->databases[static_cast<size_t>(at)];
      size_t own = 0;
      bool prefiltered = false;
      for (size_t id = 0; id < database.targets.size(); ++id) {
        if (!database.targets[id].is_mask && database.targets[id].index == index) {
          ++own;
          prefiltered = prefiltered || database.prefiltered[id];
        }
      }
      if (own > 0) {
        out += " " + std::to_string(own) + " of the " + std::to_string(database.targets.size()) +
               " expressions of database " + database.name + " (" +
               std::to_string(database.compiled.bytes()) + " bytes" +
               (prefiltered ? ", as a prefilter" : "") + ");";
      }
    }
    out += "\n";
  }
  const TextRule& text = program_->text[index];
  for (size_t i = 0; i < text.match.size(); ++i) {
    const TextRule::Expression& expression = text.match[i];
    out += "match " + std::to_string(i + 1) + ": " + Finding(expression) +
           ", then pcre2-confirm on " + (expression.anchored ? "lines" : "paragraphs") +
           (rule.match[i].utf8 ? ", as UTF-8, " : ", as bytes, ") +
           std::to_string(expression.pattern.bytes()) + " bytes\n";
    if (!expression.refused.empty()) {
      out += "  Hyperscan does not take it: " + expression.refused + "\n";
    }
  }
  out += std::to_string(text.unless.size()) + " unless, " + std::to_string(rule.mask.size()) +
         " mask, " + std::to_string(text.lists.size()) + " lists\n";
  return out;
}

}  // namespace gatepost::scan
