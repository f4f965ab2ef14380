// Identifiers that people quote: "GP-" + time + randomness, sortable by time, safe in a file name,
// an SMTP reply and a shell. Example: GP-20261123-204512-7F3K9QZ2 (UTC; 8 characters of Crockford's
// base 32, 40 random bits).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatepost {

std::string MakeId(int64_t unix_ms);
bool IsId(std::string_view text);

}  // namespace gatepost
