// Zip files as other programs read them: a small reader whose habits are switches, for the target
// that fuzzes the strict reader in src/decode. It shares no code with it on purpose. LIMITS: 200
// members, 1 MiB each; stored and deflate only; no zip64, no encryption; names do not matter.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::fuzz {

struct ZipHabits {
  const char* name;
  bool first_end = false;            // of several end records the first that is met
  bool streams = false;              // local headers, one behind the other; no directory
  bool carves = false;               // every local header that stands anywhere
  bool shifts = false;               // offsets count from where the directory really is
  bool believes_local = false;       // method and sizes
  bool ignores_count = false;        // the directory goes on as long as it looks like one
  bool ignores_sizes = false;        // deflate goes on until it ends, stored until the next header
  bool stored_by_full_size = false;  // "stored" has the size of what it unpacks to
  bool bytes_as_they_are = false;    // of a method that is unknown, and where inflating fails
};

inline const std::vector<ZipHabits>& ZipReaders() {
  static const std::vector<ZipHabits> readers = [] {
    std::vector<ZipHabits> out;
    const auto add = [&](const char* name) -> ZipHabits& {
      out.push_back({name});
      return out.back();
    };
    add("strict");
    add("shifts").shifts = true;
    ZipHabits& first = add("first end");
    first.first_end = first.shifts = true;
    ZipHabits& local = add("local headers");
    local.believes_local = local.shifts = true;
    ZipHabits& count = add("no count");
    count.ignores_count = count.shifts = count.stored_by_full_size = true;
    ZipHabits& sizes = add("no sizes");
    sizes.ignores_sizes = sizes.shifts = true;
    add("stream").streams = true;
    ZipHabits& open = add("stream without sizes");
    open.streams = open.ignores_sizes = open.stored_by_full_size = true;
    ZipHabits& carver = add("carver");
    carver.carves = carver.ignores_sizes = carver.bytes_as_they_are = true;
    ZipHabits& plain = add("as they are");
    plain.shifts = plain.bytes_as_they_are = plain.believes_local = true;
    return out;
  }();
  return readers;
}

class LenientZip {
 public:
  LenientZip(std::string_view payload, const ZipHabits& habits)
      : payload_(payload), habits_(habits) {}

  // Does somebody with that program unpack something that holds the payload?
  bool Extracts(std::string_view zip) {
    zip_ = zip;
    return habits_.streams || habits_.carves ? Locals() : Directory();
  }

 private:
  static constexpr size_t kMostMembers = 200;
  static constexpr size_t kMostBytes = 1U << 20;
  static constexpr std::string_view kLocal{"PK\x03\x04", 4};
  static constexpr std::string_view kCentral{"PK\x01\x02", 4};
  static constexpr std::string_view kEnd{"PK\x05\x06", 4};

  struct Member {
    size_t data = 0;
    uint32_t flags = 0;
    uint32_t method = 0;
    uint32_t packed = 0;
    uint32_t size = 0;
  };

  uint32_t U16(size_t at) const {
    return at + 2 > zip_.size()
               ? 0
               : static_cast<unsigned char>(zip_[at]) |
                     static_cast<uint32_t>(static_cast<unsigned char>(zip_[at + 1])) << 8U;
  }
  uint32_t U32(size_t at) const { return U16(at) | U16(at + 2) << 16U; }

  // The local header at `at`; false: there is none.
  bool ReadLocal(size_t at, Member* member) const {
    if (zip_.substr(std::min(at, zip_.size()), 4) != kLocal || at + 30 > zip_.size()) {
      return false;
    }
    member->flags = U16(at + 6);
    member->method = U16(at + 8);
    member->packed = U32(at + 18);
    member->size = U32(at + 22);
    member->data = at + 30 + U16(at + 26) + U16(at + 28);
    return member->data <= zip_.size();
  }

  size_t NextSignature(size_t from) const {
    size_t at = zip_.find("PK", from);
    while (at != std::string_view::npos &&
           !(at + 4 <= zip_.size() && zip_[at + 2] <= 8 && zip_[at + 3] <= 8 && zip_[at + 2] > 0)) {
      at = zip_.find("PK", at + 2);
    }
    return std::min(at, zip_.size());
  }

  // What it unpacks to; `used` is how many packed bytes that took, where the stream says so.
  std::string Unpacked(const Member& member, size_t* used) const {
    if ((member.flags & 1U) != 0) {
      return {};
    }
    const size_t left = zip_.size() - member.data;
    size_t packed = std::min<size_t>(member.packed, left);
    if (habits_.ignores_sizes || (habits_.streams && (member.flags & 8U) != 0)) {
      packed = member.method == 0 ? NextSignature(member.data) - member.data : left;
    } else if (habits_.stored_by_full_size && member.method == 0) {
      packed = std::min<size_t>(member.size, left);
    }
    const std::string_view data = zip_.substr(member.data, std::min(packed, kMostBytes));
    *used = packed;
    if (member.method == 0 || (member.method != 8 && habits_.bytes_as_they_are)) {
      return std::string(data);
    }
    if (member.method != 8) {
      return {};
    }
    std::string out(kMostBytes, '\0');
    z_stream stream{};
    if (inflateInit2(&stream, -15) != Z_OK) {
      return {};
    }
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
    stream.avail_in = static_cast<uInt>(data.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = inflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    *used = result == Z_STREAM_END ? stream.total_in : packed;
    inflateEnd(&stream);
    if (result != Z_STREAM_END && habits_.bytes_as_they_are) {
      return std::string(data);
    }
    // A program that finds the stream broken shows no file.
    return result == Z_STREAM_END ? out : std::string();
  }

  bool Holds(const Member& member, size_t* used) const {
    return Unpacked(member, used).find(payload_) != std::string::npos;
  }

  bool Locals() {
    size_t at = zip_.find(kLocal);
    for (size_t i = 0; i < kMostMembers && at != std::string_view::npos; ++i) {
      Member member;
      size_t used = 0;
      if (!ReadLocal(at, &member)) {
        break;
      }
      if (Holds(member, &used)) {
        return true;
      }
      if (habits_.carves) {
        at = zip_.find(kLocal, at + 4);
        continue;
      }
      at = member.data + used;
      if (at > zip_.size()) {
        break;
      }
      if ((member.flags & 8U) != 0 || habits_.ignores_sizes) {
        at = zip_.find(kLocal, at);  // behind a descriptor
      } else if (zip_.substr(at, 4) != kLocal) {
        break;
      }
    }
    return false;
  }

  bool Directory() {
    const size_t end = habits_.first_end ? zip_.find(kEnd) : zip_.rfind(kEnd);
    if (end == std::string_view::npos || end + 22 > zip_.size()) {
      return false;
    }
    size_t at = U32(end + 16);
    size_t shift = 0;
    if (habits_.shifts && U32(end + 12) <= end) {
      const size_t real = end - U32(end + 12);
      shift = real - std::min(real, at);
      at = real;
    }
    const size_t count = habits_.ignores_count ? kMostMembers : U16(end + 10);
    for (size_t i = 0; i < std::min(count, kMostMembers); ++i) {
      if (zip_.substr(std::min(at, zip_.size()), 4) != kCentral || at + 46 > zip_.size()) {
        break;
      }
      Member member;
      size_t used = 0;
      if (ReadLocal(U32(at + 42) + shift, &member)) {
        if (!habits_.believes_local) {
          member.flags = U16(at + 8);
          member.method = U16(at + 10);
          member.packed = U32(at + 20);
          member.size = U32(at + 24);
        }
        if (Holds(member, &used)) {
          return true;
        }
      }
      at += 46 + U16(at + 28) + U16(at + 30) + U16(at + 32);
    }
    return false;
  }

  std::string_view payload_;
  const ZipHabits& habits_;
  std::string_view zip_;
};

}  // namespace gatepost::fuzz
