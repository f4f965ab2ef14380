// The detector of ambiguity: where a program with other habits gets the payload out of a mail, we
// have it in a leaf, or say by a defect of grade B or C, or by something unscannable, that we may
// not have. SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "src/decode/leaf.h"
#include "tests/fuzz/lenient_reader.h"
#include "tests/fuzz/mime_mutator.h"

namespace {

// As in tests/vectors/kit.py.
constexpr std::string_view kPayload = "GATEPOST-VECTOR-TEST-PAYLOAD";

bool IsFlagged(const std::vector<gatepost::mail::Defect>& defects) {
  for (const auto& defect : defects) {
    if (defect.grade != gatepost::mail::Grade::kA) {
      return true;
    }
  }
  return false;
}

bool SeenOrFlagged(std::string_view raw) {
  gatepost::Limits limits;
  limits.decoded_bytes = 8U << 20;
  limits.leaf_bytes = 4U << 20;
  limits.text_bytes = 2U << 20;
  const auto message = gatepost::mail::Message::Parse(raw, limits);
  if (IsFlagged(message.defects())) {
    return true;
  }
  const auto leaves = gatepost::decode::Decode(message, limits);
  if (IsFlagged(leaves.defects) || !leaves.unscannable.empty()) {
    return true;
  }
  for (const auto& nested : leaves.nested) {
    if (IsFlagged(nested.defects())) {
      return true;
    }
  }
  for (const auto& leaf : leaves.leaves) {
    if (leaf.bytes.find(kPayload) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return gatepost::fuzz::MutateMail(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  for (const gatepost::fuzz::Habits& habits : gatepost::fuzz::Readers()) {
    if (!gatepost::fuzz::LenientReader(kPayload, habits).Extracts(raw)) {
      continue;
    }
    if (!SeenOrFlagged(raw)) {
      std::fprintf(stderr, "the reader '%s' gets the payload, we neither see nor flag it\n",
                   habits.name);
      std::abort();
    }
    break;
  }
  return 0;
}
