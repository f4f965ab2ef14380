// What an alert of libclamav means to us, told by its name. Not every alert is an infection:
// limits, encryption, macros and damage come the same way. SPDX-License-Identifier:
// GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/decode/leaf.h"

namespace gatepost::virus {

struct Meaning {
  enum class Kind { kInfection, kUnscannable, kFact } kind = Kind::kInfection;
  decode::Reason reason = decode::Reason::kNotScanned;  // kUnscannable
  const char* fact = "";                                // kFact: "virus.macros"
};

// An unknown name is an infection.
Meaning MeaningOf(std::string_view alert);

}  // namespace gatepost::virus
