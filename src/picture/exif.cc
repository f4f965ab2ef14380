// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/picture/exif.h"

#include <algorithm>
#include <utility>

namespace gatepost::picture {

namespace {

constexpr uint32_t kMostSegments = 10'000;
constexpr uint32_t kMostTags = 1'000;
constexpr Bytes kExif("Exif\0\0", 6);

// Beyond the end everything is 0.
uint32_t NumberAt(Bytes in, size_t at, size_t bytes, bool big_endian) {
  if (bytes > in.size() || at > in.size() - bytes) {
    return 0;
  }
  uint32_t value = 0;
  for (size_t i = 0; i < bytes; ++i) {
    value = value << 8U | static_cast<uint8_t>(in[big_endian ? at + i : at + bytes - 1 - i]);
  }
  return value;
}

Bytes From(Bytes in, size_t at, size_t count) {
  return at < in.size() ? in.substr(at, count) : Bytes();
}

// What stands in a TIFF of tags alone.
int OfTags(Bytes tags) {
  if (tags.substr(0, kExif.size()) == kExif) {
    tags.remove_prefix(kExif.size());
  }
  const bool big = tags.substr(0, 2) == "MM";
  if (!big && tags.substr(0, 2) != "II") {
    return 1;
  }
  constexpr uint32_t kOrientation = 274;
  const size_t at = NumberAt(tags, 4, 4, big);
  const uint32_t count = std::min(NumberAt(tags, at, 2, big), kMostTags);
  for (uint32_t i = 0; i < count; ++i) {
    const size_t entry = at + 2 + 12ULL * i;
    if (NumberAt(tags, entry, 2, big) == kOrientation) {
      const uint32_t value = NumberAt(tags, entry + 8, 2, big);
      return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }
  }
  return 1;
}

int OfJpeg(Bytes picture) {
  size_t at = 2;
  for (uint32_t i = 0; i < kMostSegments && at + 4 <= picture.size(); ++i) {
    const uint32_t marker = NumberAt(picture, at + 1, 1, true);
    if (picture[at] != '\xff' || marker == 0xff || marker == 0xda) {
      at += picture[at] != '\xff' || marker == 0xff ? 1 : picture.size();
      continue;
    }
    const size_t length = std::max<uint32_t>(NumberAt(picture, at + 2, 2, true), 2);
    const Bytes segment = From(picture, at + 4, length - 2);
    if (marker == 0xe1 && segment.substr(0, kExif.size()) == kExif) {
      return OfTags(segment);
    }
    at += 2 + length;
  }
  return 1;
}

// PNG and WebP: chunks with a name and a length; the number of bytes around each differs.
int OfChunks(Bytes picture, Format format) {
  const bool png = format == Format::kPng;
  size_t at = png ? 8 : 12;
  for (uint32_t i = 0; i < kMostSegments && at + 8 <= picture.size(); ++i) {
    const size_t length = NumberAt(picture, at + (png ? 0 : 4), 4, png);
    const Bytes name = picture.substr(at + (png ? 4 : 0), 4);
    if (name == (png ? "eXIf" : "EXIF")) {
      return OfTags(From(picture, at + 8, length));
    }
    at += 8 + length + (png ? 4 : length % 2);
  }
  return 1;
}

}  // namespace

int ExifOrientation(Bytes picture, Format format) {
  switch (format) {
    case Format::kJpeg:
      return OfJpeg(picture);
    case Format::kPng:
    case Format::kWebp:
      return OfChunks(picture, format);
    default:
      return 1;
  }
}

bool IsMirrored(int orientation) {
  return orientation == 2 || orientation == 4 || orientation == 5 || orientation == 7;
}

Raster Oriented(Raster raster, int orientation) {
  if (orientation <= 1 || orientation > 8) {
    return raster;
  }
  // Where the pixel that is to stand at x, y lies: rows from the bottom, columns from the right,
  // rows for columns (5 to 8).
  const bool lies = orientation >= 5;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Raster out;
  out.width = lies ? raster.height : raster.width;
  out.height = lies ? raster.width : raster.height;
  out.channels = raster.channels;
  out.pixels.resize(raster.pixels.size());
  uint8_t* to = out.pixels.data();
  for (uint32_t y = 0; y < out.height; ++y) {
    for (uint32_t x = 0; x < out.width; ++x) {
      uint32_t column = lies ? y : x;
      uint32_t row = lies ? x : y;
      column = from_right ? raster.width - 1 - column : column;
      row = from_bottom ? raster.height - 1 - row : row;
      const size_t from = (static_cast<size_t>(row) * raster.width + column) * raster.channels;
      to = std::copy_n(raster.pixels.data() + from, raster.channels, to);
    }
  }
  return out;
}

}  // namespace gatepost::picture
