// Sizes and times as people write them in YAML: 64M, 20G; 500ms, 20s, 5m, 12h, 30d.
// LIMITS: whole numbers; K, M and G are powers of 1,024.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "src/base/diagnostic.h"
#include "src/base/yaml.h"

namespace gatepost {

bool ParseSize(const std::string& text, uint64_t* bytes);
bool ParseDuration(const std::string& text, uint64_t* ms);

// Reads size and time keys of a map; what does not fit is an error that names the bounds.
class Quantities {
 public:
  Quantities(YamlMap* map, Diagnostics* diagnostics) : map_(map), diagnostics_(diagnostics) {}

  template <typename T>
  void Size(const std::string& key, uint64_t least, uint64_t most, T* out) {
    uint64_t value = 0;
    if (TakeSize(key, least, most, &value)) {
      *out = static_cast<T>(value);
    }
  }
  void Time(const std::string& key, uint64_t least_ms, uint64_t most_ms,
            const std::function<void(uint64_t)>& set_ms);

 private:
  bool TakeSize(const std::string& key, uint64_t least, uint64_t most, uint64_t* out);
  YamlMap* map_;
  Diagnostics* diagnostics_;
};

}  // namespace gatepost
