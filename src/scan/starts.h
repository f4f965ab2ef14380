// Which three bytes a match may begin with. Expressions without a word that each match contains
// mostly begin in few ways all the same: one pass over a text names the places where any of them may.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "src/base/bytes.h"
#include "src/scan/syntax.h"

namespace gatepost::scan {

// Sets of three classes of bytes in a row.
class Starts {
 public:
  // Letters without regard to case, digits, kinds of signs, and 32 of bytes from 80 up.
  static constexpr uint32_t kClasses = 64;
  static uint32_t ClassOf(unsigned char byte);

  // Says too much rather than too little; everything where the expression is not understood.
  static Starts Of(const Syntax& syntax);

  // The third classes, as bits, behind these two.
  uint64_t Thirds(uint32_t first, uint32_t second) const {
    return everything_ ? ~uint64_t{0} : sets_[first * kClasses + second];
  }
  // One in 2^bits places of ordinary mail may be the beginning; 0: it says nothing.
  double bits() const;

 private:
  bool everything_ = true;
  std::vector<uint64_t> sets_;  // per first and second class the third ones
};

// The starts of many expressions. Immutable once built.
class StartNet {
 public:
  struct Entry {
    const Starts* starts = nullptr;
    uint32_t id = 0;
  };
  explicit StartNet(const std::vector<Entry>& entries);
  bool empty() const { return any_.empty(); }
  // Calls found(id, begin) for each place where a match of `id` may begin, in the order of the text.
  // What stands behind the text may be anything.
  template <typename Found>
  void Scan(Bytes text, Found found) const;

 private:
  static constexpr uint32_t kKeys = Starts::kClasses * Starts::kClasses * Starts::kClasses;
  static const std::array<uint8_t, 256>& Classes();

  std::vector<uint64_t> any_;     // per key: does anybody begin so?
  std::vector<uint32_t> before_;  // per word of any_: bits in those before it
  std::vector<uint32_t> list_of_;  // per bit that is set: which list
  std::vector<uint32_t> begins_;  // per list, and one more: where its ids begin
  std::vector<uint32_t> ids_;
};

template <typename Found>
void StartNet::Scan(Bytes text, Found found) const {
  if (any_.empty()) {
    return;
  }
  constexpr uint32_t kMask = kKeys - 1;
  const std::array<uint8_t, 256>& classes = Classes();
  const uint64_t* const any = any_.data();
  const size_t size = text.size();
  const uint32_t beyond = Starts::ClassOf('\n');
  const auto class_at = [&](size_t at) -> uint32_t {
    return at < size ? classes[static_cast<unsigned char>(text[at])] : beyond;
  };
  uint32_t key = class_at(0) * Starts::kClasses + class_at(1);
  for (size_t at = 0; at < size; ++at) {
    key = (key * Starts::kClasses + class_at(at + 2)) & kMask;
    const uint64_t word = any[key / 64];
    if ((word >> (key % 64) & 1) == 0) {
      continue;
    }
    const uint64_t below = word & ((uint64_t{1} << (key % 64)) - 1);
    const uint32_t list =
        list_of_[before_[key / 64] + static_cast<uint32_t>(__builtin_popcountll(below))];
    for (uint32_t i = begins_[list]; i < begins_[list + 1]; ++i) {
      found(ids_[i], static_cast<uint32_t>(at));
    }
  }
}

}  // namespace gatepost::scan
