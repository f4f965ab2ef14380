// Files that nobody expects to be programs, but a browser runs their scripts.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/decode/leaf.h"

namespace gatepost::text {

// SVG, XHTML, SHTML: by a name, the label or the content. A page called .html is none of them.
bool RunsUnexpected(const decode::Leaf& leaf, std::string_view utf8);

}  // namespace gatepost::text
