// Why a rule does not match a text that its author thinks it should: for people, one text at a
// time, never in the way of mail. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/ruleset/rule_set.h"

namespace gatepost::scan {

// What stands in the way, as a sentence's end: which `mask`, `unless` or `first_lines` excludes it,
// in which form or with which capitals it would match, what the rule's view of the text is. `text`
// as it stands in zone `zone` of a message. In Vietnamese or English.
std::string WhyNot(const ruleset::Rule& rule, const text::Zone& zone, std::string_view text,
                   bool vietnamese = false);

// Would the rule's expressions, mask, unless and first_lines aside, find anything in the text?
bool WouldMatch(const ruleset::Rule& rule, text::Form form, const text::Zone& zone,
                std::string_view text);

}  // namespace gatepost::scan
