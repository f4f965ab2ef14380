// What is legal in a rule and surely not meant, or dear: each warning says what to do. Errors are
// the loader's business. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/ruleset/rule_set.h"

namespace gatepost::ruleset {

// Sentences about one of the rule's expressions: letters that its form never has or that Vietnamese
// writes in two ways, and, for `match` in zones that can be long, what makes it slow. `searched`: it is
// a `match`.
std::vector<std::string> LintExpression(const Rule& rule, const Expression& expression,
                                        bool searched);

// An expression's literal text with every syllable that Vietnamese writes in two ways in both:
// h(?:òa|oà).
std::string WithBothSpellings(std::string_view text);

// Warnings about a rule as a whole.
void LintRule(const Rule& rule, Diagnostics* diagnostics);

// About a rule that replaces one of an earlier folder.
void LintOverride(const Rule& rule, const Rule& replaced, Diagnostics* diagnostics);

// Why no text and no address is ever equal to this entry of a list, and what to write; "" it may
// be.
std::string LintEntry(std::string_view entry);

}  // namespace gatepost::ruleset
