// Expressions as a person writes them to expressions that every engine reads alike: macros are
// substituted, and whatever Hyperscan and PCRE2 would understand differently is refused by name.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/ruleset/rule_set.h"

namespace gatepost::ruleset {

// Named pieces of expressions, by the spelling in use: "<B>" or "@NAME". A table begins with the
// boundaries that every pack needs (README: "Macros"); packs may add and replace.
class Macros {
 public:
  Macros();
  void Set(const std::string& spelling, const std::string& text);
  const std::string* Find(const std::string& spelling) const;
  // Macros may use macros, 8 levels deep; the result has at most 64 KB. On failure one error at
  // place, and false. *bare is the expansion with <B> and <E> left out: what is anchored in it
  // was anchored by the author.
  bool Expand(const std::string& written, const Place& place, Diagnostics* diagnostics,
              std::string* expanded, std::string* bare) const;

 private:
  bool ExpandAll(std::string text, bool without_boundaries, const Place& place,
                 Diagnostics* diagnostics, std::string* out) const;
  std::map<std::string, std::string> texts_;
};

// What one look at an expression tells. Total.
struct Anatomy {
  bool utf8 = false;                // see Expression::utf8
  bool anchored = false;            // has ^ or $ outside of classes
  bool beyond_hyperscan = false;    // has what only PCRE2 knows: look-around, back-references...
  std::vector<std::string> errors;  // what the engines would not agree on, and what to write
  std::vector<std::string> warnings;
};
Anatomy Examine(std::string_view expression);

// Expands, examines, and reports to diagnostics; false after an error. `form` is the rule's.
bool MakeExpression(const std::string& written, const Place& place, const Macros& macros,
                    text::Form form, Diagnostics* diagnostics, Expression* out);

// Every ASCII sign that means something in an expression gets a backslash.
std::string QuoteForExpression(std::string_view text);

}  // namespace gatepost::ruleset
