// What src/scan/literal.h promises of an expression, held against PCRE2 on one text: wherever a
// match begins, one of the required words stands in the folded text near enough, it is one of the
// places where starts.h and trial.h let it begin, and the relaxed expression matches from there.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/base/utf8.h"
#include "src/scan/literal.h"
#include "src/scan/pcre2.h"
#include "src/scan/starts.h"
#include "src/scan/syntax.h"
#include "src/scan/trial.h"

namespace gatepost::scan {

struct WordsVerdict {
  bool compared = false;  // the expression is valid, understood, and matched
  bool had_words = false;
  std::string problem;  // "" none
};

inline bool NearEnough(const Required& required, Fold fold, std::string_view text, size_t begin) {
  std::string folded;
  std::vector<uint32_t> kept;
  const bool moved = FoldText(fold, text, &folded, &kept);
  for (const Literal& literal : required.literals) {
    for (size_t at = folded.find(literal.text); at != std::string::npos;
         at = folded.find(literal.text, at + 1)) {
      const size_t place = moved ? kept[at] : at;
      const size_t first =
          literal.most == kEndless || literal.most > place ? 0 : place - literal.most;
      if (place >= literal.least && first <= begin && begin <= place - literal.least) {
        return true;
      }
    }
  }
  return false;
}

// What stands behind the text may be anything.
inline bool StartsAt(const Starts& starts, std::string_view text, size_t begin) {
  const auto at = [&](size_t place) {
    return Starts::ClassOf(place < text.size() ? static_cast<unsigned char>(text[place]) : '\n');
  };
  return begin >= text.size() ||
         (starts.Thirds(at(begin), at(begin + 1)) >> at(begin + 2) & 1) != 0;
}

inline bool MayBegin(Trial* trial, std::string_view text, size_t begin) {
  Trial::Budget budget;
  return begin >= text.size() || trial->FirstBegin(text, begin, begin, &budget) == begin;
}

inline WordsVerdict CheckWords(const std::string& expression, bool utf8, bool caseless,
                               const std::string& text) {
  WordsVerdict out;
  if (expression.empty() || expression.find('\0') != std::string::npos ||
      (utf8 && (!IsUtf8(expression) || !IsUtf8(text)))) {
    return out;
  }
  Pattern::Options options;
  options.utf8 = utf8;
  options.caseless = caseless;
  options.captures = true;
  const Result<Pattern> pattern = Pattern::Compile(expression, options);
  const Syntax syntax = ParseSyntax(expression, utf8, caseless);
  if (!pattern.ok() || !syntax.understood) {
    return out;
  }
  static_cast<void>(EffortOf(syntax));
  Trial trial;
  const bool tries = trial.Add(syntax, 0);
  if (tries) {
    trial.Finish();
  }
  Matcher matcher;
  Range found;
  size_t from = 0;
  while (from <= text.size() &&
         matcher.Find(*pattern, text, from, true, &found) == Matcher::Outcome::kMatch) {
    if (found.end < found.begin) {
      return out;  // look-behind with \K: the scan never sees such a match
    }
    out.compared = true;
    // \K moves the reported begin behind the real one: that is not known here.
    if (expression.find("\\K") == std::string::npos) {
      if (!StartsAt(Starts::Of(syntax), text, found.begin)) {
        out.problem = "no match may begin at " + std::to_string(found.begin);
        return out;
      }
      if (tries && !MayBegin(&trial, text, found.begin)) {
        out.problem = "no trial lets a match begin at " + std::to_string(found.begin);
        return out;
      }
      for (const Fold fold : {Fold::kLower, Fold::kCompact}) {
        const Required required = FindRequired(syntax, fold);
        if (required.literals.empty()) {
          continue;
        }
        out.had_words = true;
        if (!NearEnough(required, fold, text, found.begin)) {
          out.problem = "no required word near the match at " + std::to_string(found.begin);
          return out;
        }
      }
    }
    if (expression.find("\\K") == std::string::npos &&
        IsAscii(Slice(text, {found.begin, found.end}))) {
      // The match stands in ASCII, whatever is around it.
      Syntax ascii = syntax;
      if (!KeepAscii(&ascii)) {
        out.problem = "it is said not to match in ASCII: " + std::to_string(found.begin);
        return out;
      }
      for (const Fold fold : {Fold::kLower, Fold::kCompact}) {
        const Required required = FindRequired(ascii, fold);
        if (!required.literals.empty() && !NearEnough(required, fold, text, found.begin)) {
          out.problem =
              "no required word of ASCII near the match at " + std::to_string(found.begin);
          return out;
        }
      }
    }
    const Result<Pattern> relaxed = Pattern::Compile(syntax.relaxed, options);
    Range again;
    if (!relaxed.ok()) {
      out.problem = "the relaxed expression is not valid: " + syntax.relaxed;
      return out;
    }
    if (matcher.Find(*relaxed, text, found.begin, true, &again) == Matcher::Outcome::kNone) {
      out.problem = "the relaxed expression does not match: " + syntax.relaxed;
      return out;
    }
    from = found.end > from ? found.end : from + 1;
    while (utf8 && from < text.size() && (static_cast<unsigned char>(text[from]) & 0xC0) == 0x80) {
      ++from;
    }
  }
  return out;
}

}  // namespace gatepost::scan
