// LIMITS: 4,096 end records.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/zip_end.h"

#include <algorithm>
#include <cstddef>

#include "src/decode/reader.h"

namespace gatepost::decode {

namespace {

constexpr Bytes kCentralSig{"PK\x01\x02", 4};
constexpr Bytes kEndSig{"PK\x05\x06", 4};
constexpr Bytes kEnd64Sig{"PK\x06\x06", 4};
constexpr Bytes kLocatorSig{"PK\x06\x07", 4};
constexpr size_t kEndRecords = 4096;

// The directory that ends at `end` if its size is right, else the one at its offset; both where
// both are directories.
void AddPlaces(Bytes zip, uint64_t end, uint64_t size, uint64_t declared, uint64_t count,
               uint64_t mask, ZipEnd* out) {
  const uint64_t before = size <= end ? end - size : UINT64_MAX;
  const bool at_size = size > 0 && ZipHas(zip, before, kCentralSig);
  const bool at_offset = declared < end && ZipHas(zip, declared, kCentralSig);
  if (!at_size && (at_offset || size > end)) {
    out->contradicts = true;
  }
  if (at_size) {
    out->places.push_back(ZipPlace{before, end, declared, count, mask});
    if (at_offset && before != declared) {
      out->contradicts = true;
    }
  }
  if (!at_size || (at_offset && before != declared)) {
    out->places.push_back(ZipPlace{std::min(declared, end), end, declared, count, mask});
  }
}

}  // namespace

bool ZipHas(Bytes b, uint64_t at, Bytes signature) {
  return at <= b.size() && b.size() - at >= signature.size() &&
         b.substr(at, signature.size()) == signature;
}

std::vector<uint64_t> FindZipEnds(Bytes zip, bool* all) {
  const LittleEndian in(zip);
  std::vector<uint64_t> ends;
  *all = true;
  for (size_t at = zip.rfind(kEndSig); at != Bytes::npos;
       at = at == 0 ? Bytes::npos : zip.rfind(kEndSig, at - 1)) {
    if (zip.size() - at < 22) {
      continue;
    }
    if (ends.size() >= kEndRecords) {
      *all = false;
      break;
    }
    ends.push_back(at);
  }
  for (size_t i = 0; i < ends.size(); ++i) {
    if (ends[i] + 22 + in.U16(ends[i] + 20) == zip.size()) {
      std::rotate(ends.begin(), ends.begin() + static_cast<ptrdiff_t>(i),
                  ends.begin() + static_cast<ptrdiff_t>(i) + 1);
      break;
    }
  }
  return ends;
}

ZipEnd ReadZipEnd(Bytes zip, uint64_t at) {
  const LittleEndian in(zip);
  ZipEnd end;
  end.at = at;
  end.tail = at + 22 + in.U16(at + 20);
  const uint32_t disk = in.U16(at + 4);
  const uint32_t start_disk = in.U16(at + 6);
  const uint64_t count_here = in.U16(at + 8);
  const uint64_t count = in.U16(at + 10);
  const uint64_t size = in.U32(at + 12);
  const uint64_t offset = in.U32(at + 16);
  end.is_volume = disk != 0xffff && disk > 0;
  end.contradicts = (count_here != count || disk != start_disk) && !end.is_volume;
  bool wide = false;
  if (at >= 76 && ZipHas(zip, at - 20, kLocatorSig)) {
    // A locator directly before, whose record stands before it. Some readers follow the locator,
    // some look backwards.
    std::vector<uint64_t> records;
    for (const uint64_t record : {in.U64(at - 12), at - 76}) {
      if (ZipHas(zip, record, kEnd64Sig) && record < at &&
          std::find(records.begin(), records.end(), record) == records.end()) {
        records.push_back(record);
      }
    }
    end.contradicts |= records.size() != 1;
    for (const uint64_t record : records) {
      wide = true;
      const uint64_t count64 = in.U64(record + 32);
      const uint64_t size64 = in.U64(record + 40);
      const uint64_t offset64 = in.U64(record + 48);
      AddPlaces(zip, record, size64, offset64, count64, UINT64_MAX, &end);
      end.contradicts |= in.U64(record + 24) != count64 || (count != 0xffff && count != count64) ||
                         (size != UINT32_MAX && size != size64) ||
                         (offset != UINT32_MAX && offset != offset64);
    }
  }
  if (!wide && (size == UINT32_MAX || offset == UINT32_MAX)) {
    end.contradicts = true;  // wide numbers are announced and are not there
  }
  if (!wide || (end.contradicts && size != UINT32_MAX && offset != UINT32_MAX)) {
    AddPlaces(zip, at, size, offset, count, 0xffff, &end);
  }
  return end;
}

}  // namespace gatepost::decode
