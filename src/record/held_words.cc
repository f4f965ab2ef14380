// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/held_words.h"

#include <algorithm>
#include <cstring>

namespace gatepost::record {

namespace {

constexpr size_t kChunkBytes = 1U << 20;

// The first eight bytes as a number in the same order: spares most comparisons the way to the text.
uint64_t Beginning(Bytes text) {
  uint64_t out = 0;
  for (size_t i = 0; i < 8; ++i) {
    out = out << 8U | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0U);
  }
  return out;
}

}  // namespace

uint32_t Words::Add(Bytes text) {
  const auto found = numbers_.find(text);
  if (found != numbers_.end()) {
    return found->second;
  }
  const auto number = static_cast<uint32_t>(texts_.size());
  if (chunks_.empty() ||
      chunks_.back().bytes.capacity() - chunks_.back().bytes.size() < text.size() + 1) {
    chunks_.push_back({{}, number});
    chunks_.back().bytes.reserve(std::max(kChunkBytes, text.size() + 1));
  }
  std::string& chunk = chunks_.back().bytes;
  const size_t at = chunk.size();
  chunk.append(text);
  chunk.push_back('\0');
  texts_.push_back(Bytes(chunk).substr(at, text.size()));
  numbers_.emplace(texts_.back(), number);
  return number;
}

void Words::Clear() {
  numbers_.clear();
  texts_.clear();
  chunks_.clear();
  sorted_.clear();
  ranks_.clear();
}

std::vector<bool> Words::Containing(Bytes wanted) const {
  std::vector<bool> out(texts_.size(), wanted.empty());
  if (wanted.empty() || wanted.find('\0') != Bytes::npos) {
    return out;
  }
  for (const Chunk& chunk : chunks_) {
    size_t number = chunk.first;
    const char* const end = chunk.bytes.data() + chunk.bytes.size();
    for (const char* at = chunk.bytes.data(); at < end;) {
      const void* const hit =
          memmem(at, static_cast<size_t>(end - at), wanted.data(), wanted.size());
      if (hit == nullptr) {
        break;
      }
      // Words lie in the order of their numbers, and no hit reaches over the NUL between two.
      while (texts_[number].data() + texts_[number].size() < static_cast<const char*>(hit)) {
        ++number;
      }
      out[number] = true;
      at = texts_[number].data() + texts_[number].size() + 1;
    }
  }
  return out;
}

std::vector<bool> Words::Which(const std::function<bool(Bytes)>& wanted) const {
  std::vector<bool> out(texts_.size());
  for (size_t i = 0; i < texts_.size(); ++i) {
    out[i] = wanted(texts_[i]);
  }
  return out;
}

void Words::Order() {
  const size_t known = sorted_.size();
  if (known == texts_.size()) {
    return;
  }
  std::vector<std::pair<uint64_t, uint32_t>> added;
  for (size_t i = known; i < texts_.size(); ++i) {
    added.emplace_back(Beginning(texts_[i]), static_cast<uint32_t>(i));
  }
  std::sort(added.begin(), added.end(), [this](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : texts_[a.second] < texts_[b.second];
  });
  // From behind: each new one goes to its place, and what is between two moves as it is.
  sorted_.resize(texts_.size());
  size_t rest = known;
  size_t to = sorted_.size();
  for (size_t i = added.size(); i-- > 0;) {
    const Bytes text = texts_[added[i].second];
    const auto place =
        std::upper_bound(sorted_.begin(), sorted_.begin() + static_cast<std::ptrdiff_t>(rest), text,
                         [this](Bytes wanted, uint32_t number) { return wanted < texts_[number]; });
    const auto from = static_cast<size_t>(place - sorted_.begin());
    std::move_backward(place, sorted_.begin() + static_cast<std::ptrdiff_t>(rest),
                       sorted_.begin() + static_cast<std::ptrdiff_t>(to));
    to -= rest - from;
    rest = from;
    sorted_[--to] = added[i].second;
  }
  ranks_.resize(sorted_.size());
  for (uint32_t i = 0; i < sorted_.size(); ++i) {
    ranks_[sorted_[i]] = i;
  }
}

}  // namespace gatepost::record
