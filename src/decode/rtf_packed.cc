// "LZFu": back references into a window that starts with common RTF words.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/rtf_packed.h"

#include <algorithm>
#include <array>

#include "src/decode/reader.h"

namespace gatepost::decode {

std::string UnpackRtf(Bytes packed, uint64_t limit) {
  static constexpr char kPrefix[] =
      "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
      "\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
      "\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
  const LittleEndian in(packed);
  if (packed.size() < 16) {
    return {};
  }
  const uint64_t size = in.U32(4);
  if (in.U32(8) == 0x414c454d) {  // "MELA": stored
    return std::string(packed.substr(16, size));
  }
  if (in.U32(8) != 0x75465a4c) {
    return {};
  }
  std::array<char, 4096> window{};
  size_t write = sizeof kPrefix - 1;
  for (size_t i = 0; i < write; ++i) {
    window[i] = kPrefix[i];
  }
  std::string out;
  const auto put = [&](char c) {
    out.push_back(c);
    window[write] = c;
    write = (write + 1) & 4095;
  };
  size_t at = 16;
  const uint64_t most = std::min<uint64_t>(size, limit);
  while (at < packed.size() && out.size() < most) {
    const uint32_t control = in.U8(at++);
    for (int bit = 0; bit < 8 && at < packed.size() && out.size() < most; ++bit) {
      if ((control >> bit & 1) == 0) {
        put(packed[at++]);
        continue;
      }
      const uint32_t reference = in.U8(at) << 8 | in.U8(at + 1);
      at += 2;
      size_t from = reference >> 4;
      if (from == write) {
        return out;
      }
      for (uint32_t n = (reference & 15) + 2; n > 0 && out.size() < most; --n) {
        put(window[from]);
        from = (from + 1) & 4095;
      }
    }
  }
  return out;
}

}  // namespace gatepost::decode
