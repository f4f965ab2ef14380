// Transfer encodings: the first byte chooses the encoding, the rest is the body.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "src/decode/transfer.h"

using gatepost::decode::Readings;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const gatepost::Limits limits;
  const auto encoding = static_cast<gatepost::mail::Encoding>(data[0] % 5);
  const std::string_view body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Readings readings = gatepost::decode::DecodeReadings(body, encoding, limits);
  // At least one, within the limits, no two alike.
  uint64_t total = 0;
  if (readings.readings.empty() || readings.readings.size() > limits.readings_per_part + 1) {
    std::abort();
  }
  for (size_t i = 0; i < readings.readings.size(); ++i) {
    total += readings.readings[i].bytes.size();
    for (size_t k = 0; k < i; ++k) {
      if (readings.readings[k].bytes == readings.readings[i].bytes) {
        std::abort();
      }
    }
  }
  if (total > (static_cast<uint64_t>(limits.reading_expansion) + 1) * (body.size() + 1024)) {
    std::abort();
  }
  gatepost::decode::FindInlineFiles(body, limits);
  gatepost::decode::FindHiddenBase64(body, limits);
  return 0;
}
