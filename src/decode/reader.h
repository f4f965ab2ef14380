// Little-endian numbers out of hostile bytes: whatever lies beyond the end reads as 0 or nothing.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

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

// The same with the highest byte first: `count` of them, at most four.
inline uint32_t BigEndian(Bytes bytes, uint64_t at, size_t count) {
  uint32_t value = 0;
  for (size_t i = 0; i < count; ++i) {
    value = value << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
  }
  return value;
}

// Reads on from place to place; once something is not there, nothing is.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) : bytes_(bytes) {}
  bool ok() const { return ok_; }
  size_t at() const { return at_; }
  Bytes rest() const { return bytes_.substr(at_); }
  void Fail() { ok_ = false; }
  Bytes Take(uint64_t count) {
    if (!ok_ || count > bytes_.size() - at_) {
      ok_ = false;
      return {};
    }
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }
  uint8_t Byte() {
    const Bytes one = Take(1);
    return one.empty() ? 0 : static_cast<uint8_t>(one[0]);
  }

 private:
  Bytes bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

// The other way: `width` bytes of `value`, the lowest first.
inline std::string LittleBytes(uint64_t value, size_t width) {
  std::string out;
  for (size_t i = 0; i < width; ++i, value >>= 8) {
    out.push_back(static_cast<char>(value & 0xff));
  }
  return out;
}
// The same over what stands at `at`; what would lie beyond the end is dropped.
inline void PutLittle(uint64_t value, size_t at, size_t width, std::string* bytes) {
  for (size_t i = 0; i < width && at + i < bytes->size(); ++i, value >>= 8) {
    (*bytes)[at + i] = static_cast<char>(value & 0xff);
  }
}

}  // namespace gatepost::decode
