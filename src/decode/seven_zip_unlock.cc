// 7z with AES-256 (coder 06F10701): each word of the message makes a key, the smallest folder says
// whether it is the right one, and the archive is written once more without that coder.
// LIMITS: a folder with a member without checksum stays locked, as
// nothing would tell the word from another; headers of up to 16 MiB, packed up to four times.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/cipher.h"
#include "src/decode/inflate.h"
#include "src/decode/reader.h"
#include "src/decode/seven_zip.h"
#include "src/decode/unlock.h"

namespace gatepost::decode {

namespace {

constexpr uint64_t kMostHeader = 16ULL << 20;
constexpr int kMostLayers = 4;
constexpr size_t kAesBlock = 16;

// The properties of the coder: how many rounds, the salt and the initialisation vector.
struct AesProperties {
  bool usable = false;
  uint32_t power = 0;
  Bytes salt;
  std::string vector;
};

AesProperties ReadAesProperties(Bytes raw) {
  AesProperties out;
  const LittleEndian in(raw);
  const uint32_t first = in.U8(0);
  const uint32_t second = in.U8(1);
  out.power = first & 0x3f;
  size_t salt = 0;
  size_t vector = 0;
  if ((first & 0xc0) != 0) {
    salt = (first >> 7 & 1) + (second >> 4);
    vector = (first >> 6 & 1) + (second & 0x0f);
    out.usable = raw.size() == 2 + salt + vector;
  } else {
    out.usable = raw.size() == 1;
  }
  out.salt = in.Slice(2, salt);
  out.vector = std::string(in.Slice(2 + salt, vector));
  out.usable = out.usable && out.vector.size() <= kAesBlock;
  out.vector.resize(kAesBlock, '\0');
  return out;
}

// Where a coder begins among the inputs or outputs of its folder.
uint32_t FirstOf(const SevenZipFolder& folder, size_t coder, uint32_t SevenZipCoder::*count) {
  uint32_t first = 0;
  for (size_t i = 0; i < coder; ++i) {
    first += folder.coders[i].*count;
  }
  return first;
}

// One coder of a folder that decrypts what is packed.
struct AesCoder {
  size_t coder = 0;
  size_t pack = 0;                     // which of the packed streams it takes
  uint64_t size = 0;                   // of what it makes
  const std::string* feeds = nullptr;  // the coder that takes it; null: the folder's own output
  AesProperties properties;
};

// False: locked in a way that no program writes.
bool FindAesCoders(const SevenZipFolder& folder, std::vector<AesCoder>* out) {
  for (size_t i = 0; i < folder.coders.size(); ++i) {
    const SevenZipCoder& coder = folder.coders[i];
    if (!coder.encrypts()) {
      continue;
    }
    AesCoder found;
    found.coder = i;
    found.properties = ReadAesProperties(coder.properties);
    const uint32_t input = FirstOf(folder, i, &SevenZipCoder::ins);
    const uint32_t output = FirstOf(folder, i, &SevenZipCoder::outs);
    const auto packed = std::find(folder.packed.begin(), folder.packed.end(), input);
    if (coder.ins != 1 || coder.outs != 1 || !found.properties.usable ||
        packed == folder.packed.end()) {
      return false;
    }
    found.pack = static_cast<size_t>(packed - folder.packed.begin());
    found.size = folder.sizes[output];
    const auto bond = std::find_if(folder.bonds.begin(), folder.bonds.end(),
                                   [output](const auto& one) { return one.second == output; });
    for (size_t j = 0; bond != folder.bonds.end() && j < folder.coders.size(); ++j) {
      const uint32_t first = FirstOf(folder, j, &SevenZipCoder::ins);
      if (bond->first >= first && bond->first - first < folder.coders[j].ins) {
        found.feeds = &folder.coders[j].id;
      }
    }
    if (bond == folder.bonds.end() && folder.coders.size() > 1) {
      return false;
    }
    out->push_back(std::move(found));
  }
  return true;
}

// Takes out a coder that FindAesCoders found; a folder of nothing else copies.
void TakeOut(const AesCoder& aes, SevenZipFolder* folder) {
  if (folder->coders.size() == 1) {
    folder->coders[0] = SevenZipCoder{std::string(1, '\0'), "", 1, 1};
    return;
  }
  const uint32_t input = FirstOf(*folder, aes.coder, &SevenZipCoder::ins);
  const uint32_t output = FirstOf(*folder, aes.coder, &SevenZipCoder::outs);
  const auto bond = std::find_if(folder->bonds.begin(), folder->bonds.end(),
                                 [output](const auto& one) { return one.second == output; });
  if (bond == folder->bonds.end()) {
    return;
  }
  folder->packed[aes.pack] = bond->first;
  folder->bonds.erase(bond);
  folder->coders.erase(folder->coders.begin() + static_cast<std::ptrdiff_t>(aes.coder));
  folder->sizes.erase(folder->sizes.begin() + output);
  for (auto& one : folder->bonds) {
    one.first -= one.first > input ? 1 : 0;
    one.second -= one.second > output ? 1 : 0;
  }
  for (uint32_t& one : folder->packed) {
    one -= one > input ? 1 : 0;
  }
}

// Whether data of a method can begin so; for most this is known, and saves unpacking.
bool MayBegin(const std::string* method, Bytes block) {
  if (method == nullptr || block.empty()) {
    return true;
  }
  const auto first = static_cast<unsigned char>(block[0]);
  if (*method == std::string("\3\1\1", 3) || *method == std::string("\3\4\1", 3)) {
    return first == 0;  // LZMA, PPMd: the range coder's first byte
  }
  if (*method == "\x21") {
    return first == 1 || first >= 0xe0;  // LZMA2: no dictionary yet
  }
  if (*method == std::string("\4\2\2", 3)) {
    return block.substr(0, 3) == "BZh";
  }
  return true;
}

// Whether a folder without its lock is still packed, so that not any bytes come out of it: copied
// it is not, nor where filters for programs alone change it.
bool IsCompressed(const SevenZipFolder& folder) {
  return std::any_of(folder.coders.begin(), folder.coders.end(), [](const SevenZipCoder& coder) {
    return coder.id == "\x21" || coder.id == std::string("\3\1\1", 3) ||
           coder.id == std::string("\3\4\1", 3) || (coder.id.size() > 1 && coder.id[0] == '\4');
  });
}

class SevenZipOpener {
 public:
  SevenZipOpener(Bytes archive, Collector* out) : archive_(archive), out_(out), keys_(out) {}

  Unlocked Run() {
    Unlocked result;
    std::deque<std::string> headers;  // unpacked ones
    Bytes header = SevenZipHeader(archive_);
    SevenZipStreams streams;
    for (int layer = 0;; ++layer) {
      bool packed = false;
      streams = {};
      if (layer == kMostLayers ||
          !ReadSevenZipStreams(archive_, header, out_->limits().archive_members, &packed,
                               &streams)) {
        return result;
      }
      if (!packed) {
        break;
      }
      headers.emplace_back();
      if (streams.folders.empty() ||
          !UnpackHeader(streams.folders[0], &headers.back(), &result.locked)) {
        return result;
      }
      header = headers.back();
    }
    SevenZipFolder* trial = nullptr;
    uint64_t least = UINT64_MAX;
    for (SevenZipFolder& folder : streams.folders) {
      if (!folder.encrypted()) {
        continue;
      }
      result.locked = true;
      // One or two bytes have the right checksum by chance, and not every chain of coders is one
      // that libarchive knows.
      const bool doubtful = folder.first_size < 8 || folder.coders.size() > 2;
      const uint64_t dear = folder.first_size + PackedSize(folder) + (doubtful ? 1ULL << 40 : 0);
      if (folder.all_have_crc && folder.first_size > 0 && dear < least) {
        trial = &folder;
        least = dear;
      }
    }
    if (!result.locked || out_->passwords() == nullptr) {
      return result;
    }
    if (trial != nullptr ? !FindWord(*trial, trial->first_size, trial->first_crc, nullptr)
                         : word_.empty()) {
      return result;
    }
    result.opened = true;
    result.bytes = Write(streams, trial);
    result.stored = stored_;
    return result;
  }

 private:
  static uint64_t PackedSize(const SevenZipFolder& folder) {
    uint64_t size = 0;
    for (const Bytes pack : folder.packs) {
      size += pack.size();
    }
    return size;
  }

  // A header that is packed, and perhaps locked.
  bool UnpackHeader(const SevenZipFolder& folder, std::string* header, bool* locked) {
    if (!folder.encrypted()) {
      *header = UnpackFirst(WriteSevenZip(folder), std::min(kMostHeader, out_->Room()));
      out_->Spend(header->size());
      return header->size() == folder.first_size &&
             (!folder.has_crc || Crc32(*header) == folder.crc);
    }
    *locked = true;
    return out_->passwords() != nullptr && folder.has_crc &&
           FindWord(folder, folder.first_size, folder.crc, header);
  }

  // The word that opened the last one first. Its first `size` bytes are what `crc` says.
  bool FindWord(const SevenZipFolder& folder, uint64_t size, uint32_t crc, std::string* first) {
    std::vector<AesCoder> coders;
    if (size > std::min(out_->Room(), out_->limits().leaf_bytes) ||
        !FindAesCoders(folder, &coders) || coders.empty()) {
      return false;
    }
    const std::string last = word_;
    if (!last.empty() && Opens(folder, coders, last, size, crc, first)) {
      return true;
    }
    for (const std::string& word : *out_->passwords()) {
      spent_ = spent_ || !out_->TakeTry(1);  // keys are kept, but folders can be many
      if (spent_) {
        break;
      }
      if (word != last && Opens(folder, coders, word, size, crc, first)) {
        word_ = word;
        return true;
      }
    }
    return false;
  }

  bool Opens(const SevenZipFolder& folder, const std::vector<AesCoder>& coders,
             const std::string& word, uint64_t size, uint32_t crc, std::string* first) {
    for (const AesCoder& aes : coders) {
      const std::string* key = keys_.SevenZip(word, aes.properties.salt, aes.properties.power);
      if (key == nullptr) {
        spent_ = true;
        return false;
      }
      const Bytes pack = folder.packs[aes.pack];
      if (!MayBegin(aes.feeds, AesCbc(*key, aes.properties.vector, pack.substr(0, kAesBlock)))) {
        return false;
      }
    }
    if (!out_->TakeTry(CostOfBytes(size + PackedSize(folder)))) {
      spent_ = true;
      return false;
    }
    SevenZipFolder plain;
    std::deque<std::string> packs;
    if (!Decrypt(folder, word, &plain, &packs)) {
      return false;
    }
    std::string bytes = UnpackFirst(WriteSevenZip(plain), size);
    if (bytes.size() != size || Crc32(bytes) != crc) {
      return false;
    }
    if (first != nullptr) {
      *first = std::move(bytes);
    }
    return true;
  }

  // The folder as it would be without encryption; `packs` owns what its streams are then.
  bool Decrypt(const SevenZipFolder& folder, const std::string& word, SevenZipFolder* plain,
               std::deque<std::string>* packs) {
    std::vector<AesCoder> coders;
    if (!FindAesCoders(folder, &coders)) {
      return false;
    }
    *plain = folder;
    for (size_t i = coders.size(); i-- > 0;) {
      const AesCoder& aes = coders[i];
      const std::string* key = keys_.SevenZip(word, aes.properties.salt, aes.properties.power);
      if (key == nullptr) {
        spent_ = true;
        return false;
      }
      packs->push_back(AesCbc(*key, aes.properties.vector, folder.packs[aes.pack]));
      if (aes.size > packs->back().size()) {
        return false;
      }
      packs->back().resize(aes.size);
      plain->packs[aes.pack] = packs->back();
      TakeOut(aes, plain);
    }
    return true;
  }

  // `tried` was opened with the last word already; others may want another. What none opens is
  // unpacked with that one, and its checksum tells.
  std::string Write(SevenZipStreams& streams, SevenZipFolder* tried) {
    std::deque<std::string> packs;
    const auto unlock = [&](SevenZipFolder* folder) {
      SevenZipFolder plain;
      if (Decrypt(*folder, word_, &plain, &packs)) {
        stored_ = stored_ || !IsCompressed(plain);
        *folder = std::move(plain);
      }
    };
    if (tried != nullptr) {
      unlock(tried);
    }
    for (SevenZipFolder& folder : streams.folders) {
      if (!folder.encrypted() || !folder.all_have_crc) {
        continue;
      }
      if (folder.first_size > 0 && !spent_) {
        FindWord(folder, folder.first_size, folder.first_crc, nullptr);
      }
      unlock(&folder);
    }
    std::string out = WriteSevenZip(streams);
    out_->Spend(out.size());
    return out;
  }

  Bytes archive_;
  Collector* out_;
  KeyRing keys_;
  std::string word_;
  bool spent_ = false;
  bool stored_ = false;
};

}  // namespace

Unlocked UnlockSevenZip(Bytes archive, Collector* out) {
  return SevenZipOpener(archive, out).Run();
}

}  // namespace gatepost::decode
