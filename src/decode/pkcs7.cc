// S/MIME and CMS (RFC 5652): enveloped data is encrypted, opaque-signed and compressed data (RFC
// 3274) hold a message or a file. LIMITS: 32 levels of BER, 100,000 elements.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/inflate.h"
#include "src/decode/openers.h"
#include "src/decode/sniff.h"
#include "src/decode/transfer.h"

namespace gatepost::decode {

namespace {

constexpr Bytes kPkcs7Oid{"\x2a\x86\x48\x86\xf7\x0d\x01\x07", 8};

// Content types of S/MIME: 1.2.840.113549.1.9.16.1, then one arc.
constexpr Bytes kSmimeOid{"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01", 10};
constexpr int kCompressed = 0x100 + 9;
constexpr int kAuthEnveloped = 0x100 + 23;

// The last arc of a content type, those of S/MIME with 0x100 added; 0 for other OIDs.
int KindOf(Bytes oid) {
  if (oid.size() == 9 && oid.substr(0, 8) == kPkcs7Oid) {
    return static_cast<unsigned char>(oid[8]);
  }
  if (oid.size() == 11 && oid.substr(0, 10) == kSmimeOid) {
    return 0x100 + static_cast<unsigned char>(oid[10]);
  }
  return 0;
}

struct Content {
  int kind = 0;      // of the outer OID: 2 signed, 3 enveloped, 6 encrypted
  std::string data;  // eContent, its octet strings joined
  bool found = false;
};

// One pass over BER with an explicit stack of ends. After the inner OID pkcs7-data, the octet
// strings (primitive or in pieces) up to the end of that structure are the content.
Content ReadBer(Bytes ber, uint64_t limit) {
  Content out;
  constexpr size_t kLevels = 32;
  constexpr int kElements = 100'000;
  struct Level {
    size_t end;
    bool indefinite;
  };
  std::vector<Level> levels;
  size_t at = 0;
  bool collecting = false;
  size_t collect_depth = 0;
  for (int n = 0; n < kElements && at + 2 <= ber.size(); ++n) {
    while (!levels.empty() && !levels.back().indefinite && at >= levels.back().end) {
      levels.pop_back();
    }
    if (collecting && levels.size() < collect_depth) {
      return out;
    }
    const auto tag = static_cast<unsigned char>(ber[at]);
    const auto first = static_cast<unsigned char>(ber[at + 1]);
    at += 2;
    if (tag == 0 && first == 0) {
      if (!levels.empty()) {
        levels.pop_back();
      }
      continue;
    }
    uint64_t length = first;
    const bool indefinite = first == 0x80;
    if (first > 0x80) {
      length = 0;
      for (int i = 0; i < (first & 0x7f) && at < ber.size(); ++i, ++at) {
        length = length << 8 | static_cast<unsigned char>(ber[at]);
        if (length > ber.size()) {
          length = ber.size();
        }
      }
    }
    const size_t end = indefinite ? ber.size() : at + std::min<uint64_t>(length, ber.size() - at);
    if ((tag & 0x20) != 0) {
      if (levels.size() >= kLevels) {
        return out;
      }
      levels.push_back(Level{end, indefinite});
      continue;
    }
    const Bytes value = ber.substr(at, end - at);
    at = end;
    const int kind = tag == 0x06 ? KindOf(value) : 0;
    // ContentInfo, [0], SignedData, EncapsulatedContentInfo: whatever its content is called.
    constexpr size_t kEncapsulated = 4;
    const bool names_content = tag == 0x06 && out.kind == 2 && levels.size() == kEncapsulated;
    if (kind != 0 || names_content) {
      constexpr size_t kContentDepth = 5;  // deeper ones are those of time stamps in signatures
      if (out.kind == 0) {
        out.kind = kind;
        if (kind == 1) {  // data and nothing around it
          collecting = true;
          collect_depth = levels.size();
        }
      } else if (names_content && !out.found && !collecting) {
        collecting = true;
        collect_depth = levels.size();
      } else if (!out.found && !collecting &&
                 (kind == 1 || (kind > 0x100 && levels.size() <= kContentDepth))) {
        collecting = true;
        collect_depth = levels.size();
      }
    } else if (tag == 0x04 && collecting) {
      out.found = true;
      if (out.data.size() + value.size() > limit) {
        return out;
      }
      out.data.append(value);
    }
  }
  return out;
}

}  // namespace

void OpenPkcs7(size_t leaf, Collector* out) {
  const Leaf container = out->leaf(leaf);
  Bytes der = container.bytes;
  std::string armoured;
  if (der.substr(0, 5) == "-----") {
    const size_t begin = der.find('\n');
    const size_t end = der.find("-----END");
    if (begin == Bytes::npos || end == Bytes::npos || end < begin) {
      out->AddUnscannable(Reason::kDamaged, container);
      return;
    }
    armoured = DecodeBase64Skipping(der.substr(begin, end - begin));
    der = armoured;
  }
  Content content = ReadBer(der, out->Room());
  if (content.kind == 3 || content.kind == 4 || content.kind == 6 ||
      content.kind == kAuthEnveloped) {
    out->AddUnscannable(Reason::kEncrypted, container);
    out->SetFact("message.encrypted");
    return;
  }
  if (content.kind == 2) {
    out->SetFact("message.signed");
  }
  if (!content.found) {
    return;
  }
  if (content.kind == kCompressed) {
    Inflated plain =
        Inflate(Bytes(content.data).substr(std::min<size_t>(2, content.data.size())), out->Room());
    if (!plain.complete) {
      out->AddUnscannable(plain.too_big ? Reason::kTooBig : Reason::kDamaged, container);
    }
    content.data = std::move(plain.bytes);
  }
  // "plan.pdf.p7m" holds plan.pdf; smime.p7m holds a message.
  std::string name = "signed";
  const size_t dot = container.name.rfind('.');
  if (dot != std::string::npos && dot > 0 && !Extension(container.name.substr(0, dot)).empty()) {
    name = container.name.substr(0, dot);
  }
  Leaf& inner = out->AddMember(leaf, name, out->Keep(std::move(content.data)));
  inner.media_type = name == "signed" ? "message/rfc822" : "";
  out->leaf(leaf).is_container = true;
}

}  // namespace gatepost::decode
