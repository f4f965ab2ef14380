// Everything that opens archives and TNEF, through the budget, locked ones with the word "k"; and
// Deflate64 alone. The first byte chooses.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "src/decode/inflate.h"
#include "src/decode/leaf.h"
#include "src/decode/passwords.h"
#include "src/decode/unlock.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  gatepost::Limits limits;
  limits.decoded_bytes = 1U << 20;
  limits.leaf_bytes = 1U << 18;
  limits.archive_members = 60;
  switch (data[0] % 4) {
    case 0:
      if (gatepost::decode::Inflate64(bytes, 1U << 16).bytes.size() > 1U << 16) {
        std::abort();
      }
      break;
    case 1:
      for (const std::string& word : gatepost::decode::PasswordsIn(bytes)) {
        if (word.empty() || word.size() > 64) {
          std::abort();
        }
      }
      break;
    default: {
      const auto leaves = gatepost::decode::DecodeDocument("a", bytes, limits);
      uint64_t together = 0;
      for (const std::string& kept : leaves.storage) {
        together += kept.size();
      }
      if (together > limits.decoded_bytes) {
        std::abort();
      }
      gatepost::decode::Collector collector(limits);
      collector.SetPasswords({"k"});
      const auto unlocked = gatepost::decode::UnlockArchive(bytes, &collector);
      if (unlocked.opened && (!unlocked.locked || unlocked.bytes.empty())) {
        std::abort();
      }
    }
  }
  return 0;
}
