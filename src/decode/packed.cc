// Streams that are packed or encrypted without an archive around them: zlib, Zstandard, age.
// OpenPGP that can be read is in openpgp.cc. SPDX-License-Identifier: GPL-2.0-or-later
#include <string>
#include <utility>

#include "src/decode/inflate.h"
#include "src/decode/openers.h"
#include "src/decode/readable.h"
#include "src/decode/reader.h"
#include "src/decode/sniff.h"

namespace gatepost::decode {

// OpenPGP without armour (RFC 4880 section 4.2: a session key or encrypted data comes first), age,
// and `openssl enc`.
bool IsEncryptedFile(const Leaf& leaf) {
  const Bytes b = leaf.bytes;
  if (b.substr(0, 8) == "Salted__" || b.substr(0, 22) == "age-encryption.org/v1\n") {
    return true;
  }
  const std::string extension = Extension(leaf.name);
  if (b.size() < 20 || (extension != "pgp" && extension != "gpg" && extension != "asc" &&
                        leaf.media_type != "application/pgp-encrypted")) {
    return false;
  }
  const unsigned tag = PgpTag(b);
  return (tag == 1 || tag == 3 || tag == 9 || tag == 18 || tag == 20);
}

// A zlib stream (RFC 1950) by itself, or behind the head of a Flash film; whole to its end.
void OpenZlib(size_t index, Collector* out) {
  const Leaf leaf = out->leaf(index);
  constexpr size_t kFlashHead = 8;
  const bool flash = leaf.bytes.substr(0, 3) == "CWS" && leaf.bytes.size() > kFlashHead;
  const Bytes stream = leaf.bytes.substr(flash ? kFlashHead : 0);
  if (stream.size() < 8 || !IsZlib(stream)) {
    return;
  }
  if (leaf.depth >= out->limits().archive_depth) {
    out->AddUnscannable(Reason::kTooDeep, leaf);
    return;
  }
  Inflated inside = Inflate(stream.substr(2), out->Room());
  if (!inside.complete || inside.too_big) {
    out->Spend(inside.bytes.size());
    if (inside.too_big) {
      out->AddUnscannable(Reason::kTooBig, leaf);
    }
    return;
  }
  if (out->TakeMember(leaf.path + "/content")) {
    out->AddMember(index, "content", out->Keep(std::move(inside.bytes)));
  }
}

// Zstandard and LZ4 behind frames that decoders skip (RFC 8878 section 3.1.2), which libarchive
// does not. What stands in those frames is read like a file of no known kind.
void OpenBehindFrames(size_t index, Collector* out) {
  constexpr uint32_t kSkippable = 0x184D2A50;  // and the 15 behind it
  constexpr uint32_t kZstandard = 0xFD2FB528;
  constexpr uint32_t kLz4 = 0x184D2204;
  constexpr size_t kHead = 8;
  constexpr int kMostFrames = 1'000;
  const Leaf leaf = out->leaf(index);
  const LittleEndian in(leaf.bytes);
  uint64_t at = 0;
  for (int i = 0; i < kMostFrames && (in.U32(at) & ~15U) == kSkippable; ++i) {
    at += kHead + in.U32(at + 4);
  }
  const uint32_t magic = in.U32(at);
  if (at == 0 || (magic != kZstandard && magic != kLz4)) {
    return;
  }
  out->AddText(index, "attachment", "readable",
               ReadableStretches(leaf.bytes.substr(0, at), out->limits().text_bytes));
  Leaf packed = leaf;
  packed.bytes = leaf.bytes.substr(at);
  packed.is_alternative = true;
  out->AddPending(std::move(packed));
}

}  // namespace gatepost::decode
