// OpenPGP that hides nothing (RFC 9580, RFC 4880): what was signed or packed only is read like any
// other file, in armour or not. What is encrypted is said to be where it is met.
// LIMITS: 64 packets a level, 4 levels of packing, 16 armoured messages in a text.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "src/base/bytes.h"
#include "src/decode/inflate.h"
#include "src/decode/openers.h"
#include "src/decode/transfer.h"

namespace gatepost::decode {

namespace {

// RFC 9580 section 5.
enum Tag : unsigned {
  kSignature = 2,
  kOnePass = 4,
  kCompressed = 8,
  kMarker = 10,
  kLiteral = 11,
  kTrust = 12,
  kPadding = 21
};

// A packet without its header; the body is `whole`, or `pieces` where it came in parts.
struct Packet {
  unsigned tag = 0;
  Bytes whole;
  std::string pieces;
  Bytes body() const { return pieces.empty() ? whole : Bytes(pieces); }
};

// Takes the first packet (section 4.2) off `rest`. False: there is none, or it is cut.
bool TakePacket(Bytes* rest, Packet* out) {
  Bytes& b = *rest;
  const auto byte = [&b](size_t at) { return static_cast<uint32_t>(static_cast<uint8_t>(b[at])); };
  const auto take = [&b](uint64_t size, Bytes* body) {
    const bool fits = size <= b.size();
    *body = b.substr(0, size);
    b.remove_prefix(body->size());
    return fits;
  };
  out->tag = PgpTag(b);
  if (b.size() < 2 || out->tag == 0) {
    return false;
  }
  const uint32_t first = byte(0);
  if ((first & 0x40U) == 0) {
    constexpr uint32_t kToTheEnd = 3;
    const uint32_t kind = first & 3U;
    b.remove_prefix(1);
    if (kind == kToTheEnd) {
      return take(b.size(), &out->whole);
    }
    const size_t width = size_t{1} << kind;
    uint64_t size = 0;
    for (size_t i = 0; i < width && i < b.size(); ++i) {
      size = size << 8 | byte(i);
    }
    b.remove_prefix(std::min(width, b.size()));
    return take(size, &out->whole);
  }
  b.remove_prefix(1);
  for (bool partial = true; partial;) {
    if (b.empty()) {
      return false;
    }
    const uint32_t lead = byte(0);
    uint64_t size = lead;
    size_t width = 1;
    partial = lead >= 224 && lead < 255;
    if (partial) {
      size = uint64_t{1} << (lead & 31U);
    } else if (lead == 255 && b.size() >= 5) {
      size = byte(1) << 24 | byte(2) << 16 | byte(3) << 8 | byte(4);
      width = 5;
    } else if (lead >= 192 && lead < 224 && b.size() >= 2) {
      size = ((lead - 192) << 8) + byte(1) + 192;
      width = 2;
    }
    b.remove_prefix(width);
    Bytes body;
    const bool whole = take(size, &body);
    if (partial || !out->pieces.empty()) {
      out->pieces += body;
    } else {
      out->whole = body;
    }
    if (!whole) {
      return false;
    }
  }
  return true;
}

class Opener {
 public:
  Opener(size_t leaf, Collector* out) : leaf_(leaf), out_(out) {}

  // Whether all of it is one file with what signs it.
  // NOLINTNEXTLINE(misc-no-recursion): `levels` bounds it.
  bool Read(Bytes packets, int levels) {
    constexpr int kMostPackets = 64;
    for (int i = 0; i < kMostPackets && !packets.empty(); ++i) {
      Packet packet;
      const bool whole = TakePacket(&packets, &packet);
      bool good = whole;
      if (packet.tag == kCompressed) {
        good = !found_ && levels > 0 && Unpack(packet.body(), levels - 1) && whole;
      } else if (packet.tag == kLiteral) {
        good = !found_ && Literal(packet.body()) && whole;
      } else if (packet.tag != kSignature && packet.tag != kOnePass && packet.tag != kMarker &&
                 packet.tag != kTrust && packet.tag != kPadding) {
        good = false;
      }
      if (!good) {
        return false;
      }
    }
    return found_ && packets.empty();
  }
  bool found() const { return found_; }

 private:
  // NOLINTNEXTLINE(misc-no-recursion): `levels` bounds it.
  bool Unpack(Bytes body, int levels) {
    constexpr char kNone = 0;
    constexpr char kDeflate = 1;
    constexpr char kZlib = 2;
    constexpr char kBzip2 = 3;
    constexpr size_t kZlibHead = 2;
    if (body.empty()) {
      return false;
    }
    const char how = body[0];
    body.remove_prefix(1);
    if (how == kNone) {
      return Read(body, levels);
    }
    if (how == kBzip2 && body.size() <= out_->Room()) {
      found_ = true;  // an archive to us; the packets in it come here again
      if (out_->TakeMember(out_->leaf(leaf_).path + "/content")) {
        out_->AddMember(leaf_, "content.bz2", out_->Keep(std::string(body)));
      }
      return true;
    }
    if ((how != kDeflate && how != kZlib) || (how == kZlib && body.size() < kZlibHead)) {
      return false;
    }
    Inflated inside = Inflate(body.substr(how == kZlib ? kZlibHead : 0), out_->Room());
    if (inside.too_big) {
      out_->AddUnscannable(Reason::kTooBig, out_->leaf(leaf_));
    }
    out_->Spend(inside.bytes.size());
    return Read(inside.bytes, levels);
  }

  // Section 5.9: how the data are written, the file's name, its date, and the data.
  bool Literal(Bytes body) {
    constexpr Bytes kFormats = "btulm1";
    constexpr size_t kDate = 4;
    const size_t name = body.size() < 2 ? 0 : static_cast<uint8_t>(body[1]);
    if (body.size() < 2 + name + kDate || kFormats.find(body[0]) == Bytes::npos) {
      return false;
    }
    found_ = true;
    const Leaf leaf = out_->leaf(leaf_);
    if (leaf.depth >= out_->limits().archive_depth) {
      out_->AddUnscannable(Reason::kTooDeep, leaf);
    } else if (body.size() > out_->Room()) {
      out_->AddUnscannable(Reason::kTooBig, leaf);
    } else if (out_->TakeMember(leaf.path + "/content")) {
      const Bytes told = body.substr(2, name);
      out_->AddMember(leaf_, told.empty() || told == "_CONSOLE" ? "content" : std::string(told),
                      out_->Keep(std::string(body.substr(2 + name + kDate))));
    }
    return true;
  }

  size_t leaf_;
  Collector* out_;
  bool found_ = false;
};

constexpr int kMostLevels = 4;

// The bytes of the armoured text (section 6.2) that `block` begins with: header lines, an empty
// line, base64, a checksum. "" where they are none.
std::string BytesOfArmour(Bytes block) {
  Bytes data;
  bool in_data = false;
  std::string base64;
  while (!block.empty()) {
    const size_t end = std::min(block.find('\n'), block.size());
    const Bytes line = AsciiTrim(block.substr(0, end));
    block.remove_prefix(std::min(end + 1, block.size()));
    if (!in_data) {
      in_data = line.empty();
      if (!in_data && line.find(": ") == Bytes::npos) {
        in_data = true;  // no header line: some leave the empty line out
        base64 += line;
      }
    } else if (line.empty() || line[0] == '=' || line[0] == '-') {
      break;
    } else {
      base64 += line;
    }
  }
  return DecodeBase64Only(base64);
}

}  // namespace

unsigned PgpTag(Bytes b) {
  const auto first = static_cast<unsigned char>(b.empty() ? '\0' : b[0]);
  if ((first & 0x80U) == 0) {
    return 0;
  }
  return (first & 0x40U) != 0 ? first & 0x3fU : (first & 0x3cU) >> 2U;
}

void OpenPgpPacket(size_t index, Collector* out) {
  const Leaf leaf = out->leaf(index);
  Opener opener(index, out);
  if (leaf.bytes.size() >= 8 && !opener.Read(leaf.bytes, kMostLevels) && opener.found()) {
    OpenUnknown(index, out);  // what stands beside the file is looked at like that of others
  }
}

bool OpenPgpArmour(size_t index, Collector* out) {
  constexpr Bytes kBegin = "-----BEGIN PGP MESSAGE-----";
  constexpr int kMostMessages = 16;
  const Leaf leaf = out->leaf(index);
  bool all = true;
  int messages = 0;
  for (size_t at = leaf.bytes.find(kBegin); at != Bytes::npos && all;
       at = leaf.bytes.find(kBegin, at + kBegin.size())) {
    const size_t line = std::min(leaf.bytes.find('\n', at), leaf.bytes.size() - 1) + 1;
    const size_t end = std::min(leaf.bytes.find("-----END", line), leaf.bytes.size());
    const std::string packets = BytesOfArmour(leaf.bytes.substr(line, end - line));
    all = ++messages <= kMostMessages && Opener(index, out).Read(packets, kMostLevels);
  }
  return all && messages > 0;
}

}  // namespace gatepost::decode
