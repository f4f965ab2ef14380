// What can be read in bytes of no known kind.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "src/base/bytes.h"

namespace gatepost::decode {

// Stretches of letters in `bytes`, one a line, UTF-8, at most `limit` bytes (cut between lines):
// words of UTF-8 and of 8-bit charsets (as windows-1252 shows them), and of UTF-16 with either byte
// first. What compressed or encrypted bytes show by chance is left out, all but a word in a
// megabyte. One pass for each way of reading; total.
std::string ReadableStretches(Bytes bytes, uint64_t limit);

// Compressed or encrypted: in half of the bytes at least, all 256 values are about as frequent
// (chi-squared in windows of 4 KiB, 256 of them at most, spread over all of it). Below 512 bytes
// nothing can be said: false.
bool IsNoise(Bytes bytes);

}  // namespace gatepost::decode
