// A whole message, from bytes to leaves.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "src/base/utf8.h"
#include "src/decode/leaf.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  gatepost::Limits limits;
  limits.decoded_bytes = 8U << 20;
  limits.leaf_bytes = 4U << 20;
  limits.text_bytes = 2U << 20;
  limits.archive_members = 200;
  limits.mime_parts = 200;
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  const auto message = gatepost::mail::Message::Parse(raw, limits);
  const auto leaves = gatepost::decode::Decode(message, limits);
  for (const auto& leaf : leaves.leaves) {
    if (leaf.part >= message.parts().size() || !gatepost::IsUtf8(leaf.name)) {
      std::abort();
    }
  }
  for (const auto& defect : leaves.defects) {
    if (defect.part >= message.parts().size()) {
      std::abort();
    }
  }
  return 0;
}
