// VIQR (RFC 1456): Vietnamese in ASCII, "Tie^'ng Vie^.t".
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/text/legacy.h"

namespace gatepost::text {

// Cautious: at least five different words of a vowel, '^' and a tone, nine in ten of them
// syllables.
bool IsViqr(std::string_view ascii);
LegacyText DecodeViqr(std::string_view ascii);

}  // namespace gatepost::text
