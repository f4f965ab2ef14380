// Which three bytes a match may begin with, and how rare they are: expressions without a word that
// each match contains mostly begin in few ways all the same.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

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

}  // namespace gatepost::scan
