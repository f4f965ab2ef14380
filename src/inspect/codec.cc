// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/codec.h"

namespace gatepost::inspect {

std::string CappedUtf8(Bytes text, size_t most) {
  // Repair may lengthen, so the cap holds for the repaired text; no need to repair what is cut off.
  std::string out = ToValidUtf8(text.substr(0, std::min(text.size(), most + 4)));
  if (out.size() > most) {
    size_t end = most;
    while (end > 0 && (static_cast<uint8_t>(out[end]) & 0xC0U) == 0x80U) {
      --end;
    }
    out.resize(end);
  }
  return out;
}

void Writer::Text(Bytes text, size_t most) {
  if (text.size() <= most && IsUtf8(text)) {
    Raw(text);
    return;
  }
  Raw(CappedUtf8(text, most));
}

}  // namespace gatepost::inspect
