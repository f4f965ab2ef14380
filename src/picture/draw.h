// One picture, or one page of a PDF, to pixels of a size that a person looks at. Total: any bytes
// give a Drawing.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "src/base/bytes.h"
#include "src/picture/raster.h"
#include "src/picture/reading.h"

namespace gatepost::picture {

struct Drawing {
  Outcome outcome = Outcome::kDamaged;
  uint32_t pages = 0;  // of the document, the TIFF, frames of the GIF
  Raster raster;       // colours as they are; empty unless kRead
};

Drawing Draw(const DrawRequest& request, Bytes bytes);
// Draws a page of ours, so that what the libraries load on first use is loaded. False: they cannot.
bool WarmUpDrawing();

}  // namespace gatepost::picture
