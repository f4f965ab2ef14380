// Headers of RAR 5 (technote.txt of the RAR programs) as far as a lock reaches.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "src/base/bytes.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

constexpr size_t kRar5Block = 16;  // of AES
constexpr uint64_t kRar5SplitBefore = 8;
constexpr uint64_t kRar5SplitAfter = 16;
constexpr uint64_t kRar5FileHasCrc = 4;
constexpr uint64_t kRar5FileOfUnknownSize = 8;

// Numbers of 7 bits a byte, the lowest first.
class Rar5Reader : public Cursor {
 public:
  using Cursor::Cursor;
  // 0 where there is none.
  uint64_t Number();
};

struct Rar5Lock {
  bool found = false;
  uint64_t version = 0;
  uint64_t flags = 0;  // 1: a check value; 2: checksums are keyed
  uint32_t power = 0;
  Bytes salt;
  Bytes vector;
  Bytes check;
};

// `with_vector`: of a file, not of all headers. Not found: damaged, or of a kind that is not known.
Rar5Lock ReadRar5Lock(Bytes record, bool with_vector);

// One block: its header without encryption, and the data behind it as they lie there.
struct Rar5Header {
  enum Kind : uint64_t { kMain = 1, kFile = 2, kLockedHeaders = 4, kEnd = 5 };
  std::string body;  // behind the header's size
  uint64_t kind = 0;
  uint64_t flags = 0;
  Bytes data;
  size_t fields = 0;  // where the fields of its kind begin in the body
  size_t extra = 0;   // where the extra records do
};

// What a file's header says.
struct Rar5File {
  static constexpr uint64_t kMethod = 7 << 7;
  uint64_t flags = 0;
  uint64_t size = 0;
  uint64_t attributes = 0;
  Bytes time;
  Bytes crc;
  uint64_t packing = 0;
  Bytes rest;  // behind the packing, up to the extra records
  bool is_stored() const { return (packing & kMethod) == 0; }
  bool is_solid() const { return (packing & 0x40) != 0; }
};

// False: it is damaged.
bool ReadRar5File(const Rar5Header& header, Rar5File* out);

// The records behind the fields; `others` without lock and hash.
struct Rar5Extra {
  Rar5Lock lock;
  bool locked = false;
  std::string hash;
  std::string others;
};

Rar5Extra ReadRar5Extra(const Rar5Header& header);

std::string Rar5Number(uint64_t value);
// With its checksum and size.
std::string WrittenRar5Block(const std::string& body);
// A file's header and data; `extra` are its records.
std::string WrittenRar5File(const Rar5Header& header, const Rar5File& file,
                            const std::string& extra, const std::string& data);

}  // namespace gatepost::decode
