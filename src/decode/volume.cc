// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/volume.h"

#include <algorithm>
#include <string_view>

#include "src/decode/reader.h"
#include "src/decode/sniff.h"

namespace gatepost::decode {

bool IsRarVolume(Bytes b) {
  const LittleEndian in(b);
  if (b.substr(0, 8) == Bytes("Rar!\x1a\x07\x01\x00", 8)) {
    // CRC, then variable-length numbers: header size, type (1: main), flags, [extra size,] archive
    // flags (1: volume).
    size_t at = 12;
    uint64_t numbers[5] = {};
    for (uint64_t& number : numbers) {
      for (int shift = 0; shift < 63 && at < b.size(); shift += 7) {
        const uint32_t byte = in.U8(at++);
        number |= static_cast<uint64_t>(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
          break;
        }
      }
    }
    return numbers[1] == 1 && (((numbers[2] & 1) != 0 ? numbers[4] : numbers[3]) & 1) != 0;
  }
  return b.substr(0, 7) == Bytes("Rar!\x1a\x07\x00", 7) && in.U8(9) == 0x73 &&
         (in.U16(10) & 1) != 0;
}

bool IsCabVolume(Bytes b) { return b.substr(0, 4) == "MSCF" && (LittleEndian(b).U16(30) & 3) != 0; }

bool IsVolumeName(const std::string& name) {
  const std::string low = AsciiLower(name);
  const std::string extension = Extension(low);
  const auto digits = [](std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  // Pieces of "a.zip" by number, and as people have `split` name them: a.zip.00, a.zip.partaa.
  const std::string_view ending = extension;
  const std::string_view letters =
      ending.substr(0, 4) == "part" ? ending.substr(4) : std::string_view();
  const bool second = low.find('.') != low.rfind('.');
  if ((ending.size() == 2 && digits(ending) && second) ||
      (letters.size() == 2 && letters[0] >= 'a' && letters[0] <= 'z' && letters[1] >= 'a' &&
       letters[1] <= 'z')) {
    return true;
  }
  if (extension.size() == 3 &&
      (digits(extension) || ((extension[0] == 'r' || extension[0] == 'z' || extension[0] == 'c' ||
                              extension[0] == 'a') &&
                             digits(std::string_view(extension).substr(1))))) {
    return true;
  }
  const size_t part = low.rfind(".part");
  return extension == "rar" && part != std::string::npos &&
         digits(std::string_view(low).substr(part + 5, low.size() - part - 9));
}

}  // namespace gatepost::decode
