// Containers that are recognised and that nothing here opens, wholly or in part.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/bytes.h"

namespace gatepost::decode {

// "arj", "ace", "vhd", "dmg", "pst"...; nullptr: not one of them.
const char* OpaqueContainer(Bytes bytes);
// A name of one, whatever its first bytes are. `extension` as Extension gives it.
bool NamesOpaqueContainer(std::string_view extension);

}  // namespace gatepost::decode
