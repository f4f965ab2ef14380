// Any bytes under any label: well-formed UTF-8 with a way back inside the bytes.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <cstdint>

#include "src/base/utf8.h"
#include "src/text/charset.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static constexpr std::array<const char*, 16> kLabels = {
      "",          "utf-8",  "us-ascii", "iso-8859-1",  "windows-1258", "utf-7",
      "utf-16",    "gb2312", "big5",     "iso-2022-jp", "iso-2022-kr",  "hz-gb-2312",
      "shift_jis", "koi8-r", "x-none",   "utf-32"};
  if (size == 0) {
    return 0;
  }
  const gatepost::Bytes bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const gatepost::text::Decoded decoded =
      gatepost::text::Decode(bytes, kLabels[data[0] % kLabels.size()]);
  Require(gatepost::IsUtf8(decoded.utf8));
  uint32_t view = 0;
  uint32_t source = 0;
  for (const gatepost::text::MapPiece& piece : decoded.pieces) {
    Require(piece.view >= view && piece.view <= decoded.utf8.size());
    Require(piece.source >= source && piece.source <= bytes.size());
    view = piece.view;
    source = piece.source;
  }
  return 0;
}
