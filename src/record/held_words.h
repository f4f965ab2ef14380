// A dictionary of the list of held mail: strings that occur again and again, by number. Kept so
// that a million of them are searched in one pass over their bytes, and so that their order is
// known without comparing them again. Private to held_columns. SPDX-License-Identifier:
// GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::record {

class Words {
 public:
  Words() = default;
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;

  uint32_t Add(Bytes text);
  void Clear();
  Bytes at(uint32_t number) const { return texts_[number]; }
  size_t size() const { return texts_.size(); }

  // Of every word: does it hold these bytes? Nothing holds a NUL.
  std::vector<bool> Containing(Bytes wanted) const;
  // Of every word: is it wanted?
  std::vector<bool> Which(const std::function<bool(Bytes)>& wanted) const;

  // Puts the words added since into the order.
  void Order();
  // Of a word, among all that there were at the last Order(): equal only for the same word.
  uint32_t RankOf(uint32_t number) const { return ranks_[number]; }

 private:
  struct Chunk {
    std::string bytes;  // words with NUL behind each; reserved at once, so that they never move
    uint32_t first = 0;
  };
  std::deque<Chunk> chunks_;
  std::vector<Bytes> texts_;  // in chunks_, in the order of numbers
  std::unordered_map<std::string_view, uint32_t> numbers_;
  std::vector<uint32_t> sorted_;  // numbers in byte order
  std::vector<uint32_t> ranks_;   // by number
};

}  // namespace gatepost::record
