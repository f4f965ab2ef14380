// Collects the readings of one body, within the limits, and the decoders that fill it.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "src/decode/transfer.h"

namespace gatepost::decode {

// Without repeats; bounded by Limits::readings_per_part and reading_expansion, and a cut is
// reported (kReadingsCut).
class Gatherer {
 public:
  Gatherer(Bytes body, const Limits& limits, Readings* out)
      : room_(static_cast<uint64_t>(body.size()) * limits.reading_expansion + 1024),
        most_(std::max<uint32_t>(1, limits.readings_per_part)),
        out_(out) {}

  void Add(std::string bytes, bool clean) {
    for (const Reading& reading : out_->readings) {
      if (reading.bytes == bytes) {
        return;
      }
    }
    if (!out_->readings.empty() && (out_->readings.size() >= most_ || bytes.size() > room_)) {
      out_->faults |= kReadingsCut;
      return;
    }
    room_ -= std::min<uint64_t>(room_, bytes.size());
    out_->readings.push_back(Reading{std::move(bytes), clean});
  }

  // A far-fetched reading: left out without a word where there is no room for it.
  void AddIfRoom(std::string bytes) {
    if (out_->readings.size() < most_ && bytes.size() <= room_) {
      Add(std::move(bytes), false);
    }
  }

 private:
  uint64_t room_;
  size_t most_;
  Readings* out_;
};

// Every reading of the body in that encoding, the strict one first.
void Base64Readings(Bytes body, const Limits& limits, Readings* out);
void QpReadings(Bytes body, const Limits& limits, Readings* out);

}  // namespace gatepost::decode
