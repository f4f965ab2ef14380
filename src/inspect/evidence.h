// Which words fired, and where: a match of the scanner to evidence that a person can check.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "src/base/limits.h"
#include "src/inspect/findings.h"
#include "src/ruleset/rule_set.h"
#include "src/scan/scanner.h"
#include "src/text/view.h"

namespace gatepost::inspect {

// The place of a match; its words too when the rule's log allows (Rule::log_snippet).
Evidence EvidenceOf(const ruleset::Rule& rule, const scan::Match& match,
                    const std::vector<text::TextView>& views, const Limits& limits);

// Fills in the evidence's line, as near to what a reader sees as the views allow: a match in a form
// without accents is shown in the view of the same text that has them, where some rule asked for
// one. Leaves the line empty for what is longer than a person would read on a terminal by far.
void AddLine(const scan::Match& match, const std::vector<text::TextView>& views, Evidence* one);

// Do the hits allow lines at all? Not beside a rule that never stores what it matched: its words
// could stand in the line of another. Mentions (severity info) do not count, as in the records.
bool LinesAllowed(const ruleset::RuleSet& rules, const std::vector<bool>& hit);

}  // namespace gatepost::inspect
