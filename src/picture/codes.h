// The door to ZXing: what QR, Aztec, Data Matrix and PDF417 codes in a picture say.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/picture/raster.h"

namespace gatepost::picture {

// Appends what is new, up to kMostCodes. Well-formed UTF-8.
void ReadCodes(const Raster& grey, std::vector<std::string>* codes);

// Two corner marks of a QR code of one size: a half of one, or one that is too spoiled to be read.
bool HoldsPartOfCode(const Raster& grey);

}  // namespace gatepost::picture
