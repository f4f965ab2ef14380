// Any bytes as a message, in every zone that SpamAssassin's rules look at: pieces in order within
// the text, one piece's end before the next one's beginning; nothing longer than its limit.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>

#include "src/base/limits.h"
#include "src/text/assassin.h"
#include "tests/fuzz/require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kMostLine = 2'048;
  const std::string raw(reinterpret_cast<const char*>(data), size);
  const gatepost::Limits limits;
  const gatepost::mail::Message message = gatepost::mail::Message::Parse(raw, limits);
  const gatepost::mail::Envelope envelope;
  gatepost::text::AssassinReader reader(envelope, message);
  for (const char* zone :
       {"sa:body", "sa:body-only", "sa:rawbody", "sa:full", "sa:uri", "sa:fields", "sa:header:all",
        "sa:header:all:raw", "sa:checks", "sa:header:all-external", "sa:header:subject",
        "sa:header:from:addr", "sa:header:from:name", "sa:header:tocc", "sa:header:messageid",
        "sa:header:x-spam-relays-external", "sa:header:x-spam-relays-trusted",
        "sa:mime:content-type", "sa:mime:content-type:raw"}) {
    const gatepost::text::Pieces pieces = reader.Read(zone);
    uint32_t begin = 0;
    for (const uint32_t end : pieces.ends) {
      Require(end >= begin && end < pieces.bytes.size() && pieces.bytes[end] == '\n');
      Require(std::string_view(zone).substr(0, 7) != "sa:body" || end - begin <= kMostLine);
      begin = end + 1;
    }
    Require(begin == pieces.bytes.size());
  }
  return 0;
}
