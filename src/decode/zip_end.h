// End records of a zip (APPNOTE 4.3.14 to 4.3.16): which there are, and where each says that the
// directory is.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::decode {

// Where a directory may be, as one end record says it.
struct ZipPlace {
  uint64_t begin = 0;
  uint64_t end = 0;       // where the end record (or the zip64 one) begins
  uint64_t declared = 0;  // the offset as written: what stands before the zip shifts it
  uint64_t count = 0;
  uint64_t count_mask = UINT64_MAX;
};

struct ZipEnd {
  uint64_t at = 0;
  uint64_t tail = 0;             // behind record and comment
  std::vector<ZipPlace> places;  // the likeliest first
  bool contradicts = false;      // between 32 and 64 bits, or between its own fields
  bool is_volume = false;
};

// The offset of the record that ends the file first, then the others from the last to the first.
// *all false: there are more than were taken.
std::vector<uint64_t> FindZipEnds(Bytes zip, bool* all);
// REQUIRES: an end record at `at`, as FindZipEnds gives it.
ZipEnd ReadZipEnd(Bytes zip, uint64_t at);
// Whether `signature` stands at `at`; false beyond the end.
bool ZipHas(Bytes zip, uint64_t at, Bytes signature);

}  // namespace gatepost::decode
