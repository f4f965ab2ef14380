// URLs in running text.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatepost::text {

// "scheme://..." and "www...." up to a blank, bracket or quote, without the punctuation of the
// sentence. At most `most`, each at most 2,048 bytes.
std::vector<std::string> FindUrls(std::string_view text, size_t most);

}  // namespace gatepost::text
