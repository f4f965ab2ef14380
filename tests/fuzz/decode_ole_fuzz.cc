// Compound files: the directory, every stream, macros, Outlook messages.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/openers.h"
#include "tests/fuzz/decode_one.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatepost::decode;  // NOLINT: a program of one function
  FuzzOpener(data, size, "a.doc", Type::kOle, OpenOle);
  return 0;
}
