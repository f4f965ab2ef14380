// Any bytes as a sealed held message, as its keys, as a signed head, a summary, a proof, a key
// ring's line: refused or understood, never a crash; what is sealed comes back, and no other bytes
// do. SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <string>

#include "src/base/json.h"
#include "src/record/heads.h"
#include "src/record/key_ring.h"
#include "src/record/proof.h"
#include "src/record/sealed_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatepost;  // NOLINT: a fuzz target
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const Secret key(std::string(kStreamKeyBytes, 'k'));
  record::SealedWords words;
  std::string message;
  if (record::OpenSealed(bytes, "GP-20261123-204512-7F3K9QZ2", key, &words, &message).ok()) {
    abort();  // nobody sealed anything with this key
  }
  static_cast<void>(record::OpenSealedWords(bytes, "id", key, &words).ok());
  static_cast<void>(record::ReadWrapped("input", bytes).ok());
  static_cast<void>(record::ReadPublicLine("input", bytes).ok());
  const auto json = ParseJson("input", bytes);
  if (!json.ok()) {
    return 0;
  }
  record::Head head;
  if (record::HeadFromJson(*json, &head) && head.SignatureFitsKey(std::string(64, '0'))) {
    abort();
  }
  record::Pruned pruned;
  static_cast<void>(record::PrunedFromJson(*json, &pruned));
  if (record::CheckProof(*json, std::string(64, '0')).fits) {
    abort();
  }
  return 0;
}
