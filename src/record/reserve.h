// A file of preallocated blocks that is given back piece by piece when the disk is full, so that
// the logs can go on and held mail can be deleted. Private to the room.
// LIMITS: on a file system that does not preallocate (or compresses), the blocks are written.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "src/base/files.h"

namespace gatepost::record {

// Not thread-safe.
class Reserve {
 public:
  Reserve() = default;
  // `mode`: of the file; 0660 where several accounts of the group live on it.
  Reserve(std::string path, uint64_t bytes, unsigned mode = 0640);
  // Makes it whole again; false while there is no room for it (and as much again).
  bool Fill();
  // Frees at least `bytes` and a little; false when nothing is left.
  bool Give(uint64_t bytes);

 private:
  std::string path_;
  uint64_t wanted_ = 0;
  unsigned mode_ = 0640;
};

}  // namespace gatepost::record
