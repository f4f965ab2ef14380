// Little-endian numbers out of hostile bytes: whatever lies beyond the end reads as 0 or nothing.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>

#include "src/base/bytes.h"

namespace gatepost::decode {

class LittleEndian {
 public:
  explicit LittleEndian(Bytes bytes) : bytes_(bytes) {}
  uint32_t U8(uint64_t at) const {
    return at < bytes_.size() ? static_cast<unsigned char>(bytes_[at]) : 0U;
  }
  uint32_t U16(uint64_t at) const { return U8(at) | U8(at + 1) << 8; }
  uint32_t U32(uint64_t at) const { return U16(at) | U16(at + 2) << 16; }
  uint64_t U64(uint64_t at) const { return U32(at) | static_cast<uint64_t>(U32(at + 4)) << 32; }
  // Shorter than `length` where the bytes end.
  Bytes Slice(uint64_t at, uint64_t length) const {
    return at >= bytes_.size() ? Bytes()
                               : bytes_.substr(at, std::min<uint64_t>(length, bytes_.size() - at));
  }
  size_t size() const { return bytes_.size(); }

 private:
  Bytes bytes_;
};

}  // namespace gatepost::decode
