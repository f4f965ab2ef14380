// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/likeness.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

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

bool IsLetter(unsigned char c) { return c >= 0x80 || (c >= 'a' && c <= 'z'); }

}  // namespace

std::string Likeness(std::string_view text) {
  std::vector<uint64_t> runs;
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
      runs.push_back(Mix(last[0] * 3 + last[1] * 5 + last[2]));
    }
  }
  if (words < kFewestWords) {
    return {};
  }
  std::sort(runs.begin(), runs.end());
  runs.erase(std::unique(runs.begin(), runs.end()), runs.end());
  runs.resize(std::min(runs.size(), kLikenessHashes));
  std::string sketch;
  for (const uint64_t run : runs) {
    sketch += (sketch.empty() ? "" : " ") + std::to_string(run);
  }
  return sketch;
}

}  // namespace gatepost::inspect
