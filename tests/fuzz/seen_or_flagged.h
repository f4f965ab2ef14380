// What the targets that set us beside other readers ask: do we have what they get, or say that we
// may not? SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "src/decode/leaf.h"

namespace gatepost::fuzz {

// As in tests/vectors/kit.py.
inline constexpr std::string_view kPayload = "GATEPOST-VECTOR-TEST-PAYLOAD";

inline Limits SmallLimits() {
  Limits limits;
  limits.decoded_bytes = 8U << 20;
  limits.leaf_bytes = 4U << 20;
  limits.text_bytes = 2U << 20;
  return limits;
}

inline bool IsFlagged(const std::vector<mail::Defect>& defects) {
  for (const mail::Defect& defect : defects) {
    if (defect.grade != mail::Grade::kA) {
      return true;
    }
  }
  return false;
}

// The payload is in a leaf, or there is a defect of grade B or C, or something unscannable.
inline bool SeenOrFlagged(const decode::Leaves& leaves) {
  if (IsFlagged(leaves.defects) || !leaves.unscannable.empty()) {
    return true;
  }
  for (const auto& nested : leaves.nested) {
    if (IsFlagged(nested.defects())) {
      return true;
    }
  }
  for (const auto& leaf : leaves.leaves) {
    if (leaf.bytes.find(kPayload) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace gatepost::fuzz
