// Passwords of people: argon2id (RFC 9106) by libsodium.
// LIMITS: 64 MiB and about 100 ms a call; whoever answers strangers lets one through at a time.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/bytes.h"

namespace gatepost {

// "$argon2id$v=19$m=65536,t=3,p=1$..."; "" when there is not enough memory.
std::string HashPassword(Bytes password);
// False also for what is no hash; takes as long either way as long as `hash` is one.
bool VerifyPassword(const std::string& hash, Bytes password);

}  // namespace gatepost
