// OneNote sections (MS-ONESTORE): the revision store is not read; the files embedded in it are
// carved by their header, because that is how malware travels in them.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/openers.h"
#include "src/decode/readable.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

void OpenOneNote(size_t leaf, Collector* out) {
  // FileDataStoreObject (2.6.13): GUID, length, 12 bytes, data.
  constexpr Bytes kGuid{"\xe7\x16\xe3\xbd\x65\x26\x11\x45\xa4\xc4\x8d\x4d\x0b\x7a\x9e\xac", 16};
  const Bytes bytes = out->leaf(leaf).bytes;
  const LittleEndian in(bytes);
  for (size_t at = bytes.find(kGuid); at != Bytes::npos; at = bytes.find(kGuid, at + 16)) {
    const Bytes data = in.Slice(at + 36, in.U64(at + 16));
    if (data.empty() || !out->TakeMember(out->leaf(leaf).path + "/embedded")) {
      continue;
    }
    out->AddMember(leaf, "embedded", data);
    out->leaf(leaf).is_container = true;
  }
  out->AddText(leaf, "attachment", "readable", ReadableStretches(bytes, out->limits().text_bytes));
  out->AddUnknownContainer(out->leaf(leaf).path);
}

}  // namespace gatepost::decode
