// Deflate64 ("enhanced deflate", zip method 9): DEFLATE (RFC 1951) with a window of 64 KiB, two
// more distance codes, and length code 285 as 3 plus 16 bits. No library of Debian's unpacks it.
// LIMITS: the output stops at the limit; time is linear in input and output (a code of many short
// blocks costs no table beyond its own symbols).
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>
#include <string>

#include "src/decode/inflate.h"

namespace gatepost::decode {

namespace {

constexpr size_t kWindow = 65536;
constexpr int kMostBits = 15;
constexpr size_t kLiterals = 288;
constexpr size_t kDistances = 32;

constexpr std::array<uint16_t, 29> kLengthBase = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                                  15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                                  67, 83, 99, 115, 131, 163, 195, 227, 3};
constexpr std::array<uint8_t, 29> kLengthBits = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 16};

// Least significant bit first. Beyond the end the bits are 0 and `ended` says so.
class BitReader {
 public:
  explicit BitReader(Bytes data) : data_(data) {}
  bool ended() const { return ended_; }
  // Whole bytes taken so far; bits that wait in the buffer beyond a byte's border are given back.
  size_t consumed() const { return next_ - static_cast<size_t>(count_ / 8); }
  uint32_t Take(int bits) {
    while (count_ < bits) {
      if (next_ >= data_.size()) {
        ended_ = true;
        return 0;
      }
      buffer_ |= static_cast<uint64_t>(static_cast<unsigned char>(data_[next_++])) << count_;
      count_ += 8;
    }
    const auto value = static_cast<uint32_t>(buffer_ & ((uint64_t{1} << bits) - 1));
    buffer_ >>= bits;
    count_ -= bits;
    return value;
  }
  void ToByte() {
    buffer_ >>= count_ % 8;
    count_ -= count_ % 8;
  }

 private:
  Bytes data_;
  size_t next_ = 0;
  uint64_t buffer_ = 0;
  int count_ = 0;
  bool ended_ = false;
};

// A canonical Huffman code as the number of codes of each length and the symbols in their order.
class Code {
 public:
  // False: more codes than the lengths have room for.
  bool Set(const uint8_t* lengths, size_t count) {
    counts_.fill(0);
    for (size_t i = 0; i < count; ++i) {
      ++counts_[lengths[i]];
    }
    int left = 1;
    for (size_t bits = 1; bits <= kMostBits; ++bits) {
      left = left * 2 - counts_[bits];
      if (left < 0) {
        return false;
      }
    }
    std::array<uint16_t, kMostBits + 2> first{};
    for (size_t bits = 1; bits <= kMostBits; ++bits) {
      first[bits + 1] = static_cast<uint16_t>(first[bits] + counts_[bits]);
    }
    for (size_t i = 0; i < count; ++i) {
      if (lengths[i] != 0) {
        symbols_[first[lengths[i]]++] = static_cast<uint16_t>(i);
      }
    }
    return true;
  }
  // -1: no such code, or the input ended.
  int Next(BitReader* in) const {
    int code = 0;
    int first = 0;
    int index = 0;
    for (size_t bits = 1; bits <= kMostBits; ++bits) {
      code |= static_cast<int>(in->Take(1));
      if (in->ended()) {
        return -1;
      }
      const int count = counts_[bits];
      if (code - count < first) {
        return symbols_[static_cast<size_t>(index + code - first)];
      }
      index += count;
      first = (first + count) * 2;
      code *= 2;
    }
    return -1;
  }

 private:
  std::array<uint16_t, kMostBits + 1> counts_{};
  std::array<uint16_t, kLiterals> symbols_{};
};

class Unpacker {
 public:
  Unpacker(Bytes data, uint64_t limit, Inflated* out) : in_(data), limit_(limit), out_(out) {}

  void Run() {
    bool last = false;
    while (!last && !out_->too_big) {
      last = in_.Take(1) == 1;
      const uint32_t kind = in_.Take(2);
      if (in_.ended() || !Block(kind)) {
        out_->consumed = in_.consumed();
        return;
      }
    }
    out_->complete = last && !out_->too_big;
    out_->consumed = in_.consumed();
  }

 private:
  bool Block(uint32_t kind) {
    if (kind == 0) {
      return Stored();
    }
    if (kind == 1) {
      std::array<uint8_t, kLiterals> lengths{};
      for (size_t i = 0; i < lengths.size(); ++i) {
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
      }
      std::array<uint8_t, kDistances> distances{};
      distances.fill(5);
      return literals_.Set(lengths.data(), lengths.size()) &&
             distances_.Set(distances.data(), distances.size()) && Coded();
    }
    return kind == 2 && Dynamic() && Coded();
  }

  bool Stored() {
    in_.ToByte();
    const uint32_t length = in_.Take(16);
    if (in_.Take(16) != (length ^ 0xffffU) || in_.ended()) {
      return false;
    }
    for (uint32_t i = 0; i < length; ++i) {
      const uint32_t byte = in_.Take(8);
      if (in_.ended() || !Put(static_cast<char>(byte))) {
        return out_->too_big;
      }
    }
    return true;
  }

  bool Dynamic() {
    static constexpr std::array<uint8_t, 19> kOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                       11, 4,  12, 3, 13, 2, 14, 1, 15};
    const size_t literals = in_.Take(5) + 257;
    const size_t distances = in_.Take(5) + 1;
    const size_t codes = in_.Take(4) + 4;
    if (literals > kLiterals || distances > kDistances) {
      return false;
    }
    std::array<uint8_t, kLiterals + kDistances> lengths{};
    for (size_t i = 0; i < codes; ++i) {
      lengths[kOrder[i]] = static_cast<uint8_t>(in_.Take(3));
    }
    if (in_.ended() || !literals_.Set(lengths.data(), kOrder.size())) {
      return false;
    }
    lengths.fill(0);
    for (size_t i = 0; i < literals + distances;) {
      const int symbol = literals_.Next(&in_);
      if (symbol < 0) {
        return false;
      }
      if (symbol < 16) {
        lengths[i++] = static_cast<uint8_t>(symbol);
        continue;
      }
      if (symbol == 16 && i == 0) {
        return false;
      }
      const uint8_t value = symbol == 16 ? lengths[i - 1] : uint8_t{0};
      size_t times = symbol == 16   ? 3 + in_.Take(2)
                     : symbol == 17 ? 3 + in_.Take(3)
                                    : 11 + in_.Take(7);
      if (i + times > literals + distances) {
        return false;
      }
      while (times-- > 0) {
        lengths[i++] = value;
      }
    }
    return !in_.ended() && literals_.Set(lengths.data(), literals) &&
           distances_.Set(lengths.data() + literals, distances);
  }

  bool Coded() {
    for (;;) {
      const int symbol = literals_.Next(&in_);
      if (symbol < 0) {
        return false;
      }
      if (symbol == 256) {
        return true;
      }
      if (symbol < 256) {
        if (!Put(static_cast<char>(symbol))) {
          return true;
        }
        continue;
      }
      const auto which = static_cast<size_t>(symbol - 257);
      if (which >= kLengthBase.size()) {
        return false;
      }
      const size_t length = kLengthBase[which] + in_.Take(kLengthBits[which]);
      const int code = distances_.Next(&in_);
      if (code < 0) {
        return false;
      }
      const int extra = code < 2 ? 0 : code / 2 - 1;
      const size_t base =
          code < 2 ? static_cast<size_t>(code) : static_cast<size_t>(2 + (code & 1)) << extra;
      const size_t distance = base + in_.Take(extra) + 1;
      if (in_.ended() || distance > out_->bytes.size() || distance > kWindow) {
        return false;
      }
      for (size_t i = 0; i < length; ++i) {
        if (!Put(out_->bytes[out_->bytes.size() - distance])) {
          return true;
        }
      }
    }
  }

  bool Put(char c) {
    if (out_->bytes.size() >= limit_) {
      out_->too_big = true;
      return false;
    }
    out_->bytes.push_back(c);
    return true;
  }

  BitReader in_;
  uint64_t limit_;
  Inflated* out_;
  Code literals_;
  Code distances_;
};

}  // namespace

Inflated Inflate64(Bytes data, uint64_t limit) {
  Inflated out;
  Unpacker(data, limit, &out).Run();
  return out;
}

}  // namespace gatepost::decode
