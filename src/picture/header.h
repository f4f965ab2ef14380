// What a picture says about itself before a single pixel is unpacked: format and size. Used to
// choose which pictures are worth reading and to refuse bombs.
// LIMITS: PNG, JPEG, GIF, BMP, TIFF, WebP; 64 pages of a TIFF; 4 MB of a JPEG before its frame.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "src/base/bytes.h"

namespace gatepost::picture {

enum class Format : uint8_t { kUnknown, kPng, kJpeg, kGif, kBmp, kTiff, kWebp };

// The size is that of the largest page, in pixels; 0 where the header does not tell (damaged).
struct Header {
  Format format = Format::kUnknown;
  uint32_t width = 0;
  uint32_t height = 0;
  uint32_t pages = 1;
  uint64_t pixels() const { return static_cast<uint64_t>(width) * height; }
  // What unpacking costs at least: a JPEG can be unpacked at an eighth of its width and height.
  uint64_t least_pixels() const { return pixels() / (format == Format::kJpeg ? 64 : 1); }
};

// Total; looks at headers only, never at what they describe.
Header ReadHeader(Bytes picture);

}  // namespace gatepost::picture
