// PDF alone, by poppler and by qpdf.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/openers.h"
#include "tests/fuzz/decode_one.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatepost::decode;  // NOLINT: a program of one function
  FuzzOpener(data, size, "a.pdf", Type::kPdf, OpenPdf);
  return 0;
}
