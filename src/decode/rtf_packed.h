// Compressed RTF of Outlook (MS-OXRTFCP), in messages and in winmail.dat.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "src/base/bytes.h"

namespace gatepost::decode {

// At most `limit` bytes; "" where it is none. What is cut off or damaged gives what stood before.
std::string UnpackRtf(Bytes packed, uint64_t limit);

}  // namespace gatepost::decode
