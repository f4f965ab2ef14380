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
  kZipCaseDuplicate = 1U << 13,  // names that only a file system without case takes for one
};
// Oddities after which no reader's view of the structure is taken for the only one.
constexpr uint32_t kZipStructureOddities = kZipHeadersDisagree | kZipOverlap | kZipConcatenated |
                                           kZipCountLie | kZipHiddenEntry | kZipNoDirectory;

struct ZipHeader {
  std::string name;  // raw bytes
  uint16_t flags = 0;
  uint16_t method = 0;
  uint32_t crc = 0;
  uint64_t packed = 0;
  uint64_t size = 0;
  uint32_t time = 0;  // DOS date and time; a check byte of old encryption
  std::string aes;    // data of extra field 0x9901 (WinZip AES), "" none
};

struct ZipEntry {
  ZipHeader central;
  ZipHeader local;
  bool in_directory = false;
  bool has_local = false;
  Bytes comment;                           // of the directory; lies in the zip
  bool by_signature = false;               // nothing but its signature says that it is one
  std::vector<std::string> unicode_names;  // extra fields 0x7075
  std::vector<uint64_t> other_packed;      // packed sizes that a zip64 field says besides
  uint64_t extent = 0;         // bytes from data_offset to the next header, directory or the end
  uint64_t header_offset = 0;  // of the local header, from the start of the bytes
  uint64_t data_offset = 0;
  bool is_folder() const;
  bool encrypted() const { return ((central.flags | local.flags) & 0x2041) != 0; }
  const ZipHeader& best() const { return in_directory ? central : local; }
};

struct ZipDirectory {
  std::vector<ZipEntry> entries;  // in order of their offsets
  uint32_t oddities = 0;
  bool truncated = false;  // more entries than max_entries
  bool is_volume = false;  // one of several volumes
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
  bool verified = false;  // a reading has the checksum that the entry promises
  uint64_t wasted = 0;    // bytes unpacked and dropped
};
// Without a password. At most `limit` bytes each reading.
ZipData ReadZipEntry(Bytes zip, const ZipEntry& entry, uint64_t limit, uint32_t ratio);
// With one; `verified` is false where it is the wrong one.
ZipData ReadZipEntry(Bytes zip, const ZipEntry& entry, uint64_t limit, uint32_t ratio,
                     const std::string& password);

// A single packed entry, for methods and ciphers that libarchive knows (archive.cc).
struct ZipPacked {
  Bytes data;
  uint16_t method = 0;
  uint16_t flags = 0;
  uint32_t crc = 0;
  uint32_t time = 0;
  uint64_t size = 0;
  std::string aes;
};
struct ZipUnpacked {
  std::string bytes;
  bool complete = false;
  bool too_big = false;
  bool unknown_method = false;
};
// A zip of this entry alone, so that nothing else in the file can mislead libarchive; its LZMA
// dictionary no larger than what may come out. REQUIRES: packed.data below 4 GiB.
std::string ZipOfOne(const ZipPacked& packed, uint64_t limit);
// `password` "" for none.
ZipUnpacked UnpackZipPacked(const ZipPacked& packed, uint64_t limit, const std::string& password);

// Opens a zip leaf: members become leaves; OOXML and ODF become documents.
void OpenZip(size_t leaf, Collector* out);

}  // namespace gatepost::decode
