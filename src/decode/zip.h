// A strict reader of zip (APPNOTE 6.3.10) that stands in front of every other: it reads the central
// directory, every local header and what lies between, compares them, names each contradiction, and
// gives the union of what any reader could see.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/collector.h"

namespace gatepost::decode {

// Contradictions, bits of ZipDirectory::oddities; each has its defect in mail/defect_ids.inc.
enum ZipOddity : uint32_t {
  kZipHeadersDisagree = 1U << 0,
  kZipOverlap = 1U << 1,
  kZipDuplicateEntry = 1U << 2,
  kZipLeadingData = 1U << 3,
  kZipTrailingData = 1U << 4,
  kZipConcatenated = 1U << 5,
  kZipMethodLie = 1U << 6,
  kZipNoDirectory = 1U << 7,
  kZipCountLie = 1U << 8,
  kZipSizeLie = 1U << 9,
  kZipChecksum = 1U << 10,
  kZipHiddenEntry = 1U << 11,
  kZipUnsafeName = 1U << 12,
};

struct ZipHeader {
  std::string name;  // raw bytes
  uint16_t flags = 0;
  uint16_t method = 0;
  uint32_t crc = 0;
  uint64_t packed = 0;
  uint64_t size = 0;
};

struct ZipEntry {
  ZipHeader central;
  ZipHeader local;
  bool in_directory = false;
  bool has_local = false;
  std::string unicode_name;    // extra field 0x7075, "" none
  uint64_t header_offset = 0;  // of the local header, from the start of the bytes
  uint64_t data_offset = 0;
  bool is_folder() const;
  bool encrypted() const { return ((central.flags | local.flags) & 1) != 0; }
  const ZipHeader& best() const { return in_directory ? central : local; }
};

struct ZipDirectory {
  std::vector<ZipEntry> entries;  // in order of their offsets
  uint32_t oddities = 0;
  bool truncated = false;  // more entries than max_entries
};

// Total; time linear in bytes and entries (and sorting).
ZipDirectory ReadZipDirectory(Bytes zip, size_t max_entries);

// One way to read an entry's data.
struct ZipReading {
  std::string bytes;
  bool alternative = false;
};
struct ZipData {
  std::vector<ZipReading> readings;  // empty: nothing could be read
  uint32_t oddities = 0;
  bool damaged = false;
  bool too_big = false;
  bool unknown_method = false;
  uint64_t wasted = 0;  // bytes unpacked and dropped
};
// At most `limit` bytes each reading.
ZipData ReadZipEntry(Bytes zip, const ZipEntry& entry, uint64_t limit, uint32_t ratio);

// Opens a zip leaf: members become leaves; OOXML and ODF become documents.
void OpenZip(size_t leaf, Collector* out);

}  // namespace gatepost::decode
