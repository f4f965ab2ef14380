// A `when` as one line for people: `gatepost check --policy`, ToString.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/policy/clause.h"

namespace gatepost::policy {

// The tests from root to the end of the list, each with its note ("score >= tag").
std::string Describe(const std::vector<Test>& tests, const std::vector<std::string>& notes,
                     int root);

}  // namespace gatepost::policy
