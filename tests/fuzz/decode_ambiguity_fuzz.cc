// The detector of ambiguity: where a program with other habits gets the payload out of a mail, we
// have it in a leaf, or say by a defect of grade B or C, or by something unscannable, that we may
// not have. SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "tests/fuzz/lenient_reader.h"
#include "tests/fuzz/mime_mutator.h"
#include "tests/fuzz/seen_or_flagged.h"

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  return gatepost::fuzz::MutateMail(data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatepost;  // NOLINT: a program of one function
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  for (const fuzz::Habits& habits : fuzz::Readers()) {
    if (!fuzz::LenientReader(fuzz::kPayload, habits).Extracts(raw)) {
      continue;
    }
    const auto message = mail::Message::Parse(raw, fuzz::SmallLimits());
    if (!fuzz::IsFlagged(message.defects()) &&
        !fuzz::SeenOrFlagged(decode::Decode(message, fuzz::SmallLimits()))) {
      std::fprintf(stderr, "the reader '%s' gets the payload, we neither see nor flag it\n",
                   habits.name);
      std::abort();
    }
    break;
  }
  return 0;
}
