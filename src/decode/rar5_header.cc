// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/rar5_header.h"

#include "src/decode/cipher.h"
#include "src/decode/inflate.h"

namespace gatepost::decode {

namespace {

constexpr size_t kRar5Salt = 16;
constexpr size_t kRar5Check = 12;
constexpr uint64_t kLockRecord = 1;
constexpr uint64_t kHashRecord = 2;

}  // namespace

uint64_t Rar5Reader::Number() {
  uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    const uint8_t byte = Byte();
    if (!ok()) {
      return 0;
    }
    value |= shift < 64 ? static_cast<uint64_t>(byte & 0x7f) << shift : 0;
    if ((byte & 0x80) == 0) {
      return value;
    }
  }
  Fail();
  return 0;
}

Rar5Lock ReadRar5Lock(Bytes record, bool with_vector) {
  Rar5Reader in(record);
  Rar5Lock lock;
  lock.version = in.Number();
  lock.flags = in.Number();
  lock.power = LittleEndian(in.Take(1)).U8(0);
  lock.salt = in.Take(kRar5Salt);
  lock.vector = with_vector ? in.Take(kRar5Block) : Bytes();
  lock.check = (lock.flags & 1) != 0 ? in.Take(kRar5Check) : Bytes();
  lock.found = in.ok() && lock.version == 0;
  // A check value that is damaged itself is none, as RAR has it.
  if (!lock.check.empty() &&
      DigestOf(Digest::kSha256, lock.check.substr(0, 8)).substr(0, 4) != lock.check.substr(8)) {
    lock.check = {};
  }
  return lock;
}

bool ReadRar5File(const Rar5Header& header, Rar5File* out) {
  Rar5Reader in(Bytes(header.body).substr(header.fields, header.extra - header.fields));
  out->flags = in.Number();
  out->size = in.Number();
  out->attributes = in.Number();
  out->time = (out->flags & 2) != 0 ? in.Take(4) : Bytes();
  out->crc = (out->flags & kRar5FileHasCrc) != 0 ? in.Take(4) : Bytes();
  out->packing = in.Number();
  out->rest = in.rest();
  return in.ok();
}

Rar5Extra ReadRar5Extra(const Rar5Header& header) {
  Rar5Extra out;
  Rar5Reader in(Bytes(header.body).substr(header.extra));
  while (in.ok() && !in.rest().empty()) {
    const Bytes whole = in.rest();
    const size_t from = in.at();
    const uint64_t size = in.Number();
    const size_t length = in.at() - from;
    const Bytes record = in.Take(size);
    Rar5Reader inside(record);
    const uint64_t kind = inside.Number();
    if (!in.ok() || !inside.ok()) {
      break;
    }
    const Bytes bytes = whole.substr(0, length + record.size());
    if (kind == kLockRecord) {
      out.locked = true;
      out.lock = ReadRar5Lock(inside.rest(), true);
    } else if (kind == kHashRecord) {
      out.hash = std::string(bytes);
    } else {
      out.others += bytes;
    }
  }
  return out;
}

std::string Rar5Number(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) {
    out.push_back(static_cast<char>((value & 0x7f) | 0x80));
  }
  out.push_back(static_cast<char>(value));
  return out;
}

std::string WrittenRar5Block(const std::string& body) {
  const std::string sized = Rar5Number(body.size()) + body;
  return LittleBytes(Crc32(sized), 4) + sized;
}

std::string WrittenRar5File(const Rar5Header& header, const Rar5File& file,
                            const std::string& extra, const std::string& data) {
  constexpr uint64_t kExtraAndData = 3;
  const uint64_t flags = (header.flags & ~kExtraAndData) | (extra.empty() ? 0 : 1) | 2;
  std::string body = Rar5Number(Rar5Header::kFile) + Rar5Number(flags);
  if (!extra.empty()) {
    body += Rar5Number(extra.size());
  }
  body += Rar5Number(data.size());
  body += Rar5Number((file.flags & ~kRar5FileHasCrc) | (file.crc.empty() ? 0 : kRar5FileHasCrc));
  body += Rar5Number(file.size) + Rar5Number(file.attributes);
  body.append(file.time).append(file.crc);
  body += Rar5Number(file.packing);
  body.append(file.rest).append(extra);
  return WrittenRar5Block(body) + data;
}

}  // namespace gatepost::decode
