// What must hold for every input of a fuzz target.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdlib>

inline void Require(bool condition) {
  if (!condition) {
    std::abort();
  }
}
