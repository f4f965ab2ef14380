// What `gatepost status` says of a running daemon's state (gateway::Gateway::State).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/json.h"

namespace gatepost::cli {

// What keeps the daemon from being well, in words, with what to do; empty: nothing.
std::vector<std::string> Ailments(const Json& state);
// What is as it was asked for and has a price all the same.
std::vector<std::string> Warnings(const Json& state);

// The number of the generation of {"number"}, or that it has none and why.
std::string GenerationText(const Json& generation);

}  // namespace gatepost::cli
