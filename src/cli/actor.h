// Who is at the keyboard.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

namespace gatepost::cli {

// The person, also behind sudo: "lan as root".
std::string Actor();

}  // namespace gatepost::cli
