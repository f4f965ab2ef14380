// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/virus/layers.h"

#include <algorithm>

namespace gatepost::virus {

namespace {

bool IsLineEnd(char c) { return c == '\r' || c == '\n'; }

Bytes WithoutEnd(Bytes text) {
  while (!text.empty() && (IsLineEnd(text.back()) || text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

// Text of the message itself. Not so an attached script or text file: signatures by hash know it by
// its exact bytes, and libclamav's mail reader changes line ends.
bool IsPlain(const decode::Leaf& leaf) {
  return !leaf.is_attachment &&
         (leaf.type == decode::Type::kText || leaf.type == decode::Type::kHtml);
}

}  // namespace

uint64_t SignificantBytes(Bytes text) {
  text = WithoutEnd(text);
  return static_cast<uint64_t>(text.size()) -
         static_cast<uint64_t>(std::count_if(text.begin(), text.end(), IsLineEnd));
}

bool SameButForLineEnds(Bytes a, Bytes b) {
  a = WithoutEnd(a);
  b = WithoutEnd(b);
  size_t i = 0;
  size_t j = 0;
  while (true) {
    while (i < a.size() && IsLineEnd(a[i])) {
      ++i;
    }
    while (j < b.size() && IsLineEnd(b[j])) {
      ++j;
    }
    if (i == a.size() || j == b.size()) {
      return i == a.size() && j == b.size();
    }
    if (a[i++] != b[j++]) {
      return false;
    }
  }
}

LayersMet::LayersMet(const decode::Leaves& leaves)
    : leaves_(leaves), met_(leaves.leaves.size(), false) {
  uint64_t total = 1 << 20;
  for (size_t i = 0; i < leaves.leaves.size(); ++i) {
    const decode::Leaf& leaf = leaves.leaves[i];
    total += leaf.bytes.size();
    by_size_.emplace(leaf.bytes.size(), i);
    if (IsPlain(leaf)) {
      by_significant_.emplace(SignificantBytes(leaf.bytes), i);
    }
  }
  work_left_ = 8 * total;
}

void LayersMet::Meet(Bytes layer) {
  const auto try_each = [&](auto range, auto same) {
    for (auto it = range.first; it != range.second; ++it) {
      if (met_[it->second] || work_left_ < layer.size()) {
        continue;
      }
      const Bytes leaf = leaves_.leaves[it->second].bytes;
      work_left_ -= layer.size();
      if (same(leaf, layer)) {
        met_[it->second] = true;
      }
    }
  };
  try_each(by_size_.equal_range(layer.size()), [](Bytes a, Bytes b) { return a == b; });
  if (!by_significant_.empty()) {
    try_each(by_significant_.equal_range(SignificantBytes(layer)), SameButForLineEnds);
  }
}

}  // namespace gatepost::virus
