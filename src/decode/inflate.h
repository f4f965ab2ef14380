// The door to zlib: one bounded inflate; beside it our own Deflate64 (inflate64.cc).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "src/base/bytes.h"

namespace gatepost::decode {

struct Inflated {
  std::string bytes;
  size_t consumed = 0;    // input bytes that the stream took
  bool complete = false;  // the stream came to its own end
  bool too_big = false;   // stopped at the limit; bytes hold what came before
};

// Raw DEFLATE (RFC 1951). Stops at `limit` bytes of output. Total.
Inflated Inflate(Bytes data, uint64_t limit);
// Raw Deflate64 (APPNOTE 6.3.10 section 5.6, zip method 9). Stops at `limit`. Total.
Inflated Inflate64(Bytes data, uint64_t limit);

// Begins as a zlib stream does (RFC 1950 section 2.2); the deflate stream is two bytes on.
inline bool IsZlib(Bytes b) {
  return b.size() > 2 && b[0] == '\x78' && (0x7800U + static_cast<unsigned char>(b[1])) % 31 == 0;
}

uint32_t Crc32(Bytes data);

}  // namespace gatepost::decode
