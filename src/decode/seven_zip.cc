// LIMITS: the caller's number of folders; 32 coders, inputs and outputs in one (as the LZMA SDK), a
// million packed streams or members; no additional streams and nothing "external". Every count is
// paid for with bytes of the header. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/seven_zip.h"

#include <algorithm>

#include "src/decode/inflate.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

namespace {

constexpr uint64_t kSignatureHeader = 32;
constexpr uint64_t kMostInFolder = 32;
constexpr uint64_t kMostCounted = 1 << 20;

enum class PropertyId : uint8_t {
  kEnd = 0x00,
  kHeader = 0x01,
  kArchiveProperties = 0x02,
  kMainStreamsInfo = 0x04,
  kFilesInfo = 0x05,
  kPackInfo = 0x06,
  kUnpackInfo = 0x07,
  kSubStreamsInfo = 0x08,
  kSize = 0x09,
  kCrc = 0x0a,
  kFolder = 0x0b,
  kUnpackSize = 0x0c,
  kUnpackCount = 0x0d,
  kNames = 0x11,
  kEncodedHeader = 0x17,
};

class HeaderReader : public Cursor {
 public:
  using Cursor::Cursor;
  uint32_t U32() { return LittleEndian(Take(4)).U32(0); }
  // The ones that the first byte begins with say how many bytes follow; its other bits are the
  // highest of the number.
  uint64_t Number() {
    const uint8_t first = Byte();
    uint64_t value = 0;
    uint8_t mask = 0x80;
    for (uint32_t i = 0; i < 8; ++i, mask >>= 1) {
      if ((first & mask) == 0) {
        return value | static_cast<uint64_t>(first & (mask - 1U)) << (8 * i);
      }
      value |= static_cast<uint64_t>(Byte()) << (8 * i);
    }
    return value;
  }
  // A number that says how much of something follows.
  uint64_t Count(uint64_t most) {
    const uint64_t value = Number();
    if (value > most) {
      Fail();
    }
    return ok() ? value : 0;
  }
  bool Is(PropertyId id) {
    if (!ok() || rest().empty() || static_cast<PropertyId>(rest()[0]) != id) {
      return false;
    }
    Take(1);
    return true;
  }
  void Expect(PropertyId id) {
    if (!Is(id)) {
      Fail();
    }
  }

  // Checksums of `count` things, for each whether there is one, and which.
  std::vector<std::pair<bool, uint32_t>> Checksums(uint64_t count) {
    std::vector<std::pair<bool, uint32_t>> out;
    const bool all = Byte() != 0;
    const Bytes bits = all ? Bytes() : Take((count + 7) / 8);
    if (!ok() || (all && count > rest().size() / 4)) {
      Fail();
      return out;
    }
    out.resize(count);
    for (uint64_t i = 0; i < count; ++i) {
      out[i].first = all || (static_cast<unsigned char>(bits[i / 8]) >> (7 - i % 8) & 1) != 0;
    }
    for (auto& one : out) {
      one.second = one.first ? U32() : 0;
    }
    return out;
  }
};

SevenZipFolder ReadFolder(HeaderReader* in) {
  SevenZipFolder folder;
  uint64_t ins = 0;
  uint64_t outs = 0;
  const uint64_t coders = in->Count(kMostInFolder);
  for (uint64_t i = 0; i < coders && in->ok(); ++i) {
    SevenZipCoder coder;
    const uint8_t what = in->Byte();
    coder.id = std::string(in->Take(what & 0x0fU));
    if ((what & 0x10U) != 0) {
      coder.ins = static_cast<uint32_t>(in->Count(kMostInFolder));
      coder.outs = static_cast<uint32_t>(in->Count(kMostInFolder));
    }
    if ((what & 0x20U) != 0) {
      coder.properties = std::string(in->Take(in->Number()));
    }
    if ((what & 0xc0U) != 0) {
      in->Fail();  // reserved
    }
    ins += coder.ins;
    outs += coder.outs;
    folder.coders.push_back(std::move(coder));
  }
  if (ins > kMostInFolder || outs > kMostInFolder || outs == 0 || ins + 1 < outs) {
    in->Fail();
    return folder;
  }
  for (uint64_t i = 0; i + 1 < outs && in->ok(); ++i) {
    const auto input = static_cast<uint32_t>(in->Count(ins - 1));
    folder.bonds.emplace_back(input, static_cast<uint32_t>(in->Count(outs - 1)));
  }
  const uint64_t packed = ins + 1 - outs;
  for (uint64_t i = 0; i < packed && packed > 1 && in->ok(); ++i) {
    folder.packed.push_back(static_cast<uint32_t>(in->Count(ins - 1)));
  }
  if (packed == 1) {
    // The one that no output feeds.
    for (uint32_t i = 0; i < ins; ++i) {
      if (std::none_of(folder.bonds.begin(), folder.bonds.end(),
                       [i](const auto& bond) { return bond.first == i; })) {
        folder.packed.push_back(i);
        break;
      }
    }
  }
  folder.sizes.resize(outs);
  if (folder.packed.size() != packed) {
    in->Fail();
  }
  return folder;
}

// The output that no input takes: what the folder unpacks to.
uint64_t UnpackedSize(const SevenZipFolder& folder) {
  for (uint32_t i = 0; i < folder.sizes.size(); ++i) {
    if (std::none_of(folder.bonds.begin(), folder.bonds.end(),
                     [i](const auto& bond) { return bond.second == i; })) {
      return folder.sizes[i];
    }
  }
  return 0;
}

std::vector<Bytes> ReadPacks(Bytes archive, HeaderReader* in) {
  std::vector<Bytes> packs;
  in->Expect(PropertyId::kPackInfo);
  uint64_t at = in->Count(archive.size());
  const uint64_t count = in->Count(std::min<uint64_t>(in->rest().size(), kMostCounted));
  in->Expect(PropertyId::kSize);
  for (uint64_t i = 0; i < count && in->ok(); ++i) {
    const uint64_t size = in->Count(archive.size());
    if (kSignatureHeader + at + size > archive.size()) {
      in->Fail();
      break;
    }
    packs.push_back(archive.substr(kSignatureHeader + at, size));
    at += size;
  }
  if (in->Is(PropertyId::kCrc)) {
    in->Checksums(count);
  }
  in->Expect(PropertyId::kEnd);
  return packs;
}

void ReadFolders(Bytes archive, size_t most, HeaderReader* in, SevenZipStreams* out) {
  const std::vector<Bytes> packs = ReadPacks(archive, in);
  in->Expect(PropertyId::kUnpackInfo);
  in->Expect(PropertyId::kFolder);
  const uint64_t count = in->Count(most);
  if (in->Byte() != 0) {
    in->Fail();  // external
  }
  size_t pack = 0;
  for (uint64_t i = 0; i < count && in->ok(); ++i) {
    SevenZipFolder folder = ReadFolder(in);
    for (size_t j = 0; j < folder.packed.size() && in->ok(); ++j) {
      if (pack >= packs.size()) {
        in->Fail();
        break;
      }
      folder.packs.push_back(packs[pack++]);
    }
    out->folders.push_back(std::move(folder));
  }
  in->Expect(PropertyId::kUnpackSize);
  for (SevenZipFolder& folder : out->folders) {
    for (uint64_t& size : folder.sizes) {
      size = in->Number();
    }
  }
  if (in->Is(PropertyId::kCrc)) {
    const auto sums = in->Checksums(count);
    for (size_t i = 0; i < sums.size() && i < out->folders.size(); ++i) {
      out->folders[i].has_crc = sums[i].first;
      out->folders[i].crc = sums[i].second;
    }
  }
  in->Expect(PropertyId::kEnd);
  if (pack != packs.size()) {
    in->Fail();
  }
}

// What the header says of the members of each folder.
void ReadMembers(HeaderReader* in, SevenZipStreams* out) {
  std::vector<uint64_t> counts(out->folders.size(), 1);
  const bool told = in->Is(PropertyId::kSubStreamsInfo);
  const uint64_t most = std::min<uint64_t>(in->rest().size(), kMostCounted);
  uint64_t together = out->folders.size();
  if (told && in->Is(PropertyId::kUnpackCount)) {
    together = 0;
    for (uint64_t& count : counts) {
      count = in->Count(most);
      together += count;
    }
  }
  if (together > most + out->folders.size()) {
    in->Fail();
    return;
  }
  // Of each folder all sizes but the last are told.
  const bool sizes = told && in->Is(PropertyId::kSize);
  uint64_t unknown = 0;
  for (size_t i = 0; i < counts.size() && in->ok(); ++i) {
    SevenZipFolder& folder = out->folders[i];
    folder.first_size = UnpackedSize(folder);
    for (uint64_t j = 1; j < counts[i] && in->ok(); ++j) {
      const uint64_t size = sizes ? in->Number() : 0;
      folder.first_size = j == 1 ? size : folder.first_size;
    }
    unknown += counts[i] == 1 && folder.has_crc ? 0 : counts[i];
  }
  std::vector<std::pair<bool, uint32_t>> sums;
  if (told && in->Is(PropertyId::kCrc)) {
    sums = in->Checksums(unknown);
  }
  sums.resize(unknown);
  size_t next = 0;
  for (size_t i = 0; i < counts.size() && in->ok(); ++i) {
    SevenZipFolder& folder = out->folders[i];
    if (counts[i] == 1 && folder.has_crc) {
      folder.first_crc = folder.crc;
      folder.all_have_crc = true;
      continue;
    }
    folder.all_have_crc = counts[i] > 0;
    for (uint64_t j = 0; j < counts[i]; ++j, ++next) {
      folder.first_crc = j == 0 ? sums[next].second : folder.first_crc;
      folder.all_have_crc = folder.all_have_crc && sums[next].first;
    }
  }
  if (told) {
    in->Expect(PropertyId::kEnd);
  }
  in->Expect(PropertyId::kEnd);
}

std::string WrittenNumber(uint64_t value) {
  uint32_t first = 0;
  uint32_t mask = 0x80;
  int more = 0;
  for (; more < 8; ++more, mask >>= 1) {
    if (value < 1ULL << (7 * (more + 1))) {
      first |= static_cast<uint32_t>(value >> (8 * more));
      break;
    }
    first |= mask;
  }
  std::string out(1, static_cast<char>(first));
  for (; more > 0; --more) {
    out.push_back(static_cast<char>(value & 0xff));
    value >>= 8;
  }
  return out;
}

std::string WrittenFolder(const SevenZipFolder& folder) {
  std::string out = WrittenNumber(folder.coders.size());
  for (const SevenZipCoder& coder : folder.coders) {
    const bool simple = coder.ins == 1 && coder.outs == 1;
    const bool properties = !coder.properties.empty();
    out.push_back(
        static_cast<char>(coder.id.size() | (simple ? 0U : 0x10U) | (properties ? 0x20U : 0U)));
    out += coder.id;
    if (!simple) {
      out += WrittenNumber(coder.ins) + WrittenNumber(coder.outs);
    }
    if (properties) {
      out += WrittenNumber(coder.properties.size()) + coder.properties;
    }
  }
  for (const auto& bond : folder.bonds) {
    out += WrittenNumber(bond.first) + WrittenNumber(bond.second);
  }
  for (const uint32_t input : folder.packed) {
    if (folder.packed.size() > 1) {
      out += WrittenNumber(input);
    }
  }
  return out;
}

}  // namespace

bool SevenZipFolder::encrypted() const {
  return std::any_of(coders.begin(), coders.end(),
                     [](const SevenZipCoder& coder) { return coder.encrypts(); });
}

Bytes SevenZipHeader(Bytes archive) {
  const LittleEndian in(archive);
  const uint64_t at = in.U64(12);
  const uint64_t size = in.U64(20);
  if (archive.size() < kSignatureHeader || at > archive.size() || size > archive.size() ||
      kSignatureHeader + at + size > archive.size()) {
    return {};
  }
  const Bytes header = archive.substr(kSignatureHeader + at, size);
  return Crc32(header) == in.U32(28) ? header : Bytes();
}

bool ReadSevenZipStreams(Bytes archive, Bytes header, size_t most, bool* packed_header,
                         SevenZipStreams* out) {
  HeaderReader in(header);
  *packed_header = in.Is(PropertyId::kEncodedHeader);
  if (!*packed_header) {
    in.Expect(PropertyId::kHeader);
    if (in.Is(PropertyId::kArchiveProperties)) {
      while (in.ok() && !in.Is(PropertyId::kEnd)) {
        in.Byte();
        in.Take(in.Number());
      }
    }
    in.Expect(PropertyId::kMainStreamsInfo);
  }
  ReadFolders(archive, most, &in, out);
  out->tail = in.ok() ? in.rest() : Bytes();
  ReadMembers(&in, out);
  return in.ok();
}

std::string WriteSevenZip(const SevenZipStreams& streams) {
  std::string packs;
  std::string pack_sizes;
  std::string folders;
  std::string sizes;
  std::string defined;
  std::string sums;
  size_t pack_count = 0;
  for (size_t i = 0; i < streams.folders.size(); ++i) {
    const SevenZipFolder& folder = streams.folders[i];
    pack_count += folder.packs.size();
    for (const Bytes pack : folder.packs) {
      pack_sizes += WrittenNumber(pack.size());
      packs += pack;
    }
    folders += WrittenFolder(folder);
    for (const uint64_t size : folder.sizes) {
      sizes += WrittenNumber(size);
    }
    if (i % 8 == 0) {
      defined.push_back('\0');
    }
    if (folder.has_crc) {
      defined.back() =
          static_cast<char>(static_cast<unsigned char>(defined.back()) | 0x80U >> i % 8);
      sums += LittleBytes(folder.crc, 4);
    }
  }
  const auto id = [](PropertyId one) { return std::string(1, static_cast<char>(one)); };
  std::string header = id(PropertyId::kHeader) + id(PropertyId::kMainStreamsInfo);
  header += id(PropertyId::kPackInfo) + WrittenNumber(0) + WrittenNumber(pack_count) +
            id(PropertyId::kSize) + pack_sizes + id(PropertyId::kEnd);
  header += id(PropertyId::kUnpackInfo) + id(PropertyId::kFolder) +
            WrittenNumber(streams.folders.size()) + '\0' + folders + id(PropertyId::kUnpackSize) +
            sizes;
  if (!sums.empty()) {
    header += id(PropertyId::kCrc) + '\0' + defined + sums;
  }
  header += id(PropertyId::kEnd);
  if (streams.tail.substr(0, 1) != id(PropertyId::kSubStreamsInfo)) {
    // Where nothing is said of members each folder is one; libarchive wants to hear it.
    header += id(PropertyId::kSubStreamsInfo) + id(PropertyId::kEnd);
  }
  header += streams.tail;
  const std::string start =
      LittleBytes(packs.size(), 8) + LittleBytes(header.size(), 8) + LittleBytes(Crc32(header), 4);
  std::string out("7z\xbc\xaf\x27\x1c\0\4", 8);
  out += LittleBytes(Crc32(start), 4) + start;
  out.reserve(out.size() + packs.size() + header.size());
  return out.append(packs).append(header);
}

std::string WriteSevenZip(const SevenZipFolder& folder) {
  SevenZipStreams streams;
  streams.folders.push_back(folder);
  // One file with the name "m".
  const std::string name("\0m\0\0\0", 5);
  std::string tail(1, static_cast<char>(PropertyId::kEnd));
  tail += std::string(1, static_cast<char>(PropertyId::kFilesInfo)) + WrittenNumber(1);
  tail += std::string(1, static_cast<char>(PropertyId::kNames)) + WrittenNumber(name.size()) + name;
  tail += std::string(2, static_cast<char>(PropertyId::kEnd));
  streams.tail = tail;
  return WriteSevenZip(streams);
}

}  // namespace gatepost::decode
