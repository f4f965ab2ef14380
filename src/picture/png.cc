// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/picture/png.h"

#include <zlib.h>

namespace gatepost::picture {

namespace {

void PutU32(uint32_t value, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(value >> static_cast<unsigned>(shift)));
  }
}

void PutChunk(const char* type, const std::string& data, std::string* out) {
  PutU32(static_cast<uint32_t>(data.size()), out);
  const std::string named = type + data;
  *out += named;
  PutU32(static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(named.data()),
                                     static_cast<uInt>(named.size()))),
         out);
}

// Each row as its difference to the row above (filter type 2): half the size of plain rows, and
// nothing to be tried out.
std::string Filtered(const Raster& raster) {
  const size_t row = static_cast<size_t>(raster.width) * raster.channels;
  std::string out;
  out.reserve((row + 1) * raster.height);
  for (uint32_t y = 0; y < raster.height; ++y) {
    const uint8_t* const here = raster.pixels.data() + y * row;
    const uint8_t* const above = y == 0 ? nullptr : here - row;
    out.push_back('\2');
    for (size_t x = 0; x < row; ++x) {
      out.push_back(static_cast<char>(here[x] - (above == nullptr ? 0 : above[x])));
    }
  }
  return out;
}

}  // namespace

std::string EncodePng(const Raster& raster) {
  constexpr uint32_t kMostSide = 32'768;
  if (raster.width == 0 || raster.height == 0 || raster.width > kMostSide ||
      raster.height > kMostSide || (raster.channels != 1 && raster.channels != 3) ||
      raster.pixels.size() !=
          static_cast<size_t>(raster.width) * raster.height * raster.channels) {
    return {};
  }
  const std::string rows = Filtered(raster);
  uLongf size = compressBound(rows.size());
  std::string packed(size, '\0');
  if (compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                reinterpret_cast<const Bytef*>(rows.data()), rows.size(), 6) != Z_OK) {
    return {};
  }
  packed.resize(size);
  std::string head;
  PutU32(raster.width, &head);
  PutU32(raster.height, &head);
  head += '\x08';                              // bits a channel
  head += raster.channels == 3 ? '\2' : '\0';  // colour, or grey
  head.append(3, '\0');                        // deflate, the usual filters, not interlaced
  std::string out = "\x89PNG\r\n\x1a\n";
  PutChunk("IHDR", head, &out);
  PutChunk("IDAT", packed, &out);
  PutChunk("IEND", "", &out);
  return out;
}

}  // namespace gatepost::picture
