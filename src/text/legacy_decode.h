// Words in known encodings to Unicode, capitals repaired. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "src/text/legacy.h"
#include "src/text/legacy_words.h"

namespace gatepost::text {

// Ranges of the text whose font draws small letters as capitals; ascending.
using CapitalRanges = std::vector<std::pair<uint32_t, uint32_t>>;

// `encodings`: one for each of words.words, kEncodings: left as it is. Keeps every '\n'.
LegacyText DecodeWords(std::string_view utf8, const LegacyWords& words,
                       const std::vector<uint8_t>& encodings, const CapitalRanges& capitals);

}  // namespace gatepost::text
