// The door to leptonica: encoded pictures to pixels, and the few things that are done to pixels
// before they are read.
// LIMITS: the caller has looked at the header (ReadHeader) and refuses what is too large; 64 frames
// of a GIF.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::picture {

// Rows from top to bottom without padding; 1 byte a pixel (grey) or 3 (red, green, blue).
struct Raster {
  uint32_t width = 0;
  uint32_t height = 0;
  uint32_t channels = 1;
  std::vector<uint8_t> pixels;
  bool empty() const { return pixels.empty(); }
};

// Page `page` (0 is the first), turned as the picture says (Exif); empty: not there, or damaged. A
// JPEG of more than `most_pixels` is unpacked at half, a quarter or an eighth of its size; other
// formats never are.
Raster Unpack(Bytes picture, uint32_t page, uint64_t most_pixels);

// The frames of a GIF, each as a GIF of its own; the picture itself where there is one only. *more:
// there are others behind them.
std::vector<std::string> GifFrames(Bytes gif, bool* more);

// Transparency lies on white, colours become grey.
Raster Grey(const Raster& raster);
// The red channel alone: red ink is paper white in it.
Raster WithoutRed(const Raster& raster);
// Red ink as black on white, everything else white; empty where there is next to none, or so much
// that it is no ink.
Raster RedInk(const Raster& raster);
// Each pixel `times` wide and high. Grey only.
Raster Enlarged(const Raster& grey, uint32_t times);
// Scaled so that the longer side has `longest` pixels.
Raster Scaled(const Raster& raster, uint32_t longest);
// Turned by up to 15 degrees so that lines of text are level. Grey only. *degrees says how far.
Raster Level(const Raster& grey, double* degrees);
// What stands in frames, as a stamp does: cut out, without the frame, levelled by it; the largest
// first, at most 6. Grey only.
std::vector<Raster> Framed(const Raster& grey);
// The largest clumps of ink, cut out and levelled, at most 3: of a stamp whose frame is in pieces.
// For ink on white. Grey only.
std::vector<Raster> Clumps(const Raster& ink);
// How many pieces of ink there are: letters and accents, or the specks of a photo. Grey only.
size_t Pieces(const Raster& ink);
// Turned by a quarter `quarters` times, clockwise. Grey only.
Raster Turned(const Raster& grey, int quarters);

}  // namespace gatepost::picture
