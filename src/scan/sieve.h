// Many words at once in a text: which may stand where. The first stage of a scan, and the only one
// that most of a text meets.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::scan {

// Immutable once built. About a nanosecond a byte, however many words there are, as long as they
// are rare in the text.
class Sieve {
 public:
  struct Word {
    std::string text;  // three bytes at least; shorter ones are not found
    uint32_t id = 0;
  };
  explicit Sieve(const std::vector<Word>& words);
  bool empty() const { return entries_.empty(); }
  size_t bytes() const;
  // Calls found(id, begin) wherever a word stands; roughly, not strictly, in the order of the text.
  template <typename Found>
  void Scan(Bytes text, Found found) const;

 private:
  // 3 or 4 bytes of each word, its rarest, are looked up at every place.
  static constexpr size_t kShortest = 3;
  static constexpr size_t kLongest = 4;
  static constexpr uint32_t kThreeBytes = 0x00FFFFFF;  // of a little-endian machine
  static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
  struct Entry {
    uint32_t gram;
    uint32_t word;  // in text_
    uint32_t size;
    uint32_t offset;  // of the gram in the word
    uint32_t id;
  };
  struct Table {  // of the grams of one length
    uint32_t shift = 31;
    std::vector<uint64_t> bits = {0};          // hash -> may be there
    std::vector<uint32_t> begins = {0, 0, 0};  // hash -> first entry; one more than buckets
    uint32_t bucket_shift = 31;
  };
  static uint32_t Hash(uint32_t gram) { return gram * 0x9E3779B1U; }
  // In the machine's order.
  static uint32_t Load(const char* at, size_t size) {
    uint32_t gram = 0;
    std::memcpy(&gram, at, size);
    return gram;
  }
  template <typename Found>
  void LookUp(const Table& table, uint32_t gram, size_t at, Bytes text, Found& found) const;

  std::array<Table, 2> tables_;  // of grams of three and of four bytes
  std::vector<Entry> entries_;   // of a table together, by bucket
  std::string text_;
};

template <typename Found>
void Sieve::LookUp(const Table& table, uint32_t gram, size_t at, Bytes text, Found& found) const {
  const uint32_t bucket = Hash(gram) >> table.bucket_shift;
  for (uint32_t i = table.begins[bucket]; i < table.begins[bucket + 1]; ++i) {
    const Entry& entry = entries_[i];
    if (entry.gram != gram || entry.offset > at || text.size() - (at - entry.offset) < entry.size) {
      continue;
    }
    const size_t begin = at - entry.offset;
    if (text.compare(begin, entry.size, text_, entry.word, entry.size) == 0) {
      found(entry.id, static_cast<uint32_t>(begin));
    }
  }
}

template <typename Found>
void Sieve::Scan(Bytes text, Found found) const {
  if (entries_.empty()) {
    return;
  }
  // Local, because `found` may change anything else for all that the compiler knows.
  const Table& threes = tables_[0];
  const Table& fours = tables_[1];
  const uint64_t* const bits3 = threes.bits.data();
  const uint64_t* const bits4 = fours.bits.data();
  const uint32_t shift3 = threes.shift;
  const uint32_t shift4 = fours.shift;
  const char* const data = text.data();
  const size_t size = text.size();
  size_t at = 0;
  for (; at + 4 <= size; ++at) {
    uint32_t gram = 0;
    std::memcpy(&gram, data + at, sizeof(gram));
    const uint32_t three = Hash(gram & kThreeBytes) >> shift3;
    const uint32_t four = Hash(gram) >> shift4;
    const bool has3 = (bits3[three / 64] >> (three % 64) & 1) != 0;
    const bool has4 = (bits4[four / 64] >> (four % 64) & 1) != 0;
    if (has3 | has4) {
      if (has4) {
        LookUp(fours, gram, at, text, found);
      }
      if (has3) {
        LookUp(threes, gram & kThreeBytes, at, text, found);
      }
    }
  }
  if (at + 3 <= size) {
    LookUp(threes, Load(data + at, 3), at, text, found);
  }
}

}  // namespace gatepost::scan
