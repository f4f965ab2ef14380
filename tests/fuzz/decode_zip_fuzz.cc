// The zip reader alone: structure and every reading of every entry.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "src/decode/zip.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view zip(reinterpret_cast<const char*>(data), size);
  const auto directory = gatepost::decode::ReadZipDirectory(zip, 100);
  constexpr uint64_t kLimit = 1U << 16;
  for (const auto& entry : directory.entries) {
    const auto read = gatepost::decode::ReadZipEntry(zip, entry, kLimit, 250);
    for (const auto& reading : read.readings) {
      if (reading.bytes.size() > kLimit) {
        std::abort();
      }
    }
  }
  return 0;
}
