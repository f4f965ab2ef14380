// One of several volumes of a split archive: only together they can be opened.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/bytes.h"

namespace gatepost::decode {

// By the header.
bool IsRarVolume(Bytes bytes);
bool IsCabVolume(Bytes bytes);
// By the name: "a.part2.rar", "a.r00", "a.z01", "a.7z.001".
bool IsVolumeName(const std::string& name);

}  // namespace gatepost::decode
