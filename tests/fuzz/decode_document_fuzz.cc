// A bare document: the first byte chooses its name, the rest is the file. Every text that comes out
// is well-formed UTF-8, every leaf lies in the file or in the storage, the budget holds.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string_view>

#include "src/base/utf8.h"
#include "src/decode/leaf.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static constexpr const char* kNames[] = {"a.zip", "a.docx", "a.doc", "a.rtf",  "a.pdf", "a.xml",
                                           "a.eml", "a.gz",   "a.rar", "a.tnef", "a.p7m", "a"};
  if (size == 0) {
    return 0;
  }
  gatepost::Limits limits;
  limits.decoded_bytes = 8U << 20;
  limits.leaf_bytes = 4U << 20;
  limits.text_bytes = 2U << 20;
  limits.archive_members = 200;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto leaves =
      gatepost::decode::DecodeDocument(kNames[data[0] % std::size(kNames)], bytes, limits);
  uint64_t stored = 0;
  for (const auto& kept : leaves.storage) {
    stored += kept.size();
  }
  if (leaves.leaves.empty() || stored > limits.decoded_bytes) {
    std::abort();
  }
  uint64_t text = 0;
  for (const auto& piece : leaves.texts) {
    text += piece.utf8.size();
    if (piece.leaf >= leaves.leaves.size() || !gatepost::IsUtf8(piece.utf8)) {
      std::abort();
    }
  }
  // Repairing a cut or ill-formed text makes at most three bytes of one.
  if (text > limits.text_bytes * 3 + 3) {
    std::abort();
  }
  return 0;
}
