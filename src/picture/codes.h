// The door to ZXing: what QR, Aztec, Data Matrix and PDF417 codes in a picture say.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/picture/raster.h"

namespace gatepost::picture {

// Appends what is new, up to kMostCodes. Well-formed UTF-8.
void ReadCodes(const Raster& grey, std::vector<std::string>* codes);

struct CodeParts {
  // Two corner marks of a QR code of one size: a half of one, or one that is too spoiled to be
  // read.
  bool two = false;
  // One that is drawn as the standard has it, module for module: 16ths of a pixel that each of
  // these has; 0: none.
  uint32_t corner = 0;
};
CodeParts PartsOfCode(const Raster& grey);

}  // namespace gatepost::picture
