// Any bytes as the record of a held message: it is understood or refused, and what is understood
// survives a round trip.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <string>

#include "src/record/held_file.h"
#include "src/record/held_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatepost;  // NOLINT: a fuzz target
  const auto json = ParseJson("input", {reinterpret_cast<const char*>(data), size});
  if (!json.ok()) {
    return 0;
  }
  const auto held = record::HeldFromJson("input", *json);
  if (!held.ok()) {
    return 0;
  }
  const std::string text = DumpJson(record::HeldToJson(*held));
  const auto again = ParseJson("again", text);
  if (!again.ok()) {
    abort();
  }
  const auto held_again = record::HeldFromJson("again", *again);
  if (!held_again.ok() || DumpJson(record::HeldToJson(*held_again)) != text) {
    abort();
  }
  return 0;
}
