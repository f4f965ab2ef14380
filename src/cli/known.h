// Words that a person gives on the command line for something of this house: is there such a thing,
// and which was meant?
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <vector>

#include "src/gateway/config.h"
#include "src/record/quarantine.h"

namespace gatepost::cli {

// "'spma' is not a category; did you mean 'spam'? Known: ambiguous, ..."; "" where it is one.
std::string WhyUnknown(const std::string& what, const std::string& word,
                       const std::set<std::string>& known);
// Each is a category of the house. False: printed which is not. `store`: what mail lies there for
// is known as well, though the policy gives it no more; null: not looked at.
bool AreCategories(const gateway::Config& config, const std::vector<std::string>& words,
                   const record::Quarantine* store = nullptr);
// "" or a state of held mail, or "all". False: printed why not.
bool IsHeldState(const std::string& word);
// At least three characters that are not blanks, as the console wants it. False: printed.
bool HasReason(const std::string& reason);

}  // namespace gatepost::cli
