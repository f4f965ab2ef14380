// A fuzz target under its own name, so that one program replays the corpora of a whole room.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

struct ReplayTarget {
  const char* name;  // "decode_zip", as its corpus
  int (*run)(const uint8_t* data, size_t size);
};

// Made by tests/CMakeLists.txt.
const std::vector<ReplayTarget>& ReplayTargets();
