// URLs in running text.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::text {

// "scheme://..." and "www...." up to a blank, bracket or quote, without the punctuation of the
// sentence. At most `most`, each at most 2,048 bytes.
std::vector<std::string> FindUrls(std::string_view text, size_t most);

// The host of "scheme://user@host:port/..." or "//host"; empty: there is none.
Range HostIn(std::string_view url);
// The URL with escapes in its host undone and A-labels as they are shown; "": that is the URL
// itself.
std::string ShownUrl(std::string_view url);

}  // namespace gatepost::text
