// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/choose.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace gatepost::scan {

namespace {

using ruleset::Expression;
using ruleset::Rule;

// A word is worth looking for when it is rarer than one in so many characters: 2^9.
constexpr double kRareEnough = 9;
// What Hyperscan does not know is looked for by any word rather than everywhere.
constexpr double kBetterThanNothing = 6;
// A word behind a repeat without end makes the search begin at the paragraph's begin.
constexpr double kVeryRare = 14;
constexpr uint32_t kShortMatch = 4'000;  // bytes
constexpr uint32_t kTinyMatch = 1;
// Of another program's rules, which are as they are: a longer one costs Hyperscan seconds.
constexpr size_t kLongExpression = 2'000;
constexpr double kManyPositions = 2'000;  // repeats written out

// Beginnings are worth looking for where they are rarer than one in so many characters; instead of
// Hyperscan, which reads faster, or of words when they are rarer still.
constexpr double kRareStart = 1;
constexpr double kRarerStart = 3;

// Of a small set, what Hyperscan compiles in no time.
constexpr double kSmallPositions = 1'000;

// The better fold, and the words in it.
void ChooseWords(const Syntax& syntax, TextRule::Expression* out) {
  Required lower = FindRequired(syntax, Fold::kLower);
  Required compact = FindRequired(syntax, Fold::kCompact);
  const bool obfuscated = IsWorthMore(compact, lower);
  out->fold = obfuscated ? Fold::kCompact : Fold::kLower;
  out->required = obfuscated ? std::move(compact) : std::move(lower);
}

bool IsBounded(const Required& required) {
  return std::all_of(required.literals.begin(), required.literals.end(),
                     [](const Literal& literal) { return literal.most <= kShortMatch; });
}

// Words for an expression that has none because of its look-alikes beyond ASCII. Most mail of its
// kind has few such letters.
void ChooseWordsInAscii(Syntax syntax, TextRule::Expression* out) {
  out->required = Required();
  if (KeepAscii(&syntax)) {
    ChooseWords(syntax, out);
    out->words_in_ascii = out->required.bits >= kBetterThanNothing;
    out->careful = out->careful || !IsBounded(out->required);
  } else {
    out->words_in_ascii = true;  // it needs no words: nothing matches there
  }
}

// Null: nothing can be said of it.
std::unique_ptr<Trial> TrialOf(const Syntax& syntax) {
  auto out = std::make_unique<Trial>();
  if (!out->Add(syntax, 0)) {
    return nullptr;
  }
  out->Finish();
  return out;
}

// Of an expression that has no words, or none beyond ASCII.
void ChooseStarts(const Syntax& syntax, TextRule::Expression* out) {
  const double enough = out->engine == Engine::kHyperscan ? kRarerStart : kRareStart;
  const double bits = Starts::Of(syntax).bits();
  if (bits >= enough && TrialOf(syntax) != nullptr) {
    out->start_bits = bits;
    if (!out->words_in_ascii) {
      out->engine = Engine::kStarts;
    }
  }
}

}  // namespace

bool IsTooLong(const Rule& rule, const std::string& text) {
  return rule.form == text::Form::kBytes && text.size() > kLongExpression;
}

bool IsFew(const ruleset::RuleSet& rules, size_t few_expressions) {
  size_t expressions = 0;
  for (const Rule& rule : rules.rules()) {
    expressions += rule.form == text::Form::kBytes ? 0 : rule.match.size();
  }
  return expressions <= few_expressions;
}

namespace {

// All of it but the pattern.
TextRule::Expression Choose(const Rule& rule, const Expression& expression, const Syntax& syntax,
                            bool few) {
  TextRule::Expression out;
  out.engine = IsTooLong(rule, expression.expanded) ? Engine::kEverywhere : Engine::kHyperscan;
  out.anchored = expression.line_anchored;
  const bool exotic = syntax.understood && syntax.exotic;
  out.hyperscan = exotic ? syntax.relaxed : expression.expanded;
  out.prefilter = exotic;
  if (!syntax.understood) {
    return out;
  }
  const Effort effort = EffortOf(syntax);
  const bool huge = rule.form == text::Form::kBytes && effort.positions > kManyPositions;
  if (huge) {
    out.engine = Engine::kEverywhere;
  }
  out.endless = effort.most > kShortMatch;
  out.careful = effort.endless > 0;
  if (!rule.mask.empty()) {
    return out;  // blanking makes words
  }
  if (effort.most <= kTinyMatch) {
    out.engine = Engine::kEverywhere;  // a letter, a digit: it stands all over the text
    return out;
  }
  ChooseWords(syntax, &out);
  const bool bounded = IsBounded(out.required);
  const double enough = exotic || out.engine == Engine::kEverywhere ? kBetterThanNothing
                        : bounded                                   ? kRareEnough
                                                                    : kVeryRare;
  if (few && out.engine == Engine::kHyperscan && !exotic && rule.form != text::Form::kBytes &&
      effort.positions <= kSmallPositions) {
    return out;
  }
  // Behind a common word without bounds all of the text is to be tried: then rather where it
  // begins. Words in the compact fold cost a fold and a sieve of their own.
  if ((!bounded && out.required.bits < kVeryRare) || out.fold == Fold::kCompact ||
      out.engine == Engine::kEverywhere) {
    ChooseStarts(syntax, &out);
    if (out.engine == Engine::kStarts) {
      out.huge = huge;
      return out;
    }
  }
  if (out.required.bits >= enough) {
    out.engine = Engine::kNear;
    out.huge = huge;
    out.careful = out.careful || !bounded;
  } else if (out.engine == Engine::kEverywhere) {
    ChooseWordsInAscii(syntax, &out);
  }
  if (out.engine != Engine::kNear) {
    ChooseStarts(syntax, &out);
    out.huge = out.engine == Engine::kStarts && huge;
  }
  if (out.engine == Engine::kNear || out.words_in_ascii) {
    out.trial = TrialOf(syntax);
  }
  return out;
}

}  // namespace

Result<TextRule::Expression> CompileExpression(const Rule& rule, const Expression& expression,
                                               bool few, Matcher* matcher) {
  const auto begin = std::chrono::steady_clock::now();
  const Syntax syntax = ParseSyntax(expression.expanded, expression.utf8, rule.caseless);
  TextRule::Expression out = Choose(rule, expression, syntax, few);
  Pattern::Options options;
  options.utf8 = expression.utf8;
  options.caseless = rule.caseless;
  options.captures = out.prefilter;
  options.from_to =
      out.engine == Engine::kNear || out.engine == Engine::kStarts || out.words_in_ascii;
  options.line_end = rule.form == text::Form::kBytes;
  Result<Pattern> pattern = Pattern::Compile(expression.expanded, options);
  if (!pattern.ok()) {
    return pattern.status();
  }
  out.pattern = std::move(pattern).value();
  if (out.pattern.IsAnchored()) {
    out.trial.reset();  // PCRE2 knows at once that it does not begin here
    if (out.engine == Engine::kHyperscan && rule.form == text::Form::kBytes && rule.mask.empty()) {
      out.engine = Engine::kEverywhere;
    }
  }
  if (!expression.utf8 && rule.mask.empty()) {
    out.letters = Letters::Of(syntax, out.pattern, matcher);
  }
  if (out.letters != nullptr) {
    out.engine = Engine::kEverywhere;
    out.words_in_ascii = false;
    out.start_bits = 0;
    out.trial.reset();
  }
  out.compile_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  return out;
}

}  // namespace gatepost::scan
