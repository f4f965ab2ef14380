// The streams of Word 97: two bytes say how long the table is, it comes first.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/decode/office97.h"
#include "tests/fuzz/decode_one.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatepost::decode;  // NOLINT: a program of one function
  constexpr uint64_t kLimit = 1U << 20;
  const gatepost::Bytes bytes(reinterpret_cast<const char*>(data), size);
  const size_t split = size < 2 ? size : std::min<size_t>(size - 2, data[0] | data[1] << 8U);
  const gatepost::Bytes table = bytes.substr(std::min<size_t>(size, 2), split);
  LegacyText text = ReadDoc(bytes.substr(std::min(size, split + 2)), table, table, kLimit);
  for (std::string* part : {&text.body, &text.margin}) {
    const std::vector<FontRun> runs = text.marks.Take(part);
    CheckRuns(runs, part->size());
    if (!gatepost::IsUtf8(*part)) {
      std::abort();
    }
  }
  return 0;
}
