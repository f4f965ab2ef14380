// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/likeness.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace gatepost::inspect {

namespace {

constexpr size_t kFewestWords = 20;
constexpr size_t kMostWords = 600;

// FNV-1a leaves order among similar words; the smallest hashes must be a fair sample.
uint64_t Mix(uint64_t hash) {
  hash ^= hash >> 33;
  hash *= 0xFF51AFD7ED558CCDULL;
  hash ^= hash >> 33;
  hash *= 0xC4CEB9FE1A85EC53ULL;
  return hash ^ (hash >> 33);
}

// The smallest kLikenessHashes of what it was given, each once. Nearly all are larger than those:
// to sort all of a letter's would cost more than to make them.
class Smallest {
 public:
  void Add(uint64_t hash) {
    if (count_ == kept_.size() && hash >= kept_.back()) {
      return;
    }
    const auto end = kept_.begin() + static_cast<std::ptrdiff_t>(count_);
    const auto place = std::lower_bound(kept_.begin(), end, hash);
    if (place != end && *place == hash) {
      return;
    }
    count_ += count_ < kept_.size() ? 1 : 0;
    std::move_backward(place, kept_.begin() + static_cast<std::ptrdiff_t>(count_) - 1,
                       kept_.begin() + static_cast<std::ptrdiff_t>(count_));
    *place = hash;
  }
  std::string ToString() const {
    std::string out;
    for (size_t i = 0; i < count_; ++i) {
      out += (out.empty() ? "" : " ") + std::to_string(kept_[i]);
    }
    return out;
  }

 private:
  std::array<uint64_t, kLikenessHashes> kept_{};
  size_t count_ = 0;
};

bool IsLetter(unsigned char c) { return c >= 0x80 || (c >= 'a' && c <= 'z'); }

}  // namespace

std::string Likeness(std::string_view text) {
  Smallest runs;
  std::array<uint64_t, 3> last{};
  size_t words = 0;
  size_t at = 0;
  while (at < text.size() && words < kMostWords) {
    uint64_t hash = 0xCBF29CE484222325ULL;
    const size_t begin = at;
    for (; at < text.size(); ++at) {
      auto c = static_cast<unsigned char>(text[at]);
      c = c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c + 32) : c;
      if (!IsLetter(c)) {
        break;
      }
      hash = (hash ^ c) * 0x100000001B3ULL;
    }
    if (at == begin) {
      ++at;
      continue;
    }
    last = {last[1], last[2], hash};
    if (++words >= last.size()) {
      runs.Add(Mix(last[0] * 3 + last[1] * 5 + last[2]));
    }
  }
  if (words < kFewestWords) {
    return {};
  }
  return runs.ToString();
}

}  // namespace gatepost::inspect
