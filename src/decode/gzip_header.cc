// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>

#include "src/decode/openers.h"
#include "src/decode/readable.h"
#include "src/decode/reader.h"
#include "src/decode/sniff.h"

namespace gatepost::decode {

// Name, comment and extra field of a gzip file (RFC 1952 section 2.3).
void ReadGzipHeader(size_t leaf, Collector* out) {
  const Bytes b = out->leaf(leaf).bytes;
  if (b.substr(0, 3) != "\x1f\x8b\x08" || b.size() < 12 || (b[3] & 0x1c) == 0) {
    return;
  }
  constexpr size_t kFixed = 10;
  constexpr size_t kMostWords = 4096;
  size_t at = kFixed;
  std::string words;
  if ((b[3] & 4) != 0) {
    const size_t length = LittleEndian(b).U16(at);
    words += ReadableStretches(b.substr(std::min(at + 2, b.size()), length), kMostWords);
    at += 2 + length;
  }
  for (const int flag : {8, 16}) {
    if ((b[3] & flag) != 0 && at < b.size()) {
      const size_t end = std::min(b.find('\0', at), b.size());
      words += Collector::CleanName(b.substr(at, std::min(end - at, kMostWords))) + "\n";
      at = end + 1;
    }
  }
  out->AddText(leaf, "docprops", "header", std::move(words));
}

std::string InnerName(const std::string& packed) {
  const std::string extension = Extension(packed);
  const bool compressor = extension == "gz" || extension == "bz2" || extension == "xz" ||
                          extension == "zst" || extension == "lz4" || extension == "z" ||
                          extension == "lzma" || extension == "lz";
  const size_t slash = packed.find_last_of("/\\");
  std::string name = slash == std::string::npos ? packed : packed.substr(slash + 1);
  if (compressor) {
    name.resize(name.rfind('.'));
  }
  return name.empty() ? "data" : name;
}

}  // namespace gatepost::decode
