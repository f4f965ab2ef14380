// The format of a file of rules as JSON Schema, for editors. Its words (zones, forms, facts,
// severities...) are those of the loader; a test compares its keys with what the loader takes.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/json.h"

namespace gatepost::ruleset {

Json RulesSchema();

// Every fixed fact as a choice, and a pattern for those of a family (unscannable.REASON) and, with
// `globs`, for names with '*'. Shared with the policy's schema.
Json FactName(std::string_view description, bool globs);

}  // namespace gatepost::ruleset
