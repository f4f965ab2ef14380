// Zip structure: the directory, the local headers, and what lies between them.
// LIMITS: at most max_entries entries and 8 end records are looked at; names and extra fields count
// for 4 KiB (each of many headers may point at the same bytes); probing for the end of streamed
// entries unpacks at most 64 MiB together.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/zip.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_set>

#include "src/decode/inflate.h"
#include "src/decode/sniff.h"

namespace gatepost::decode {

namespace {

constexpr Bytes kLocalSig{"PK\x03\x04", 4};
constexpr Bytes kCentralSig{"PK\x01\x02", 4};
constexpr Bytes kEndSig{"PK\x05\x06", 4};
constexpr Bytes kEnd64Sig{"PK\x06\x06", 4};
constexpr Bytes kDescriptorSig{"PK\x07\x08", 4};
constexpr size_t kEndRecords = 8;
constexpr uint64_t kNameBytes = 4096;
constexpr uint64_t kProbeBytes = 64ULL << 20;
constexpr uint16_t kFlagEncrypted = 1U << 0;
constexpr uint16_t kFlagDescriptor = 1U << 3;
constexpr uint16_t kFlagStrong = 1U << 6;
constexpr uint16_t kFlagMasked = 1U << 13;

// Little-endian reads that are 0 beyond the end.
uint64_t Read(Bytes b, uint64_t at, int width) {
  uint64_t value = 0;
  for (int i = 0; i < width; ++i) {
    const uint64_t where = at + static_cast<uint64_t>(i);
    if (where < b.size()) {
      value |= static_cast<uint64_t>(static_cast<unsigned char>(b[where])) << (8 * i);
    }
  }
  return value;
}
uint16_t Read16(Bytes b, uint64_t at) { return static_cast<uint16_t>(Read(b, at, 2)); }
uint32_t Read32(Bytes b, uint64_t at) { return static_cast<uint32_t>(Read(b, at, 4)); }

bool Has(Bytes b, uint64_t at, Bytes signature) {
  return at <= b.size() && b.size() - at >= signature.size() &&
         b.substr(at, signature.size()) == signature;
}

Bytes Part(Bytes b, uint64_t at, uint64_t length) {
  return at >= b.size() ? Bytes() : b.substr(at, std::min<uint64_t>(length, b.size() - at));
}

// Extra fields: zip64 sizes (0x0001) where the header says FFFFFFFF, Unicode path (0x7075).
void ReadExtra(Bytes extra, ZipHeader* header, uint64_t* offset, std::string* unicode_name) {
  while (extra.size() >= 4) {
    const uint16_t id = Read16(extra, 0);
    const uint16_t length = Read16(extra, 2);
    const Bytes field = Part(extra, 4, length);
    if (id == 0x0001) {
      uint64_t at = 0;
      if (header->size == UINT32_MAX && field.size() >= at + 8) {
        header->size = Read(field, at, 8);
        at += 8;
      }
      if (header->packed == UINT32_MAX && field.size() >= at + 8) {
        header->packed = Read(field, at, 8);
        at += 8;
      }
      if (offset != nullptr && *offset == UINT32_MAX && field.size() >= at + 8) {
        *offset = Read(field, at, 8);
      }
    } else if (id == 0x7075 && field.size() > 5 && unicode_name != nullptr) {
      *unicode_name = std::string(field.substr(5));
    }
    extra = extra.size() <= 4U + length ? Bytes() : extra.substr(4U + length);
  }
}

// REQUIRES: a local signature at `at`.
void ReadLocal(Bytes zip, uint64_t at, ZipEntry* entry) {
  entry->has_local = true;
  entry->header_offset = at;
  ZipHeader& header = entry->local;
  header.flags = Read16(zip, at + 6);
  header.method = Read16(zip, at + 8);
  header.crc = Read32(zip, at + 14);
  header.packed = Read32(zip, at + 18);
  header.size = Read32(zip, at + 22);
  const uint16_t name = Read16(zip, at + 26);
  const uint16_t extra = Read16(zip, at + 28);
  header.name = std::string(Part(zip, at + 30, std::min<uint64_t>(name, kNameBytes)));
  ReadExtra(Part(zip, at + 30 + name, std::min<uint64_t>(extra, kNameBytes)), &header, nullptr,
            entry->unicode_name.empty() ? &entry->unicode_name : nullptr);
  entry->data_offset = at + 30 + name + extra;
}

struct EndRecord {
  uint64_t at = 0;         // of the record
  uint64_t declared = 0;   // offset of the directory, as it says
  uint64_t directory = 0;  // where it is
  uint64_t directory_end = 0;
  uint64_t count = 0;
  uint64_t tail = 0;  // behind record and comment
};

EndRecord ReadEnd(Bytes zip, uint64_t at) {
  EndRecord end;
  end.at = at;
  end.count = Read16(zip, at + 10);
  uint64_t size = Read32(zip, at + 12);
  end.declared = Read32(zip, at + 16);
  end.tail = at + 22 + Read16(zip, at + 20);
  end.directory_end = at;
  // Zip64: a locator directly before, whose record stands before it.
  if (at >= 76 && Has(zip, at - 20, Bytes("PK\x06\x07", 4))) {
    uint64_t record = Read(zip, at - 12, 8);
    if (!Has(zip, record, kEnd64Sig) && Has(zip, at - 76, kEnd64Sig)) {
      record = at - 76;
    }
    if (Has(zip, record, kEnd64Sig)) {
      end.count = Read(zip, record + 32, 8);
      size = Read(zip, record + 40, 8);
      end.declared = Read(zip, record + 48, 8);
      end.directory_end = record;
    }
  }
  const uint64_t before = size <= end.directory_end ? end.directory_end - size : 0;
  end.directory = Has(zip, before, kCentralSig) ? before : end.declared;
  return end;
}

class DirectoryReader {
 public:
  DirectoryReader(Bytes zip, size_t max_entries, ZipDirectory* out)
      : zip_(zip), max_entries_(max_entries), out_(out) {}

  void Run() {
    FindEnds();
    if (ends_.empty()) {
      out_->oddities |= kZipNoDirectory;
      Walk(0, zip_.size());
      Finish();
      return;
    }
    const EndRecord main = ends_.front();
    ReadDirectory(main);
    const uint64_t before = main.directory_end - std::min(main.directory_end, main.directory);
    if (main.declared != main.directory && before > 0 && Has(zip_, main.declared, kCentralSig) &&
        main.declared < main.directory_end) {
      out_->oddities |= kZipHeadersDisagree;  // two directories, each where some reader looks
      EndRecord other = main;
      other.directory = main.declared;
      ReadDirectory(other);
    }
    Sort();
    for (size_t i = 1; i < ends_.size(); ++i) {
      if (!InsideData(ends_[i].at)) {
        out_->oddities |= kZipConcatenated;
        ReadDirectory(ends_[i]);
      }
    }
    Sort();
    LookBetween(main);
    if ((out_->oddities & (kZipOverlap | kZipHeadersDisagree | kZipConcatenated)) != 0) {
      // Sizes that lie can cover what lies between: read as a streaming reader would, too.
      const size_t known = out_->entries.size();
      Walk(0, zip_.size());
      out_->oddities |= out_->entries.size() > known ? kZipHiddenEntry : 0U;
    }
    Finish();
  }

 private:
  // The record that ends the file first, then the others.
  void FindEnds() {
    std::vector<uint64_t> found;
    for (size_t at = zip_.rfind(kEndSig); at != Bytes::npos && found.size() < kEndRecords;
         at = at == 0 ? Bytes::npos : zip_.rfind(kEndSig, at - 1)) {
      if (zip_.size() - at >= 22) {
        found.push_back(at);
      }
    }
    size_t best = 0;
    for (size_t i = 0; i < found.size(); ++i) {
      if (found[i] + 22 + Read16(zip_, found[i] + 20) == zip_.size()) {
        best = i;
        break;
      }
    }
    if (!found.empty()) {
      std::rotate(found.begin(), found.begin() + static_cast<ptrdiff_t>(best),
                  found.begin() + static_cast<ptrdiff_t>(best) + 1);
    }
    for (const uint64_t at : found) {
      ends_.push_back(ReadEnd(zip_, at));
    }
  }

  void ReadDirectory(const EndRecord& end) {
    uint64_t at = end.directory;
    const uint64_t shift = end.directory >= end.declared ? end.directory - end.declared : 0;
    uint64_t count = 0;
    while (Has(zip_, at, kCentralSig) && zip_.size() - at >= 46) {
      if (out_->entries.size() >= max_entries_) {
        out_->truncated = true;
        return;
      }
      ++count;
      ZipEntry entry;
      entry.in_directory = true;
      ZipHeader& header = entry.central;
      header.flags = Read16(zip_, at + 8);
      header.method = Read16(zip_, at + 10);
      header.crc = Read32(zip_, at + 16);
      header.packed = Read32(zip_, at + 20);
      header.size = Read32(zip_, at + 24);
      const uint16_t name = Read16(zip_, at + 28);
      const uint16_t extra = Read16(zip_, at + 30);
      const uint16_t comment = Read16(zip_, at + 32);
      uint64_t offset = Read32(zip_, at + 42);
      header.name = std::string(Part(zip_, at + 46, std::min<uint64_t>(name, kNameBytes)));
      ReadExtra(Part(zip_, at + 46 + name, std::min<uint64_t>(extra, kNameBytes)), &header, &offset,
                &entry.unicode_name);
      at += 46ULL + name + extra + comment;
      uint64_t local = offset + shift;
      if (!Has(zip_, local, kLocalSig) && Has(zip_, offset, kLocalSig)) {
        local = offset;
      }
      entry.header_offset = local;
      if (Has(zip_, local, kLocalSig)) {
        ReadLocal(zip_, local, &entry);
        known_locals_.insert(local);
        Compare(entry);
      } else {
        out_->oddities |= kZipHeadersDisagree;
      }
      if (seen_.insert({entry.header_offset, header.name}).second) {
        out_->entries.push_back(std::move(entry));
      } else if (end.at == ends_.front().at) {
        out_->oddities |= kZipDuplicateEntry;
      }
    }
    if (count != end.count && (count & 0xffff) != end.count) {
      out_->oddities |= kZipCountLie;
    }
    if (at < end.directory_end && end.directory_end - at >= 46 && end.at == ends_.front().at &&
        Part(zip_, at, end.directory_end - at).find("PK") != Bytes::npos &&
        !Has(zip_, at, Bytes("PK\x05\x05", 4))) {
      out_->oddities |= kZipHeadersDisagree;  // the directory breaks off before its end
    }
  }

  void Compare(const ZipEntry& entry) {
    const ZipHeader& c = entry.central;
    const ZipHeader& l = entry.local;
    const bool hidden_local = ((c.flags | l.flags) & kFlagMasked) != 0;
    std::string local_name = l.name;
    std::string central_name = c.name;
    std::replace(local_name.begin(), local_name.end(), '\\', '/');
    std::replace(central_name.begin(), central_name.end(), '\\', '/');
    const bool sizes_later = (l.flags & kFlagDescriptor) != 0 && l.packed == 0 && l.size == 0;
    bool disagree = (local_name != central_name && !hidden_local) || l.method != c.method ||
                    ((l.flags ^ c.flags) & (kFlagEncrypted | kFlagStrong)) != 0;
    if (!sizes_later && !hidden_local) {
      disagree =
          disagree || l.packed != c.packed || l.size != c.size || (l.crc != c.crc && l.crc != 0);
    }
    if (disagree) {
      out_->oddities |= kZipHeadersDisagree;
    }
    if (!entry.unicode_name.empty() && entry.unicode_name != c.name && IsAscii(c.name)) {
      out_->oddities |= kZipHeadersDisagree;
    }
  }

  void Sort() {
    std::stable_sort(
        out_->entries.begin(), out_->entries.end(),
        [](const ZipEntry& a, const ZipEntry& b) { return a.header_offset < b.header_offset; });
  }

  static uint64_t DataEnd(const ZipEntry& entry) {
    const uint64_t packed = entry.best().packed;
    return entry.data_offset > UINT64_MAX - packed ? UINT64_MAX : entry.data_offset + packed;
  }

  // REQUIRES: sorted entries.
  bool InsideData(uint64_t at) const {
    const auto after = std::upper_bound(
        out_->entries.begin(), out_->entries.end(), at,
        [](uint64_t value, const ZipEntry& entry) { return value < entry.header_offset; });
    return after != out_->entries.begin() && (after - 1)->has_local && at < DataEnd(*(after - 1));
  }

  // Gaps: before the first entry, between entries, and behind the end record.
  void LookBetween(const EndRecord& main) {
    const std::vector<ZipEntry> listed = out_->entries;
    uint64_t covered = 0;
    bool first = true;
    for (const ZipEntry& entry : listed) {
      if (!entry.has_local) {
        continue;
      }
      if (entry.header_offset < covered) {
        out_->oddities |= kZipOverlap;
      } else if (entry.header_offset > covered) {
        LookInGap(covered, entry.header_offset, first);
      }
      first = false;
      covered = std::max(covered, DataEnd(entry));
    }
    if (covered < main.directory && main.directory <= zip_.size()) {
      LookInGap(covered, main.directory, first && listed.empty());
    } else if (covered > main.directory && !listed.empty()) {
      out_->oddities |= kZipOverlap;
    }
    if (main.tail < zip_.size()) {
      const Bytes tail = zip_.substr(main.tail);
      out_->oddities |= tail.find("PK") == Bytes::npos ? kZipTrailingData : kZipConcatenated;
      Walk(main.tail, zip_.size());
    } else if (main.tail > zip_.size()) {
      out_->oddities |= kZipTrailingData;
    }
  }

  void LookInGap(uint64_t begin, uint64_t end, bool leading) {
    const Bytes gap = zip_.substr(begin, end - begin);
    if (gap.find(kLocalSig) != Bytes::npos) {
      out_->oddities |= kZipHiddenEntry;
      Walk(begin, end);
    } else if (leading && gap != "PK00" && gap != kDescriptorSig &&  // marks of split archives
               gap.find_first_not_of('\0') != Bytes::npos) {
      out_->oddities |= kZipLeadingData;
    }
  }

  // Reads local headers one behind the other, as a streaming reader does.
  void Walk(uint64_t begin, uint64_t end) {
    uint64_t at = zip_.find(kLocalSig, begin);
    while (at != Bytes::npos && at < end) {
      if (out_->entries.size() >= max_entries_) {
        out_->truncated = true;
        return;
      }
      ZipEntry entry;
      ReadLocal(zip_, at, &entry);
      ZipHeader& header = entry.local;
      uint64_t next = entry.data_offset;
      if (next > end) {
        at = zip_.find(kLocalSig, at + 4);
        continue;
      }
      if ((header.flags & kFlagDescriptor) != 0 && header.packed == 0) {
        header.packed = StreamedSize(entry, end);
      }
      header.packed = std::min<uint64_t>(header.packed, zip_.size() - entry.data_offset);
      next = entry.data_offset + header.packed;
      if (known_locals_.insert(at).second) {
        out_->entries.push_back(std::move(entry));
      }
      at = zip_.find(kLocalSig, std::max(next, at + 4));
    }
  }

  // The packed size of an entry whose sizes stand behind it.
  uint64_t StreamedSize(const ZipEntry& entry, uint64_t end) {
    const Bytes rest = zip_.substr(entry.data_offset, end - entry.data_offset);
    if (entry.local.method == 8 && probe_left_ > 0) {
      const Inflated probe = Inflate(rest, std::min<uint64_t>(probe_left_, 8ULL << 20));
      probe_left_ -= std::min<uint64_t>(probe_left_, probe.bytes.size() + probe.consumed);
      if (probe.complete) {
        return probe.consumed;
      }
    }
    // The next signature of any kind. What follows is read from there, so this stays linear.
    for (size_t at = rest.find("PK"); at != Bytes::npos; at = rest.find("PK", at + 2)) {
      if (Has(rest, at, kDescriptorSig) || Has(rest, at, kLocalSig) || Has(rest, at, kCentralSig)) {
        return at;
      }
    }
    return rest.size();
  }

  void Finish() {
    Sort();
    std::unordered_set<std::string> names;
    for (const ZipEntry& entry : out_->entries) {
      const std::string& name = entry.best().name;
      if (!names.insert(name).second) {
        out_->oddities |= kZipDuplicateEntry;
      }
      if (name.find("../") != std::string::npos || name.find("..\\") != std::string::npos ||
          (!name.empty() && (name[0] == '/' || name[0] == '\\')) ||
          std::any_of(name.begin(), name.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20; })) {
        out_->oddities |= kZipUnsafeName;
      }
    }
  }

  Bytes zip_;
  size_t max_entries_;
  ZipDirectory* out_;
  std::vector<EndRecord> ends_;
  uint64_t probe_left_ = kProbeBytes;
  std::set<std::pair<uint64_t, std::string>> seen_;
  std::set<uint64_t> known_locals_;
};

// One attempt: the data range under one method.
struct Attempt {
  std::string bytes;
  bool complete = false;
  bool too_big = false;
  size_t consumed = 0;
};

Attempt Unpack(Bytes data, uint16_t method, uint64_t limit) {
  Attempt attempt;
  if (method == 0) {
    attempt.too_big = data.size() > limit;
    attempt.bytes = std::string(data.substr(0, limit));
    attempt.complete = !attempt.too_big;
    attempt.consumed = data.size();
    return attempt;
  }
  Inflated inflated = Inflate(data, limit);
  attempt.bytes = std::move(inflated.bytes);
  attempt.complete = inflated.complete;
  attempt.too_big = inflated.too_big;
  attempt.consumed = inflated.consumed;
  return attempt;
}

}  // namespace

bool ZipEntry::is_folder() const {
  const std::string& name = best().name;
  return !name.empty() && (name.back() == '/' || name.back() == '\\') && best().packed == 0;
}

ZipDirectory ReadZipDirectory(Bytes zip, size_t max_entries) {
  ZipDirectory out;
  DirectoryReader(zip, max_entries, &out).Run();
  return out;
}

ZipData ReadZipEntry(Bytes zip, const ZipEntry& entry, uint64_t limit, uint32_t ratio) {
  ZipData out;
  const ZipHeader& header = entry.best();
  if (!entry.has_local || entry.data_offset > zip.size()) {
    out.damaged = true;
    return out;
  }
  const auto cap = [limit, ratio](uint64_t packed) {
    constexpr uint64_t kFree = 1ULL << 20;
    const uint64_t by_ratio = packed > UINT64_MAX / ratio ? UINT64_MAX : packed * ratio;
    return std::min(limit, std::max(kFree, by_ratio));
  };
  const auto add = [&out](std::string bytes) {
    for (const ZipReading& reading : out.readings) {
      if (reading.bytes == bytes) {
        out.wasted += bytes.size();
        return;
      }
    }
    const bool alternative = !out.readings.empty();
    out.readings.push_back(ZipReading{std::move(bytes), alternative});
  };
  // The distinct ways that the two headers ask for; the directory's first.
  std::vector<const ZipHeader*> ways = {&header};
  if (entry.in_directory &&
      (entry.local.method != header.method ||
       ((entry.local.flags & kFlagDescriptor) == 0 && entry.local.packed != header.packed))) {
    ways.push_back(&entry.local);
  }
  const Bytes rest = zip.substr(entry.data_offset);
  for (const ZipHeader* way : ways) {
    const bool first = way == ways.front();
    const Bytes data = rest.substr(0, std::min<uint64_t>(way->packed, rest.size()));
    if (way->method != 0 && way->method != 8) {
      out.unknown_method = out.unknown_method || first;
      continue;
    }
    out.damaged = out.damaged || (first && data.size() < way->packed);
    Attempt attempt = Unpack(data, way->method, cap(data.size()));
    out.too_big = out.too_big || attempt.too_big;
    const bool right = attempt.complete && Crc32(attempt.bytes) == header.crc;
    const bool sized = attempt.bytes.size() == way->size && attempt.consumed == data.size();
    if (first && attempt.complete && !sized && entry.in_directory) {
      out.oddities |= kZipSizeLie;
    }
    if (right || attempt.too_big) {
      if (right && way->method == 0 && SniffMagic(attempt.bytes) == Type::kBinary &&
          !LooksLikeText(attempt.bytes, false)) {
        // Stored bytes that mean nothing, and the checksum is theirs: packed after all?
        Attempt hidden = Unpack(data, 8, cap(data.size()));
        if (hidden.complete && hidden.consumed == data.size() && hidden.bytes.size() > 16) {
          out.oddities |= kZipMethodLie;
          add(std::move(hidden.bytes));
        } else {
          out.wasted += hidden.bytes.size();
        }
      }
      if (!attempt.too_big) {
        add(std::move(attempt.bytes));
      }
      continue;
    }
    // Not what the header promised: perhaps packed another way ("zombie" zip), perhaps longer than
    // it says.
    const uint16_t other_method = way->method == 0 ? 8 : 0;
    Attempt other = Unpack(data, other_method, cap(data.size()));
    const bool other_right = other.complete && Crc32(other.bytes) == header.crc;
    if (other_right || (other_method == 8 && other.complete && other.bytes.size() > 16) ||
        (other_method == 0 && attempt.bytes.empty() && !data.empty())) {
      out.oddities |= other_right || other_method == 8 ? kZipMethodLie : 0U;
      out.too_big = out.too_big || other.too_big;
      if (!other.too_big) {
        add(std::move(other.bytes));
      }
    } else {
      out.wasted += other.bytes.size();
    }
    if (way->method == 8 && data.size() < rest.size() && !attempt.complete) {
      Attempt longer = Unpack(rest, 8, cap(rest.size()));
      if (longer.complete && longer.bytes.size() > attempt.bytes.size()) {
        out.oddities |= kZipSizeLie;
        add(std::move(longer.bytes));
      } else {
        out.wasted += longer.bytes.size();
      }
    }
    if (!other_right) {
      if (attempt.complete && first && entry.in_directory) {
        out.oddities |= kZipChecksum;
      }
      out.damaged = out.damaged || (first && !attempt.complete);
    }
    if (!attempt.bytes.empty() || out.readings.empty()) {
      add(std::move(attempt.bytes));
    }
  }
  return out;
}

}  // namespace gatepost::decode
