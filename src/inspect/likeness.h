// A sketch of a text that is nearly the same for nearly the same text, so that a letter with
// another name in its first line is still seen as the same letter. SPDX-License-Identifier:
// GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace gatepost::inspect {

// How many hashes a sketch has.
constexpr size_t kLikenessHashes = 8;

// The smallest hashes of all runs of three words (a bottom-k sketch, Broder 1997), ascending,
// decimal with blanks between. Two texts share as large a part of them as of their runs. "": too
// few words to say anything (below 20). ASCII case, digits and signs do not count. Looks at the
// first 600 words.
std::string Likeness(std::string_view text);

}  // namespace gatepost::inspect
