// RTF alone: groups, fonts, objects, packed pictures.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/openers.h"
#include "tests/fuzz/decode_one.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatepost::decode;  // NOLINT: a program of one function
  FuzzOpener(data, size, "a.rtf", Type::kRtf, OpenRtf);
  return 0;
}
