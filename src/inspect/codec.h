// Little-endian fields one after the other, strings with their length before them. The reader
// trusts nothing: after the first field that does not fit, everything reads as empty and ok() is
// false.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>

#include "src/base/bytes.h"
#include "src/base/utf8.h"

namespace gatepost::inspect {

class Writer {
 public:
  explicit Writer(size_t reserve = 4'096) { out_.reserve(reserve); }
  void U8(uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void U32(uint32_t value) { Integer(value, 4); }
  void U64(uint64_t value) { Integer(value, 8); }
  void I64(int64_t value) { Integer(static_cast<uint64_t>(value), 8); }
  void Double(double value) { Integer(std::bit_cast<uint64_t>(value), 8); }
  void Raw(Bytes bytes) {
    U32(static_cast<uint32_t>(bytes.size()));
    out_.append(bytes);
  }
  // At most `most` bytes, cut at a code point's edge; what is not UTF-8 becomes U+FFFD.
  void Text(Bytes text, size_t most);
  // A count to be set later: returns where it stands.
  size_t Mark() {
    U32(0);
    return out_.size() - 4;
  }
  void SetMark(size_t mark, uint32_t value) {
    for (size_t i = 0; i < 4; ++i) {
      out_[mark + i] = static_cast<char>(value >> (8 * i));
    }
  }
  size_t size() const { return out_.size(); }
  std::string Take() { return std::move(out_); }

 private:
  void Integer(uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) {
      out_.push_back(static_cast<char>(value >> (8 * i)));
    }
  }
  std::string out_;
};

class Reader {
 public:
  explicit Reader(Bytes in) : in_(in) {}
  bool ok() const { return ok_; }
  bool AtEnd() const { return ok_ && in_.empty(); }
  void Fail() {
    ok_ = false;
    in_ = {};
  }
  uint8_t U8() { return static_cast<uint8_t>(Integer(1)); }
  uint32_t U32() { return static_cast<uint32_t>(Integer(4)); }
  uint64_t U64() { return Integer(8); }
  int64_t I64() { return static_cast<int64_t>(Integer(8)); }
  // Not finite: fails.
  double Double() {
    const auto value = std::bit_cast<double>(Integer(8));
    if (!std::isfinite(value)) {
      Fail();
      return 0;
    }
    return value;
  }
  // A value up to `most`, of an enum for example.
  uint8_t Upto(uint8_t most) {
    const uint8_t value = U8();
    if (value > most) {
      Fail();
      return 0;
    }
    return value;
  }
  // A number of things that take at least `least_bytes` each: more than can follow fails, so that a
  // forged count allocates nothing.
  uint32_t Count(uint32_t most, uint32_t least_bytes) {
    const uint32_t value = U32();
    if (value > most || static_cast<uint64_t>(value) * least_bytes > in_.size()) {
      Fail();
      return 0;
    }
    return value;
  }
  Bytes Raw(size_t most) {
    const uint32_t size = U32();
    if (size > most || size > in_.size()) {
      Fail();
      return {};
    }
    const Bytes bytes = in_.substr(0, size);
    in_.remove_prefix(size);
    return bytes;
  }
  // Ill-formed UTF-8 fails.
  std::string Text(size_t most) {
    const Bytes bytes = Raw(most);
    if (!IsUtf8(bytes)) {
      Fail();
      return {};
    }
    return std::string(bytes);
  }

 private:
  uint64_t Integer(size_t bytes) {
    if (in_.size() < bytes) {
      Fail();
      return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i) {
      value |= static_cast<uint64_t>(static_cast<uint8_t>(in_[i])) << (8 * i);
    }
    in_.remove_prefix(bytes);
    return value;
  }
  Bytes in_;
  bool ok_ = true;
};

// `text` as UTF-8 of at most `most` bytes, cut at a code point's edge.
std::string CappedUtf8(Bytes text, size_t most);

}  // namespace gatepost::inspect
