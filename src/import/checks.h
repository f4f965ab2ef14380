// SpamAssassin's functions (`eval:`) that need no rule engine of theirs.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace gatepost::import {

// The word of the zone sa:checks that holds this call's answer; "" for functions that it lacks.
// `call` as it stands in a rule: "html_tag_exists('b')".
std::string CheckOf(const std::string& call);

}  // namespace gatepost::import
