// The strict zip reader beside others: where a program with other habits unpacks the payload, we
// have it in a leaf, or say by a defect of grade B or C, or by something unscannable, that we may
// not have. SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/fuzz/lenient_zip.h"
#include "tests/fuzz/seen_or_flagged.h"
#include "tests/fuzz/zip_mutator.h"

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return gatepost::fuzz::MutateZip(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatepost;  // NOLINT: a program of one function
  const std::string_view zip(reinterpret_cast<const char*>(data), size);
  for (const fuzz::ZipHabits& habits : fuzz::ZipReaders()) {
    if (!fuzz::LenientZip(fuzz::kPayload, habits).Extracts(zip)) {
      continue;
    }
    if (!fuzz::SeenOrFlagged(decode::DecodeDocument("a.zip", zip, fuzz::SmallLimits()))) {
      std::fprintf(stderr, "the zip reader '%s' gets the payload, we neither see nor flag it\n",
                   habits.name);
      std::abort();
    }
    break;
  }
  return 0;
}
