// Every reading of one zip entry's data: as either header says, and as the bytes themselves say.
// LIMITS: at most 8 readings are tried; each is bounded by the limit and the ratio.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/inflate.h"
#include "src/decode/reader.h"
#include "src/decode/sniff.h"
#include "src/decode/zip.h"

namespace gatepost::decode {

namespace {

constexpr size_t kMostWays = 8;
constexpr uint16_t kFlagDescriptor = 1U << 3;
constexpr uint16_t kMethodAes = 99;

// One way to take the bytes: so many of them, packed so.
struct Way {
  uint16_t method = 0;
  uint64_t packed = 0;
  uint64_t size = 0;
  bool asked = true;  // a header says so; otherwise only the bytes may
};

struct Attempt {
  std::string bytes;
  bool complete = false;
  bool too_big = false;
  bool unknown_method = false;
  size_t consumed = 0;
};

class EntryReader {
 public:
  EntryReader(Bytes zip, const ZipEntry& entry, uint64_t limit, uint32_t ratio)
      : entry_(entry), header_(entry.best()), limit_(limit), ratio_(ratio) {
    if (entry.has_local && entry.data_offset <= zip.size()) {
      rest_ = zip.substr(entry.data_offset);
    }
  }

  ZipData Plain() {
    if (!entry_.has_local || rest_.data() == nullptr) {
      out_.damaged = true;
      return std::move(out_);
    }
    const std::vector<Way> ways = Ways();
    for (size_t i = 0; i < ways.size(); ++i) {
      Read(ways[i], i == 0);
    }
    return std::move(out_);
  }

  ZipData Locked(const std::string& password) {
    if (!entry_.has_local || rest_.data() == nullptr) {
      out_.damaged = true;
      return std::move(out_);
    }
    // The local header's flag decides which check byte of the old cipher counts.
    ZipPacked packed = PackedOf(Way{header_.method, header_.packed, header_.size, true});
    packed.flags = entry_.local.flags;
    packed.time = entry_.local.time;
    packed.aes = header_.aes.empty() ? entry_.local.aes : header_.aes;
    ZipUnpacked plain = UnpackZipPacked(packed, Cap(packed.data.size()), password);
    out_.too_big = plain.too_big;
    // AES authenticates; the old cipher's one check byte lets one wrong word in 256 pass.
    out_.verified = plain.complete && (header_.method == kMethodAes || Right(plain.bytes));
    if (out_.verified) {
      out_.readings.push_back(ZipReading{std::move(plain.bytes), false});
    } else {
      out_.wasted += plain.bytes.size();
    }
    return std::move(out_);
  }

 private:
  uint64_t Cap(uint64_t packed) const {
    constexpr uint64_t kFree = 1ULL << 20;
    const uint64_t by_ratio = packed > UINT64_MAX / ratio_ ? UINT64_MAX : packed * ratio_;
    return std::min(limit_, std::max(kFree, by_ratio));
  }

  bool Right(Bytes bytes) const {
    return bytes.size() == header_.size && Crc32(bytes) == header_.crc;
  }

  // The distinct ways that the headers ask for, the directory's first; then what sizes that
  // contradict leave open.
  std::vector<Way> Ways() const {
    std::vector<Way> ways;
    const auto add = [&ways](Way way) {
      const bool known = std::any_of(ways.begin(), ways.end(), [&way](const Way& w) {
        return w.method == way.method && w.packed == way.packed;
      });
      if (!known && ways.size() < kMostWays) {
        ways.push_back(way);
      }
    };
    add(Way{header_.method, header_.packed, header_.size, true});
    const ZipHeader& local = entry_.local;
    const bool sizes_later = (local.flags & kFlagDescriptor) != 0 && local.packed == 0;
    if (entry_.in_directory) {
      add(Way{local.method, sizes_later ? header_.packed : local.packed, local.size, true});
    }
    for (const uint64_t packed : entry_.other_packed) {
      add(Way{header_.method, packed, packed, false});
    }
    for (const ZipHeader* header : {&header_, &local}) {
      if (header->method == 0 && header->size != header->packed &&
          !(header == &local && sizes_later)) {
        add(Way{0, header->size, header->size, false});
      }
    }
    // Nothing by its size and something by its checksum: up to whatever comes next.
    if ((header_.packed == 0 && (header_.crc != 0 || header_.size != 0)) ||
        (entry_.in_directory && !sizes_later && local.packed != header_.packed)) {
      add(Way{header_.method, entry_.extent, entry_.extent, false});
    }
    return ways;
  }

  ZipPacked PackedOf(const Way& way) const {
    ZipPacked packed;
    packed.data = rest_.substr(0, std::min<uint64_t>(way.packed, rest_.size()));
    packed.method = way.method;
    packed.crc = header_.crc;
    packed.size = way.size;
    return packed;
  }

  Attempt Unpack(Bytes data, const Way& way, uint64_t limit) const {
    Attempt attempt;
    attempt.consumed = data.size();
    if (way.method == 0) {
      attempt.too_big = data.size() > limit;
      attempt.bytes = std::string(data.substr(0, limit));
      attempt.complete = !attempt.too_big;
      return attempt;
    }
    if (way.method == 8 || way.method == 9) {
      Inflated inflated = way.method == 8 ? Inflate(data, limit) : Inflate64(data, limit);
      attempt.bytes = std::move(inflated.bytes);
      attempt.complete = inflated.complete;
      attempt.too_big = inflated.too_big;
      attempt.consumed = inflated.consumed;
      return attempt;
    }
    ZipPacked packed = PackedOf(way);
    packed.data = data;
    ZipUnpacked unpacked = UnpackZipPacked(packed, limit, "");
    attempt.bytes = std::move(unpacked.bytes);
    attempt.complete = unpacked.complete;
    attempt.too_big = unpacked.too_big;
    attempt.unknown_method = unpacked.unknown_method;
    return attempt;
  }

  void Add(std::string bytes) {
    for (const ZipReading& reading : out_.readings) {
      if (reading.bytes == bytes) {
        out_.wasted += bytes.size();
        return;
      }
    }
    const bool alternative = !out_.readings.empty();
    out_.readings.push_back(ZipReading{std::move(bytes), alternative});
  }

  void Read(const Way& way, bool first) {
    const Bytes data = rest_.substr(0, std::min<uint64_t>(way.packed, rest_.size()));
    Attempt attempt = Unpack(data, way, Cap(data.size()));
    out_.too_big = out_.too_big || (attempt.too_big && way.asked);
    const bool right = attempt.complete && Crc32(attempt.bytes) == header_.crc;
    out_.verified = out_.verified || right;
    if (first) {
      out_.damaged = data.size() < way.packed;
      const bool sized = attempt.bytes.size() == way.size && attempt.consumed == data.size();
      if (attempt.complete && !sized && entry_.in_directory) {
        out_.oddities |= kZipSizeLie;
      }
    }
    if (right && way.method == 0) {
      AddIfPackedAfterAll(data, attempt.bytes);
    }
    if (right || (attempt.too_big && way.asked)) {
      if (right) {
        Add(std::move(attempt.bytes));
      } else {
        out_.wasted += attempt.bytes.size();
      }
      return;
    }
    if (!way.asked) {
      if (!attempt.too_big && !attempt.bytes.empty()) {
        Add(std::move(attempt.bytes));
      } else {
        out_.wasted += attempt.bytes.size();
      }
      return;
    }
    Otherwise(way, data, first, std::move(attempt));
  }

  // Stored bytes that mean nothing, and the checksum is theirs: packed after all?
  void AddIfPackedAfterAll(Bytes data, Bytes stored) {
    if (SniffMagic(stored) != Type::kBinary || LooksLikeText(stored, false)) {
      return;
    }
    Inflated hidden = Inflate(data, Cap(data.size()));
    if (hidden.complete && hidden.consumed == data.size() && hidden.bytes.size() > 16) {
      out_.oddities |= kZipMethodLie;
      Add(std::move(hidden.bytes));
    } else {
      out_.wasted += hidden.bytes.size();
    }
  }

  // Not what the header promised: perhaps packed another way ("zombie" zip), perhaps longer than it
  // says.
  void Otherwise(const Way& way, Bytes data, bool first, Attempt attempt) {
    const bool packed = way.method != 0;
    // An unknown method may be a lie over either plain or deflated bytes.
    bool other_right = false;
    for (const uint16_t method : {uint16_t{8}, uint16_t{0}}) {
      if (method == way.method || (method == 8 && way.method == 9)) {
        continue;
      }
      Attempt other = Unpack(data, Way{method, way.packed, way.size, false}, Cap(data.size()));
      const bool matches = other.complete && Crc32(other.bytes) == header_.crc;
      const bool inflates = method == 8 && other.complete && other.bytes.size() > 16 &&
                            (!packed || other.consumed == data.size());
      const bool nothing_else =
          method == 0 && attempt.bytes.empty() && !data.empty() &&
          (way.method == 8 || LooksLikeText(data, false) || SniffMagic(data) != Type::kBinary);
      out_.verified = out_.verified || matches;
      other_right = other_right || matches;
      if (matches || inflates || nothing_else) {
        out_.oddities |= matches || inflates ? kZipMethodLie : 0U;
        out_.too_big = out_.too_big || other.too_big;
        if (other.too_big) {
          out_.wasted += other.bytes.size();
        } else {
          Add(std::move(other.bytes));
        }
        if (matches) {
          break;
        }
      } else {
        out_.wasted += other.bytes.size();
      }
    }
    if ((way.method == 8 || way.method == 9) && data.size() < rest_.size() && !attempt.complete) {
      Attempt longer = Unpack(rest_, way, Cap(rest_.size()));
      if (longer.complete && longer.bytes.size() > attempt.bytes.size()) {
        out_.oddities |= kZipSizeLie;
        Add(std::move(longer.bytes));
      } else {
        out_.wasted += longer.bytes.size();
      }
    }
    if (!other_right) {
      if (attempt.complete && first && entry_.in_directory) {
        out_.oddities |= kZipChecksum;
      }
      out_.unknown_method = out_.unknown_method || (first && attempt.unknown_method);
      out_.damaged = out_.damaged || (first && !attempt.complete && !attempt.unknown_method);
    }
    if (!attempt.bytes.empty() || (out_.readings.empty() && !attempt.unknown_method)) {
      Add(std::move(attempt.bytes));
    }
  }

  const ZipEntry& entry_;
  const ZipHeader& header_;
  uint64_t limit_;
  uint32_t ratio_;
  Bytes rest_;
  ZipData out_;
};

// The LZMA header (APPNOTE 5.8.8: version 2, size of properties 2, then the properties: 1 byte and
// the dictionary's size in 4) says how much memory the unpacker takes before the first byte comes
// out, up to 4 GiB. No match reaches further back than what was written, so a dictionary of what we
// let out is enough; the slack is for what the library unpacks ahead of what it hands over. The
// header of an encrypted entry is seen by the library alone: there the worker's memory is the
// bound.
void ClampLzmaDictionary(size_t at, uint64_t limit, std::string* zip) {
  constexpr uint64_t kAhead = 1 << 20;
  const size_t size = at + 5;
  if (zip->size() < size + 4) {
    return;
  }
  uint32_t wanted = 0;
  for (size_t i = 4; i-- > 0;) {
    wanted = wanted << 8 | static_cast<unsigned char>((*zip)[size + i]);
  }
  const uint64_t most = limit < UINT32_MAX - kAhead ? limit + kAhead : UINT32_MAX;
  auto given = static_cast<uint32_t>(std::min<uint64_t>(wanted, most));
  for (size_t i = 0; i < 4; ++i) {
    (*zip)[size + i] = static_cast<char>(given & 0xff);
    given >>= 8;
  }
}

}  // namespace

ZipData ReadZipEntry(Bytes zip, const ZipEntry& entry, uint64_t limit, uint32_t ratio) {
  return EntryReader(zip, entry, limit, ratio).Plain();
}

ZipData ReadZipEntry(Bytes zip, const ZipEntry& entry, uint64_t limit, uint32_t ratio,
                     const std::string& password) {
  return EntryReader(zip, entry, limit, ratio).Locked(password);
}

std::string ZipOfOne(const ZipPacked& packed, uint64_t limit) {
  const uint64_t most = UINT32_MAX - 1;
  const auto flags = static_cast<uint16_t>(packed.flags & 9);
  const std::string extra =
      packed.aes.empty() ? std::string() : LittleBytes(0x9901, 2) + LittleBytes(7, 2) + packed.aes;
  const std::string fields = LittleBytes(flags, 2) + LittleBytes(packed.method, 2) +
                             LittleBytes(packed.time, 4) + LittleBytes(packed.crc, 4) +
                             LittleBytes(packed.data.size(), 4) +
                             LittleBytes(std::min(packed.size, most), 4) + LittleBytes(1, 2) +
                             LittleBytes(extra.size(), 2);
  std::string zip = "PK\x03\x04" + LittleBytes(63, 2) + fields + "m" + extra;
  zip.reserve(zip.size() + packed.data.size() + 200);
  const size_t body = zip.size();
  zip += packed.data;
  if (packed.method == 14) {
    ClampLzmaDictionary(body, limit, &zip);
  }
  const size_t directory = zip.size();
  zip += "PK\x01\x02" + LittleBytes(63, 2) + LittleBytes(63, 2) + fields +
         LittleBytes(0, 2 + 2 + 2 + 4 + 4) + "m" + extra;
  zip += "PK\x05\x06" + LittleBytes(0, 4) + LittleBytes(1, 2) + LittleBytes(1, 2) +
         LittleBytes(zip.size() - directory, 4) + LittleBytes(directory, 4) + LittleBytes(0, 2);
  return zip;
}

}  // namespace gatepost::decode
