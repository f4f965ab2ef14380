// Any text through the reading of legacy encodings, with fonts and a hint that the first bytes
// choose. SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>

#include "src/base/utf8.h"
#include "src/text/charset.h"
#include "src/text/legacy.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using gatepost::decode::FontRun;
  if (size < 3) {
    return 0;
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 3, size - 3);
  constexpr const char* kHints[] = {"",     "tcvn3",  "vni", "viscii",
                                    "viqr", "bkhcm1", "vps", "tcvn3 vn1"};
  constexpr const char* kFonts[] = {".VnTime", ".VnTimeH", "VNI-Times", "Arial", "", "VPS Times"};
  const std::string utf8 = (data[0] & 8U) != 0 ? gatepost::ToValidUtf8(bytes)
                                               : gatepost::text::Decode(bytes, "windows-1252").utf8;
  std::vector<FontRun> runs;
  const uint32_t step = data[1] % 40U + 1U;
  for (uint32_t at = data[2] % 7U; at + step < utf8.size() && runs.size() < 1000; at += step + 1) {
    runs.push_back({at, at + step, kFonts[(at + data[2]) % 6U]});
  }
  const gatepost::text::LegacyText read =
      gatepost::text::ReadLegacy(utf8, {kHints[data[0] & 7U], &runs});
  if (read.names.empty() != (read.utf8.empty() && read.pieces.empty()) && !utf8.empty()) {
    std::abort();
  }
  if (!gatepost::IsUtf8(read.utf8) || !gatepost::IsUtf8(read.drawn)) {
    std::abort();
  }
  size_t lines = 0;
  size_t left = 0;
  for (const char c : utf8) {
    lines += c == '\n' ? 1U : 0U;
  }
  for (const char c : read.utf8) {
    left += c == '\n' ? 1U : 0U;
  }
  uint32_t last = 0;
  for (const gatepost::text::MapPiece& piece : read.pieces) {
    if (piece.view < last || piece.view > read.utf8.size() || piece.source > utf8.size()) {
      std::abort();
    }
    last = piece.view;
  }
  if (!read.names.empty() && lines != left) {
    std::abort();
  }
  size_t drawn = 0;
  for (const char c : read.drawn) {
    drawn += c == '\n' ? 1U : 0U;
  }
  if (!read.drawn.empty() && (drawn != lines || read.drawn == read.utf8)) {
    std::abort();
  }
  last = 0;
  for (const gatepost::text::MapPiece& piece : read.drawn_pieces) {
    if (piece.view < last || piece.view > read.drawn.size() || piece.source > utf8.size()) {
      std::abort();
    }
    last = piece.view;
  }
  return 0;
}
