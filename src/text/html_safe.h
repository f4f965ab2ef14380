// HTML made harmless for a person who must look at it: an allow-list of elements written anew by
// us, no attribute of the author's but the span of a table's cell and the direction of writing, no
// style, no address that could be followed. It is not a filter on the source: what is not known is
// not written.
// LIMITS: 512 KB of output, 100 levels, 100,000 tags; what is more is cut and said.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace gatepost::text {

// Well-formed HTML for the inside of a <body>. Links become their text with the target behind it,
// pictures their alternative text. Total.
std::string SafeHtml(std::string_view utf8);

}  // namespace gatepost::text
