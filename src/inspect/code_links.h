// Where a telephone goes that reads a code: what it opens is not always written as a link.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace gatepost::inspect {

// The links that `code` leads to beyond those that are written as such (https://...): a host
// without a scheme, slashes the wrong way round, the URL of a card (vCard, MECARD, MEBKM). A line
// each; "" where there is none. Total, linear.
std::string LinksOfCode(std::string_view code);

}  // namespace gatepost::inspect
