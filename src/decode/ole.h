// Compound files (MS-CFB) through libgsf: every stream with its path.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::decode {

struct OleStream {
  std::string path;  // "ObjectPool/_1/\x01Ole10Native", UTF-8 as libgsf gives it
  std::string bytes;
  std::string name() const;  // the last component
};

struct OleFile {
  std::vector<OleStream> streams;
  bool opened = false;
  bool too_big = false;
  bool damaged = false;  // something in the directory cannot be opened
};
// At most `limit` bytes of streams together, 5,000 of them.
OleFile ReadOle(Bytes bytes, uint64_t limit);
// A compound file of these streams.
std::string WriteOle(const std::vector<OleStream>& streams);

}  // namespace gatepost::decode
