// LIMITS: a table of bits has at most 256 Kbit (32 KB, so that it stays in the processor's cache).
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/sieve.h"

#include <algorithm>
#include <unordered_map>

#include "src/scan/literal.h"

namespace gatepost::scan {

namespace {

constexpr uint32_t kLeastBits = 12;
constexpr uint32_t kMostBits = 18;
constexpr uint32_t kBitsPerWord = 128;

// The power of two that holds so many.
uint32_t Log2Above(size_t count, uint32_t least, uint32_t most) {
  uint32_t bits = least;
  while (bits < most && (size_t{1} << bits) < count) {
    ++bits;
  }
  return bits;
}

}  // namespace

Sieve::Sieve(const std::vector<Word>& words) {
  std::array<std::vector<Entry>, kLongest + 1> by_length;
  std::unordered_map<uint32_t, uint32_t> crowd;  // how many words a gram stands for already
  for (const Word& word : words) {
    const size_t length = std::min(word.text.size(), kLongest);
    if (length < kShortest) {
      continue;
    }
    Entry entry = {0, static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(word.text.size()),
                   0, word.id};
    text_ += word.text;
    double best = -1e9;
    for (size_t at = 0; at + length <= word.text.size(); ++at) {
      const uint32_t gram = Load(word.text.data() + at, length);
      const auto found = crowd.find(gram);
      const double load = found == crowd.end() ? 0 : found->second;
      const double worth = RarityOf(std::string_view(word.text).substr(at, length)) - load / 4;
      if (worth > best) {
        best = worth;
        entry.gram = gram;
        entry.offset = static_cast<uint32_t>(at);
      }
    }
    ++crowd[entry.gram];
    by_length[length].push_back(entry);
  }
  for (size_t length = kShortest; length <= kLongest; ++length) {
    std::vector<Entry>& entries = by_length[length];
    if (entries.empty()) {
      continue;
    }
    Table& table = tables_[length - kShortest];
    const uint32_t bits = Log2Above(entries.size() * kBitsPerWord, kLeastBits, kMostBits);
    table.shift = 32 - bits;
    table.bits.assign((size_t{1} << bits) / 64, 0);
    const uint32_t buckets = Log2Above(entries.size() * 2, 4, 24);
    table.bucket_shift = 32 - buckets;
    std::stable_sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
      return Hash(a.gram) >> table.bucket_shift < Hash(b.gram) >> table.bucket_shift;
    });
    table.begins.assign((size_t{1} << buckets) + 1, 0);
    for (const Entry& entry : entries) {
      const uint32_t bit = Hash(entry.gram) >> table.shift;
      table.bits[bit / 64] |= uint64_t{1} << (bit % 64);
      ++table.begins[(Hash(entry.gram) >> table.bucket_shift) + 1];
    }
    table.begins[0] = static_cast<uint32_t>(entries_.size());
    for (size_t i = 1; i < table.begins.size(); ++i) {
      table.begins[i] += table.begins[i - 1];
    }
    entries_.insert(entries_.end(), entries.begin(), entries.end());
  }
}

size_t Sieve::bytes() const {
  size_t bytes = text_.size() + entries_.size() * sizeof(Entry);
  for (const Table& table : tables_) {
    bytes += table.bits.size() * sizeof(uint64_t) + table.begins.size() * sizeof(uint32_t);
  }
  return bytes;
}

}  // namespace gatepost::scan
