// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/quantity.h"

#include <array>
#include <charconv>
#include <limits>
#include <string_view>

namespace gatepost {

namespace {

struct Unit {
  std::string_view suffix;
  uint64_t factor;
};

// A whole number followed by one of `units`; false when it is neither.
template <size_t N>
bool ParseQuantity(const std::string& text, const std::array<Unit, N>& units, uint64_t* out) {
  uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc()) {
    return false;
  }
  const std::string_view suffix(stop, static_cast<size_t>(end - stop));
  for (const Unit& unit : units) {
    if (suffix == unit.suffix) {
      if (value > std::numeric_limits<uint64_t>::max() / unit.factor) {
        return false;
      }
      *out = value * unit.factor;
      return true;
    }
  }
  return false;
}

constexpr std::array<Unit, 7> kSizeUnits = {{{"", 1},
                                             {"K", 1ULL << 10},
                                             {"M", 1ULL << 20},
                                             {"G", 1ULL << 30},
                                             {"k", 1ULL << 10},
                                             {"MB", 1ULL << 20},
                                             {"GB", 1ULL << 30}}};
constexpr std::array<Unit, 5> kTimeUnits = {
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};

}  // namespace

bool ParseSize(const std::string& text, uint64_t* bytes) {
  return ParseQuantity(text, kSizeUnits, bytes);
}

bool ParseDuration(const std::string& text, uint64_t* ms) {
  return ParseQuantity(text, kTimeUnits, ms);
}

bool Quantities::TakeSize(const std::string& key, uint64_t least, uint64_t most, uint64_t* out) {
  const YamlNode* node = map_->Take(key);
  if (node == nullptr || node->is_null()) {
    return false;
  }
  if (!node->is_scalar() || !ParseSize(node->scalar, out) || *out < least || *out > most) {
    diagnostics_->Error(node->place, "'" + key + "' must be a number from " +
                                         std::to_string(least) + " to " + std::to_string(most) +
                                         ", with K, M or G if you like");
    return false;
  }
  return true;
}

void Quantities::Time(const std::string& key, uint64_t least_ms, uint64_t most_ms,
                      const std::function<void(uint64_t)>& set_ms) {
  const YamlNode* node = map_->Take(key);
  uint64_t value = 0;
  if (node == nullptr || node->is_null()) {
    return;
  }
  if (!node->is_scalar() || !ParseDuration(node->scalar, &value) || value < least_ms ||
      value > most_ms) {
    diagnostics_->Error(node->place, "'" + key + "' must be a time such as 20s, 5m or 7d, from " +
                                         std::to_string(least_ms) + "ms to " +
                                         std::to_string(most_ms) + "ms");
    return;
  }
  set_ms(value);
}

}  // namespace gatepost
