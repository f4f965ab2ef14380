// The words that rules may use: zones, facts, and the spelling of enums.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/ruleset/rule_set.h"

namespace gatepost::ruleset {

// False: no such word; *out stays.
bool ModeFromString(std::string_view word, Mode* out);
bool SeverityFromString(std::string_view word, Severity* out);
bool LevelFromString(std::string_view word, Level* out);

// Every fixed zone (src/text/view.h), without `any` and header:NAME.
const std::vector<std::string>& FixedZones();
// What `any` stands for.
const std::vector<std::string>& AnyZones();
// A fixed zone or header:NAME with a well-formed lower-case field name (RFC 5322 2.2).
bool IsZone(std::string_view zone);

// Every fact that some room sets; an entry that ends in '.' stands for all names that begin so
// (unscannable.REASON). The only such list: conditions, examples and policies are checked against
// it, and tests/lint/facts.py checks it against the sources.
const std::vector<std::string>& KnownFacts();
// A known fact, or a glob that covers at least one.
bool IsKnownFact(std::string_view name);

// What to say of a name that is no zone: the nearest, or how a zone of a header field is written.
std::string UnknownZone(const std::string& name);

}  // namespace gatepost::ruleset
