// The PowerPoint Document stream alone.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/office97.h"
#include "tests/fuzz/decode_one.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatepost::decode;  // NOLINT: a program of one function
  constexpr uint64_t kLimit = 1U << 20;
  const gatepost::Bytes bytes(reinterpret_cast<const char*>(data), size);
  LegacyText text = ReadPpt(bytes, bytes.substr(0, 20), kLimit);
  for (std::string* part : {&text.body, &text.margin}) {
    const std::vector<FontRun> runs = text.marks.Take(part);
    CheckRuns(runs, part->size());
    if (!gatepost::IsUtf8(*part)) {
      std::abort();
    }
  }
  return 0;
}
