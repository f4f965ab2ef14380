// What the fuzz targets of single openers share: one leaf, one opener, small budgets, and what must
// hold of anything that comes out.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "src/base/utf8.h"
#include "src/decode/collector.h"

namespace gatepost::decode {

inline Limits FuzzLimits() {
  Limits limits;
  limits.decoded_bytes = 8U << 20;
  limits.leaf_bytes = 4U << 20;
  limits.text_bytes = 2U << 20;
  limits.archive_members = 200;
  return limits;
}

// Stretches in fonts ascend and lie inside the text.
inline void CheckRuns(const std::vector<FontRun>& runs, size_t size) {
  uint32_t last = 0;
  for (const FontRun& run : runs) {
    if (run.begin < last || run.end <= run.begin || run.end > size) {
      std::abort();
    }
    last = run.end;
  }
}

inline void CheckLeaves(const Leaves& leaves, const Limits& limits) {
  uint64_t stored = 0;
  for (const std::string& kept : leaves.storage) {
    stored += kept.size();
  }
  if (stored > limits.decoded_bytes) {
    std::abort();
  }
  for (const DocumentText& text : leaves.texts) {
    if (text.leaf >= leaves.leaves.size() || !IsUtf8(text.utf8)) {
      std::abort();
    }
    CheckRuns(text.fonts, text.utf8.size());
  }
}

// `open` on a leaf that holds `data`.
template <typename Open>
void FuzzOpener(const uint8_t* data, size_t size, const char* name, Type type, Open open) {
  const Limits limits = FuzzLimits();
  Collector collector(limits);
  Leaf leaf;
  leaf.name = name;
  leaf.path = name;
  leaf.type = type;
  leaf.is_attachment = true;
  leaf.bytes = Bytes(reinterpret_cast<const char*>(data), size);
  collector.leaves().leaves.push_back(leaf);
  open(size_t{0}, &collector);
  collector.TakePending();
  CheckLeaves(collector.leaves(), limits);
}

}  // namespace gatepost::decode
