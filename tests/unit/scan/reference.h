// What a rule set finds, told as slowly and plainly as it can be: every expression by PCRE2 alone,
// in every line or paragraph. The scan must find the same.
// LIMITS: rules with lists are left out (`Tells` is false).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/ruleset/rule_set.h"
#include "src/scan/pcre2.h"
#include "src/scan/scanner.h"
#include "src/text/view.h"

namespace gatepost::scan {

class Reference {
 public:
  explicit Reference(std::shared_ptr<const ruleset::RuleSet> rules) : rules_(std::move(rules)) {
    for (const ruleset::Rule& rule : rules_->rules()) {
      Compiled one;
      for (const ruleset::Expression& e : rule.match) {
        one.match.push_back(Compile(e, rule.caseless));
      }
      for (const ruleset::Expression& e : rule.mask) {
        one.mask.push_back(Compile(e, true));
      }
      for (const ruleset::Expression& e : rule.unless) {
        one.unless.push_back(Compile(e, true));
      }
      compiled_.push_back(std::move(one));
    }
  }

  bool Tells(size_t rule) const {
    return rules_->rules()[rule].lists.empty() && !rules_->rules()[rule].has_condition;
  }

  // Per rule.
  std::vector<bool> Hits(const std::vector<text::TextView>& views) {
    std::vector<bool> hits(rules_->rules().size(), false);
    for (const text::TextView& view : views) {
      for (size_t rule = 0; rule < hits.size(); ++rule) {
        const ruleset::Rule& source = rules_->rules()[rule];
        if (!hits[rule] && Tells(rule) && source.form == view.form &&
            std::find(source.zones.begin(), source.zones.end(), view.zone) != source.zones.end()) {
          hits[rule] = HitsIn(source, compiled_[rule], view);
        }
      }
    }
    return hits;
  }

 private:
  struct Compiled {
    std::vector<Pattern> match, mask, unless;
  };

  static Pattern Compile(const ruleset::Expression& e, bool caseless) {
    Pattern::Options options;
    options.utf8 = e.utf8;
    options.caseless = caseless;
    options.captures = true;
    return Pattern::Compile(e.expanded, options).value();
  }

  bool Finds(const Pattern& pattern, std::string_view text) {
    Range unused;
    return matcher_.Find(pattern, text, 0, &unused) == Matcher::Outcome::kMatch;
  }

  bool HitsIn(const ruleset::Rule& rule, const Compiled& compiled, const text::TextView& view) {
    const std::string joined = view.Paragraphs();
    uint32_t number = 0;
    for (size_t begin = 0; begin <= joined.size(); ++number) {
      const size_t end = std::min(joined.find('\n', begin), joined.size());
      if (rule.first_lines > 0 && number >= rule.first_lines) {
        break;
      }
      if (HitsInParagraph(rule, compiled, view, begin, joined.substr(begin, end - begin))) {
        return true;
      }
      begin = end + 1;
    }
    return false;
  }

  bool HitsInParagraph(const ruleset::Rule& rule, const Compiled& compiled,
                       const text::TextView& view, size_t at, const std::string& whole) {
    std::string paragraph = whole;
    for (const Pattern& mask : compiled.mask) {
      Range found;
      size_t from = 0;
      while (from <= whole.size() &&
             matcher_.Find(mask, whole, from, &found) == Matcher::Outcome::kMatch) {
        std::fill(paragraph.begin() + found.begin, paragraph.begin() + found.end, ' ');
        from = found.end > from ? found.end : from + 1;
      }
    }
    for (const Pattern& unless : compiled.unless) {
      if (Finds(unless, paragraph)) {
        return false;
      }
    }
    for (size_t i = 0; i < compiled.match.size(); ++i) {
      size_t begin = 0;
      for (const uint32_t soft : view.soft) {
        if (rule.match[i].line_anchored && soft >= at + begin && soft < at + paragraph.size()) {
          if (Finds(compiled.match[i],
                    std::string_view(paragraph).substr(begin, soft - at - begin))) {
            return true;
          }
          begin = soft - at + 1;
        }
      }
      if (Finds(compiled.match[i], std::string_view(paragraph).substr(begin))) {
        return true;
      }
    }
    return false;
  }

  std::shared_ptr<const ruleset::RuleSet> rules_;
  std::vector<Compiled> compiled_;
  Matcher matcher_;
};

}  // namespace gatepost::scan
