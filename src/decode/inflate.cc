// LIMITS: output never exceeds the limit; the buffer doubles up to it.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/inflate.h"

#define ZLIB_CONST  // next_in points to const
#include <zlib.h>

#include <algorithm>

namespace gatepost::decode {

Inflated Inflate(Bytes data, uint64_t limit) {
  Inflated out;
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
    return out;
  }
  stream.next_in = reinterpret_cast<const Bytef*>(data.data());
  stream.avail_in = static_cast<uInt>(std::min<size_t>(data.size(), UINT32_MAX));
  out.bytes.resize(static_cast<size_t>(
      std::min<uint64_t>(limit, std::max<uint64_t>(4096, static_cast<uint64_t>(data.size()) * 4))));
  size_t written = 0;
  for (;;) {
    stream.next_out = reinterpret_cast<Bytef*>(out.bytes.data() + written);
    stream.avail_out = static_cast<uInt>(std::min<size_t>(out.bytes.size() - written, UINT32_MAX));
    const uInt before = stream.avail_out;
    const int result = inflate(&stream, Z_NO_FLUSH);
    written += before - stream.avail_out;
    if (result == Z_STREAM_END) {
      out.complete = true;
      break;
    }
    if (result != Z_OK && result != Z_BUF_ERROR) {
      break;
    }
    if (stream.avail_out > 0) {
      break;  // the input ended
    }
    if (out.bytes.size() >= limit) {
      // Exactly at the limit: the end of the stream may still be to come without output.
      Bytef one = 0;
      stream.next_out = &one;
      stream.avail_out = 1;
      out.complete = inflate(&stream, Z_NO_FLUSH) == Z_STREAM_END && stream.avail_out == 1;
      out.too_big = !out.complete;
      break;
    }
    out.bytes.resize(static_cast<size_t>(std::min<uint64_t>(limit, out.bytes.size() * 2ULL)));
  }
  out.consumed = data.size() - stream.avail_in;
  inflateEnd(&stream);
  out.bytes.resize(written);
  return out;
}

uint32_t Crc32(Bytes data) {
  uLong crc = crc32(0, nullptr, 0);
  crc = crc32_z(crc, reinterpret_cast<const Bytef*>(data.data()), data.size());
  return static_cast<uint32_t>(crc);
}

}  // namespace gatepost::decode
