// Zip structure: the directory, the local headers, and what lies between them.
// LIMITS: at most max_entries entries and the directories of 8 end records are looked at; a
// name counts for 1 KiB at either end together (each of many headers may point at the same bytes);
// probing for the end of streamed entries unpacks at most 64 MiB together.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/zip.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "src/decode/inflate.h"
#include "src/decode/reader.h"
#include "src/decode/zip_end.h"
#include "src/decode/zip_names.h"

namespace gatepost::decode {

namespace {

constexpr Bytes kLocalSig{"PK\x03\x04", 4};
constexpr Bytes kCentralSig{"PK\x01\x02", 4};
constexpr Bytes kEnd64Sig{"PK\x06\x06", 4};
constexpr Bytes kDescriptorSig{"PK\x07\x08", 4};
constexpr size_t kDirectories = 8;
constexpr uint64_t kNameBytes = 1024;
constexpr uint64_t kExtraBytes = 4096;
constexpr uint64_t kProbeBytes = 64ULL << 20;
constexpr size_t kOthers = 4;  // further names or sizes of one entry
constexpr uint16_t kFlagEncrypted = 1U << 0;
constexpr uint16_t kFlagDescriptor = 1U << 3;
constexpr uint16_t kFlagStrong = 1U << 6;
constexpr uint16_t kFlagMasked = 1U << 13;

Bytes PieceOf(Bytes b, uint64_t at, uint64_t length) {
  return at >= b.size() ? Bytes() : b.substr(at, std::min<uint64_t>(length, b.size() - at));
}

// Both ends matter in a long name: the folder, and the extension.
std::string NameOf(Bytes zip, uint64_t at, uint64_t length) {
  const Bytes name = PieceOf(zip, at, length);
  return name.size() <= kNameBytes ? std::string(name)
                                   : std::string(name.substr(0, kNameBytes / 2)) +
                                         std::string(name.substr(name.size() - kNameBytes / 2));
}

class DirectoryReader {
 public:
  DirectoryReader(Bytes zip, size_t max_entries, ZipDirectory* out)
      : zip_(zip), in_(zip), max_entries_(max_entries), out_(out) {}

  void Run() {
    bool all = true;
    const std::vector<uint64_t> ends = FindZipEnds(zip_, &all);
    out_->oddities |= all ? 0U : kZipConcatenated;
    if (ends.empty()) {
      out_->oddities |= kZipNoDirectory;
      out_->is_volume = ZipHas(zip_, 0, kDescriptorSig);
      Walk(0, zip_.size(), false);
      Finish(zip_.size());
      return;
    }
    const ZipEnd main = ReadZipEnd(zip_, ends.front());
    out_->is_volume = main.is_volume;
    if (main.contradicts) {
      out_->oddities |= kZipHeadersDisagree;
    }
    for (const ZipPlace& place : main.places) {
      ReadDirectory(place, true);
    }
    Sort();
    size_t more = 0;
    for (size_t i = 1; i < ends.size(); ++i) {
      if (!InsideData(ends[i])) {
        out_->oddities |= kZipConcatenated;
        const ZipEnd other = ReadZipEnd(zip_, ends[i]);
        if (++more < kDirectories) {
          for (const ZipPlace& place : other.places) {
            ReadDirectory(place, false);
          }
        }
      }
    }
    Sort();
    LookBetween(main);
    if ((out_->oddities & kZipStructureOddities) != 0) {
      // What contradicts itself may be read by any header that anybody could find.
      const size_t known = out_->entries.size();
      Walk(0, zip_.size(), true);
      out_->oddities |= out_->entries.size() > known ? kZipHiddenEntry : 0U;
    }
    Finish(main.places.front().begin);
  }

 private:
  void ReadDirectory(const ZipPlace& place, bool is_main) {
    uint64_t at = place.begin;
    const uint64_t shift = place.begin >= place.declared ? place.begin - place.declared : 0;
    uint64_t count = 0;
    while (ZipHas(zip_, at, kCentralSig) && zip_.size() - at >= 46) {
      if (out_->entries.size() >= max_entries_) {
        out_->truncated = true;
        return;
      }
      ++count;
      at = ReadCentral(at, shift, is_main);
    }
    if ((count & place.count_mask) != place.count) {
      out_->oddities |= kZipCountLie;
    }
    const bool signed_or_sealed =
        ZipHas(zip_, at, Bytes("PK\x05\x05", 4)) || ZipHas(zip_, at, Bytes("PK\x06\x08", 4));
    if (is_main && at != place.end && !signed_or_sealed) {
      out_->oddities |= kZipHeadersDisagree;  // the directory ends elsewhere than it says
    }
  }

  // Returns where the next record would be.
  uint64_t ReadCentral(uint64_t at, uint64_t shift, bool is_main) {
    ZipEntry entry;
    entry.in_directory = true;
    ZipHeader& header = entry.central;
    header.flags = static_cast<uint16_t>(in_.U16(at + 8));
    header.method = static_cast<uint16_t>(in_.U16(at + 10));
    header.time = in_.U32(at + 12);
    header.crc = in_.U32(at + 16);
    header.packed = in_.U32(at + 20);
    header.size = in_.U32(at + 24);
    const uint32_t name = in_.U16(at + 28);
    const uint32_t extra = in_.U16(at + 30);
    const uint32_t comment = in_.U16(at + 32);
    const uint32_t attributes = in_.U32(at + 38);
    uint64_t offset = in_.U32(at + 42);
    header.name = NameOf(zip_, at + 46, name);
    ReadExtra(PieceOf(zip_, at + 46 + name, std::min<uint64_t>(extra, kExtraBytes)),
              PieceOf(zip_, at + 46, name), &header, &offset, &entry);
    at += 46ULL + name + extra + comment;
    uint64_t local = offset > UINT64_MAX - shift ? offset : offset + shift;
    const bool shifted = ZipHas(zip_, local, kLocalSig);
    const bool plain = ZipHas(zip_, offset, kLocalSig);
    if (shifted && plain && local != offset) {
      out_->oddities |= kZipHeadersDisagree;  // two headers, each where some reader looks
    }
    local = shifted || !plain ? local : offset;
    entry.header_offset = local;
    if (shifted || plain) {
      ReadLocal(local, &entry);
      known_locals_.insert(local);
      Compare(entry);
    } else if (!out_->is_volume) {
      out_->oddities |= kZipHeadersDisagree;
    }
    // A folder by its attributes whose name says file, with content: seen by some, not by others.
    const bool folder = (attributes & 0x10) != 0 || (attributes >> 28) == 4;
    if ((folder || IsFolderName(header.name)) && header.size > 0) {
      out_->oddities |= kZipHeadersDisagree;
    }
    entry.comment = PieceOf(zip_, at - comment, comment);
    if (const Bytes text = entry.comment; text.find("PK") != Bytes::npos) {
      if (text.find(kLocalSig) != Bytes::npos || text.find(kCentralSig) != Bytes::npos ||
          text.find(kEnd64Sig) != Bytes::npos) {
        out_->oddities |= kZipHiddenEntry;
      }
    }
    if (seen_.insert({entry.header_offset, header.name}).second) {
      out_->entries.push_back(std::move(entry));
    } else if (is_main) {
      out_->oddities |= kZipDuplicateEntry;
    }
    return at;
  }

  // REQUIRES: a local signature at `at`.
  void ReadLocal(uint64_t at, ZipEntry* entry) {
    entry->has_local = true;
    entry->header_offset = at;
    ZipHeader& header = entry->local;
    header.flags = static_cast<uint16_t>(in_.U16(at + 6));
    header.method = static_cast<uint16_t>(in_.U16(at + 8));
    header.time = in_.U32(at + 10);
    header.crc = in_.U32(at + 14);
    header.packed = in_.U32(at + 18);
    header.size = in_.U32(at + 22);
    const uint32_t name = in_.U16(at + 26);
    const uint32_t extra = in_.U16(at + 28);
    header.name = NameOf(zip_, at + 30, name);
    ReadExtra(PieceOf(zip_, at + 30 + name, std::min<uint64_t>(extra, kExtraBytes)),
              PieceOf(zip_, at + 30, name), &header, nullptr, entry);
    entry->data_offset = at + 30 + name + extra;
  }

  // Extra fields: zip64 sizes (0x0001) where the header says FFFFFFFF, Unicode path (0x7075), AES
  // (0x9901).
  void ReadExtra(Bytes extra, Bytes name, ZipHeader* header, uint64_t* offset, ZipEntry* entry) {
    bool wide = false;
    while (extra.size() >= 4) {
      const LittleEndian in(extra);
      const uint32_t id = in.U16(0);
      const uint32_t length = in.U16(2);
      const Bytes field = PieceOf(extra, 4, length);
      if (id == 0x0001) {
        if (wide || !ReadZip64(field, header, offset, entry)) {
          out_->oddities |= kZipHeadersDisagree;
          AddSize(LittleEndian(field).U64(0), entry);
          AddSize(LittleEndian(field).U64(8), entry);
        }
        wide = true;
      } else if (id == 0x7075 && field.size() > 5) {
        ReadUnicodeName(field, name, entry);
      } else if (id == 0x9901 && field.size() >= 7) {
        header->aes = std::string(field.substr(0, 7));
      }
      extra = extra.size() <= 4U + length ? Bytes() : extra.substr(4U + length);
    }
  }

  static void AddSize(uint64_t packed, ZipEntry* entry) {
    if (packed > 0 && entry->other_packed.size() < kOthers) {
      entry->other_packed.push_back(packed);
    }
  }

  // False: it says otherwise than a header that needs no second word.
  static bool ReadZip64(Bytes field, ZipHeader* header, uint64_t* offset, ZipEntry* entry) {
    const LittleEndian in(field);
    const bool asked = header->size == UINT32_MAX || header->packed == UINT32_MAX ||
                       (offset != nullptr && *offset == UINT32_MAX);
    uint64_t at = 0;
    if (header->size == UINT32_MAX && field.size() >= at + 8) {
      header->size = in.U64(at);
      at += 8;
    }
    if (header->packed == UINT32_MAX && field.size() >= at + 8) {
      header->packed = in.U64(at);
      at += 8;
    }
    if (offset != nullptr && *offset == UINT32_MAX && field.size() >= at + 8) {
      *offset = in.U64(at);
    }
    if (asked || field.size() < 16) {
      return true;
    }
    // Zeros were meant to be filled in and were not (minizip, so GDAL's KMZ): no reader takes them.
    const bool empty = in.U64(0) == 0 && in.U64(8) == 0;
    if (empty || (in.U64(0) == header->size && in.U64(8) == header->packed)) {
      return true;
    }
    AddSize(in.U64(8), entry);
    return (header->flags & kFlagDescriptor) != 0 && header->packed == 0;
  }

  // Archivers write the real name here and an approximation into the header: "Cong van.docx". What
  // changes the extension, or is not what the specification asks for, is read by some only.
  void ReadUnicodeName(Bytes field, Bytes name, ZipEntry* entry) {
    const std::string unicode = NameOf(field, 5, field.size());
    const bool valid = field[0] == 1 && LittleEndian(field).U32(1) == Crc32(name);
    const bool known = std::find(entry->unicode_names.begin(), entry->unicode_names.end(),
                                 unicode) != entry->unicode_names.end();
    const bool differs = Bytes(unicode) != name && (!entry->unicode_names.empty() || !valid ||
                                                    !SameKindOfName(name, unicode));
    if (!known && differs) {
      out_->oddities |= kZipHeadersDisagree;
    }
    if (!known && entry->unicode_names.size() < kOthers) {
      entry->unicode_names.push_back(unicode);
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
    const bool sizes_later = (l.flags & kFlagDescriptor) != 0 && l.packed == 0 &&
                             (l.size == 0 || l.size == c.size);  // libarchive knows the latter
    bool disagree = (local_name != central_name && !hidden_local) || l.method != c.method ||
                    ((l.flags ^ c.flags) & (kFlagEncrypted | kFlagStrong)) != 0;
    if (!sizes_later && !hidden_local) {
      disagree =
          disagree || l.packed != c.packed || l.size != c.size || (l.crc != c.crc && l.crc != 0);
    }
    if ((l.flags & kFlagDescriptor) != 0 && !disagree && !DescriptorAgrees(entry)) {
      disagree = true;
    }
    if (disagree) {
      out_->oddities |= kZipHeadersDisagree;
    }
  }

  // A descriptor with its signature stands behind the data and says what the directory says, in 32
  // or 64 bits. One that is missing is a matter of the writer.
  bool DescriptorAgrees(const ZipEntry& entry) const {
    const uint64_t at = DataEnd(entry);
    const ZipHeader& c = entry.central;
    if (!ZipHas(zip_, at, kDescriptorSig)) {
      return true;
    }
    const bool narrow = in_.U32(at + 8) == c.packed && in_.U32(at + 12) == c.size;
    const bool wide = in_.U64(at + 8) == c.packed && in_.U64(at + 16) == c.size;
    return in_.U32(at + 4) == c.crc && (narrow || wide);
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
    return after != out_->entries.begin() && (after - 1)->has_local &&
           at >= (after - 1)->data_offset && at < DataEnd(*(after - 1));
  }

  // Gaps: before the first entry, between entries, and behind the end record; and the comment.
  void LookBetween(const ZipEnd& main) {
    std::vector<std::pair<uint64_t, uint64_t>> taken;
    for (const ZipEntry& entry : out_->entries) {
      if (entry.has_local) {
        taken.emplace_back(entry.header_offset, DataEnd(entry));
      }
    }
    const uint64_t directory = main.places.front().begin;
    uint64_t covered = 0;
    for (size_t i = 0; i < taken.size(); ++i) {
      if (taken[i].first < covered) {
        out_->oddities |= kZipOverlap;
      } else if (taken[i].first > covered) {
        LookInGap(covered, taken[i].first, i == 0);
      }
      covered = std::max(covered, taken[i].second);
    }
    if (covered < directory && directory <= zip_.size()) {
      LookInGap(covered, directory, taken.empty());
    } else if (covered > directory && !taken.empty()) {
      out_->oddities |= kZipOverlap;
    }
    const Bytes comment = PieceOf(zip_, main.at + 22, main.tail - main.at - 22);
    if (comment.find(kLocalSig) != Bytes::npos || comment.find(kCentralSig) != Bytes::npos) {
      out_->oddities |= kZipConcatenated;
    }
    if (main.tail < zip_.size()) {
      const Bytes tail = zip_.substr(main.tail);
      out_->oddities |= tail.find("PK") == Bytes::npos ? kZipTrailingData : kZipConcatenated;
    } else if (main.tail > zip_.size()) {
      out_->oddities |= kZipTrailingData;
    }
  }

  void LookInGap(uint64_t begin, uint64_t end, bool leading) {
    const Bytes gap = zip_.substr(begin, end - begin);
    if (gap.find(kLocalSig) != Bytes::npos || gap.find(kCentralSig) != Bytes::npos) {
      out_->oddities |= kZipHiddenEntry;
    } else if (leading && gap != "PK00" && gap != kDescriptorSig &&  // marks of split archives
               gap.find_first_not_of('\0') != Bytes::npos) {
      out_->oddities |= kZipLeadingData;
    }
  }

  // Reads local headers: one behind the other, as a streaming reader does, or every one there is.
  void Walk(uint64_t begin, uint64_t end, bool everywhere) {
    uint64_t at = zip_.find(kLocalSig, begin);
    while (at != Bytes::npos && at < end) {
      if (known_locals_.count(at) == 0) {
        if (out_->entries.size() >= max_entries_) {
          out_->truncated = true;
          return;
        }
        ZipEntry entry;
        ReadLocal(at, &entry);
        if (entry.data_offset <= end) {
          const uint64_t next = entry.data_offset + BoundSize(end, &entry);
          known_locals_.insert(at);
          entry.by_signature = everywhere;
          out_->entries.push_back(std::move(entry));
          at = zip_.find(kLocalSig, everywhere ? at + 4 : std::max(next, at + 4));
          continue;
        }
      }
      at = zip_.find(kLocalSig, at + 4);
    }
  }

  // The packed size of an entry that only its local header tells of.
  uint64_t BoundSize(uint64_t end, ZipEntry* entry) {
    ZipHeader& header = entry->local;
    if ((header.flags & kFlagDescriptor) != 0 && header.packed == 0) {
      header.packed = StreamedSize(*entry, end);
    }
    header.packed = std::min<uint64_t>(header.packed, zip_.size() - entry->data_offset);
    return header.packed;
  }

  // The packed size of an entry whose sizes stand behind it.
  uint64_t StreamedSize(const ZipEntry& entry, uint64_t end) {
    const Bytes rest = zip_.substr(entry.data_offset, end - entry.data_offset);
    if (entry.local.method == 8 && probe_left_ > 0) {
      const Inflated probe = Inflate(rest, std::min<uint64_t>(probe_left_, 8ULL << 20));
      probe_left_ -= std::min<uint64_t>(probe_left_, probe.bytes.size() + probe.consumed + 4096);
      if (probe.complete) {
        return probe.consumed;
      }
    }
    return NextRecord(entry.data_offset) - entry.data_offset;
  }

  // The next signature of any kind, or the end. Positions are asked for in rising order almost
  // always, so the last answer saves the search where many headers precede one far signature.
  uint64_t NextRecord(uint64_t from) {
    if (from >= record_from_ && from <= record_at_) {
      return record_at_;
    }
    uint64_t at = zip_.find("PK", from);
    while (at != Bytes::npos && !ZipHas(zip_, at, kDescriptorSig) && !ZipHas(zip_, at, kLocalSig) &&
           !ZipHas(zip_, at, kCentralSig)) {
      at = zip_.find("PK", at + 2);
    }
    record_from_ = from;
    record_at_ = at == Bytes::npos ? zip_.size() : at;
    return record_at_;
  }

  void Finish(uint64_t directory) {
    Sort();
    uint64_t next = std::max<uint64_t>(directory, 0);
    uint64_t last_header = UINT64_MAX;
    for (size_t i = out_->entries.size(); i-- > 0;) {
      ZipEntry& entry = out_->entries[i];
      if (entry.header_offset != last_header) {
        next = last_header == UINT64_MAX ? std::max(directory, entry.data_offset) : last_header;
        last_header = entry.header_offset;
      }
      const uint64_t end = std::min<uint64_t>(next, zip_.size());
      entry.extent = end > entry.data_offset ? end - entry.data_offset : 0;
    }
    NameSet names;
    for (const ZipEntry& entry : out_->entries) {
      switch (names.Add(entry.best().name, entry.is_folder())) {
        case NameSet::kSame:
          out_->oddities |= kZipDuplicateEntry;
          break;
        case NameSet::kSameButCase:
          out_->oddities |= kZipCaseDuplicate;
          break;
        case NameSet::kNew:
          break;
      }
      if (IsUnsafeName(entry.best().name)) {
        out_->oddities |= kZipUnsafeName;
      }
    }
  }

  Bytes zip_;
  LittleEndian in_;
  size_t max_entries_;
  ZipDirectory* out_;
  uint64_t probe_left_ = kProbeBytes;
  uint64_t record_from_ = 1;
  uint64_t record_at_ = 0;
  std::set<std::pair<uint64_t, std::string>> seen_;
  std::set<uint64_t> known_locals_;
};

}  // namespace

bool ZipEntry::is_folder() const {
  return IsFolderName(best().name) && central.size == 0 && local.size == 0 && best().packed <= 2 &&
         ((local.flags & kFlagDescriptor) == 0 || extent <= 26);
}

ZipDirectory ReadZipDirectory(Bytes zip, size_t max_entries) {
  ZipDirectory out;
  DirectoryReader(zip, max_entries, &out).Run();
  return out;
}

}  // namespace gatepost::decode
