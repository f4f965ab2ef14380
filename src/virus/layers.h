// Which of our leaves libclamav has met while it unpacked the message by itself. A leaf that it met
// byte for byte (for text: but for line ends) needs no scan of its own. Exact comparison, so that
// no collision of a hash can hide a leaf. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/leaf.h"

namespace gatepost::virus {

// Views of `leaves` must outlive it.
class LayersMet {
 public:
  explicit LayersMet(const decode::Leaves& leaves);
  // A layer that the engine is about to scan.
  void Meet(Bytes layer);
  bool Met(size_t leaf) const { return met_[leaf]; }

 private:
  const decode::Leaves& leaves_;
  std::vector<bool> met_;
  std::unordered_multimap<uint64_t, size_t> by_size_;         // exact size
  std::unordered_multimap<uint64_t, size_t> by_significant_;  // text leaves only
  uint64_t work_left_;  // bytes that may still be compared: many equal sizes must not be quadratic
};

// Equal but for CR and LF and for blanks at the very end.
bool SameButForLineEnds(Bytes a, Bytes b);
// Bytes that are neither CR nor LF, without blanks at the very end.
uint64_t SignificantBytes(Bytes text);

}  // namespace gatepost::virus
