// S/MIME alone: BER, PEM, signed and compressed data.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/openers.h"
#include "tests/fuzz/decode_one.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gatepost::decode;  // NOLINT: a program of one function
  FuzzOpener(data, size, "smime.p7m", Type::kPkcs7, OpenPkcs7);
  return 0;
}
