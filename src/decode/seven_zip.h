// The header of a 7z archive as far as a lock reaches (7zFormat.txt of the LZMA SDK): what is
// packed where, and by which coders. Names and sizes of members stay the bytes that they are.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::decode {

struct SevenZipCoder {
  std::string id;
  std::string properties;
  uint32_t ins = 1;
  uint32_t outs = 1;
  bool encrypts() const { return id == "\x06\xf1\x07\x01"; }
};

struct SevenZipFolder {
  std::vector<SevenZipCoder> coders;
  std::vector<std::pair<uint32_t, uint32_t>> bonds;  // an input and the output that feeds it
  std::vector<uint32_t> packed;                      // the inputs that packed streams feed
  std::vector<uint64_t> sizes;                       // of the outputs
  bool has_crc = false;
  uint32_t crc = 0;
  std::vector<Bytes> packs;
  // Of its members, where the header tells of them.
  uint64_t first_size = 0;
  uint32_t first_crc = 0;
  bool all_have_crc = false;
  bool encrypted() const;
};

struct SevenZipStreams {
  std::vector<SevenZipFolder> folders;
  Bytes tail;  // of the header: all that follows the folders
};

// The next header: where the signature header says it lies. Empty: none, or its checksum is wrong.
Bytes SevenZipHeader(Bytes archive);
// The streams of a header of either kind: `packed_header` where it unpacks to the real one. At most
// `most` folders. False: nothing that can be read so.
bool ReadSevenZipStreams(Bytes archive, Bytes header, size_t most, bool* packed_header,
                         SevenZipStreams* out);
// An archive of these.
std::string WriteSevenZip(const SevenZipStreams& streams);
// An archive of one folder as if it were one member.
std::string WriteSevenZip(const SevenZipFolder& folder);

}  // namespace gatepost::decode
