// Character references of HTML.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace gatepost::text {

// Reads the reference at s[at] == '&': appends its text and returns how many bytes it took; 0: none
// stands here. Numbers go without ';' too, 128..159 are windows-1252, what is no character is
// U+FFFD.
size_t ReadCharacterReference(std::string_view s, size_t at, std::string* out);
std::string DecodeCharacterReferences(std::string_view s);

}  // namespace gatepost::text
