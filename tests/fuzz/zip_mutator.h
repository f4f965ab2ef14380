// Mutations of zip files by their headers, so that a campaign changes structure more often than it
// breaks the payload. Only libFuzzer calls it; a replay does not. SPDX-License-Identifier:
// GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/mime_mutator.h"

namespace gatepost::fuzz {

class ZipMutator {
 public:
  ZipMutator(std::string zip, unsigned seed) : zip_(std::move(zip)), dice_(seed) {}

  std::string Run() {
    for (size_t rounds = 1 + dice_(3); rounds > 0; --rounds) {
      One();
    }
    return std::move(zip_);
  }

 private:
  std::vector<size_t> Headers() const {
    std::vector<size_t> out;
    for (size_t at = zip_.find("PK"); at != std::string::npos; at = zip_.find("PK", at + 2)) {
      if (at + 4 <= zip_.size() && zip_[at + 2] > 0 && zip_[at + 2] <= 8) {
        out.push_back(at);
      }
    }
    return out;
  }

  void Put(size_t at, uint32_t value, size_t width) {
    for (size_t i = 0; i < width && at + i < zip_.size(); ++i) {
      zip_[at + i] = static_cast<char>(value >> (8 * i));
    }
  }

  uint32_t Value(size_t near) {
    const auto size = static_cast<uint32_t>(zip_.size());
    const uint32_t values[] = {0,
                               1,
                               2,
                               8,
                               9,
                               14,
                               0xFFFF,
                               0xFFFFFFFF,
                               size,
                               size - 22,
                               static_cast<uint32_t>(near),
                               static_cast<uint32_t>(dice_(64)),
                               static_cast<uint32_t>(dice_(zip_.size() + 1))};
    return values[dice_(std::size(values))];
  }

  void One() {
    const std::vector<size_t> headers = Headers();
    if (headers.empty()) {
      return;
    }
    const size_t one = dice_(headers.size());
    const size_t at = headers[one];
    const size_t next = one + 1 < headers.size() ? headers[one + 1] : zip_.size();
    const size_t other = headers[dice_(headers.size())];
    switch (dice_(9)) {
      case 0:
      case 1:
      case 2: {  // a field
        static constexpr size_t kLocal[] = {6, 8, 14, 18, 22, 26, 28};
        static constexpr size_t kCentral[] = {8, 10, 16, 20, 24, 28, 30, 32, 34, 42};
        static constexpr size_t kEnd[] = {4, 8, 10, 12, 16, 20};
        const char kind = zip_[at + 2];
        const size_t field = kind == 3   ? kLocal[dice_(std::size(kLocal))]
                             : kind == 1 ? kCentral[dice_(std::size(kCentral))]
                                         : kEnd[dice_(std::size(kEnd))];
        const bool wide = (kind == 3 && field >= 14 && field < 26) ||
                          (kind == 1 && ((field >= 16 && field < 28) || field == 42)) ||
                          (kind == 5 && (field == 12 || field == 16));
        Put(at + field, Value(other), wide ? 4 : 2);
        break;
      }
      case 3:  // a header, with what follows it, once more
        zip_.insert(other, zip_.substr(at, next - at));
        break;
      case 4:
        zip_.erase(at, next - at);
        break;
      case 5:  // a whole file behind or in front of it
        zip_ = dice_(2) == 0 ? zip_ + zip_.substr(headers.front()) : zip_.substr(0, at) + zip_;
        break;
      case 6: {  // an end of nothing
        std::string end("PK\x05\x06", 4);
        end.append(18, '\0');
        zip_.insert(dice_(2) == 0 ? zip_.size() : other, end);
        break;
      }
      case 7:
        zip_.insert(other, std::string(1 + dice_(40), static_cast<char>(dice_(256))));
        break;
      default:
        zip_.erase(zip_.size() - dice_(std::min<size_t>(zip_.size(), 60)));
        break;
    }
  }

  std::string zip_;
  Dice dice_;
};

inline size_t MutateZip(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  if (LLVMFuzzerMutate != nullptr && (size == 0 || seed % 4 == 0)) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  const std::string out =
      ZipMutator(std::string(reinterpret_cast<const char*>(data), size), seed / 4 + 1).Run();
  const size_t length = std::min(out.size(), max_size);
  std::memcpy(data, out.data(), length);
  return length;
}

}  // namespace gatepost::fuzz
