// Who is at the keyboard.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gatepost::cli {

// The person, also behind sudo: by the login that the kernel remembers (loginuid), else by
// SUDO_USER, else the account: "lan as root".
std::string Actor();
// What is known about who it is, for the trail.
std::vector<std::pair<std::string, std::string>> ActorDetails();

}  // namespace gatepost::cli
