// Uuencode (POSIX), its base64 form, and yEnc: as a transfer encoding and inside running text.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "src/base/bytes.h"

namespace gatepost::decode {

// Calls back with each reading of a body labelled as uuencoded and its faults (transfer.h).
void UuReadings(Bytes body, const std::function<void(std::string, uint32_t)>& add);

// The bytes have a known magic number or are readable text of some length: a guess that led to
// them was worth it.
bool SniffsAsContent(Bytes bytes);

}  // namespace gatepost::decode
