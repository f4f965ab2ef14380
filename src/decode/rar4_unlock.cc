// RAR 3 and 4 (technote.txt of RAR 3.93) with AES-128, names too. There is no check value: the
// checksum of a header or of a file says whether a word is right. The archive is written once more
// without encryption; blocks that are no files are left out.
// LIMITS: twice archive_members blocks; one word for all files of an archive; the ciphers before
// RAR 2.9 stay locked.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/cipher.h"
#include "src/decode/inflate.h"
#include "src/decode/reader.h"
#include "src/decode/unlock.h"

namespace gatepost::decode {

namespace {

constexpr size_t kRar4Signature = 7;
constexpr size_t kRar4Block = 16;
constexpr size_t kRar4Salt = 8;
constexpr size_t kRar4Head = 7;       // checksum, kind, flags, size
constexpr size_t kRar4FileHead = 32;  // up to the name, or the high halves of the sizes

enum Rar4Kind : uint32_t { kRar4Main = 0x73, kRar4File = 0x74, kRar4End = 0x7b };
enum Rar4Flag : uint32_t {
  kRar4SplitBefore = 0x01,
  kRar4SplitAfter = 0x02,
  kRar4Locked = 0x04,
  kRar4Solid = 0x10,
  kRar4HeadersLocked = 0x80,
  kRar4Large = 0x100,
  kRar4HasSalt = 0x400,
  kRar4HasData = 0x8000,
};

struct Rar4Header {
  std::string head;  // all of it, without encryption
  Bytes data;
  uint32_t kind() const { return LittleEndian(head).U8(2); }
  uint32_t flags() const { return LittleEndian(head).U16(3); }
  // Of files.
  bool locked() const { return (flags() & kRar4Locked) != 0; }
  uint64_t size() const {
    const uint64_t high = (flags() & kRar4Large) != 0 ? LittleEndian(head).U32(36) : 0;
    return high << 32 | LittleEndian(head).U32(11);
  }
  uint32_t crc() const { return LittleEndian(head).U32(16); }
  uint32_t version() const { return LittleEndian(head).U8(24); }
  bool is_stored() const { return LittleEndian(head).U8(25) == 0x30; }
  size_t name_end() const {
    return kRar4FileHead + ((flags() & kRar4Large) != 0 ? 8 : 0) + LittleEndian(head).U16(26);
  }
  Bytes salt() const {
    return (flags() & kRar4HasSalt) != 0 ? LittleEndian(head).Slice(name_end(), kRar4Salt)
                                         : Bytes();
  }
};

// With its checksum as it must be.
std::string SealedRar4(std::string head) {
  PutLittle(head.size(), 5, 2, &head);
  PutLittle(Crc32(Bytes(head).substr(2)), 0, 2, &head);
  return head;
}

bool IsRar4Head(Bytes head) {
  const LittleEndian in(head);
  return head.size() >= kRar4Head && in.U16(5) == head.size() && in.U8(2) >= 0x72 &&
         in.U8(2) <= 0x7b && (Crc32(head.substr(2)) & 0xffff) == in.U16(0);
}

class Rar4Opener {
 public:
  Rar4Opener(Bytes archive, Collector* out) : archive_(archive), out_(out), keys_(out) {}

  Unlocked Run() {
    const std::vector<Rar4Header> headers = ReadHeaders();
    const bool files_locked = std::any_of(
        headers.begin(), headers.end(),
        [](const Rar4Header& header) { return header.kind() == kRar4File && header.locked(); });
    result_.locked = result_.locked || files_locked;
    if (!result_.locked || out_->passwords() == nullptr || (!files_locked && word_.empty())) {
      return std::move(result_);
    }
    if (word_.empty()) {
      FindWordOfFiles(headers);
    }
    result_.opened = !word_.empty();
    result_.bytes = std::string(archive_.substr(0, kRar4Signature));
    for (const Rar4Header& header : headers) {
      if (header.kind() == kRar4File) {
        AddFile(header);
      } else if (header.kind() == kRar4Main) {
        std::string head = header.head;
        PutLittle(header.flags() & ~static_cast<uint32_t>(kRar4HeadersLocked), 3, 2, &head);
        result_.bytes += SealedRar4(std::move(head));
      }
    }
    out_->Spend(result_.bytes.size());
    return std::move(result_);
  }

 private:
  std::vector<Rar4Header> ReadHeaders() {
    std::vector<Rar4Header> headers;
    uint64_t at = kRar4Signature;
    bool locked = false;
    for (uint64_t i = 0; i < 2ULL * out_->limits().archive_members; ++i) {
      const Bytes rest = at < archive_.size() ? archive_.substr(at) : Bytes();
      Rar4Header header;
      uint64_t taken = 0;
      if (rest.empty() || !(locked ? ReadLocked(rest, &header.head, &taken)
                                   : ReadPlain(rest, &header.head, &taken))) {
        result_.cut = !rest.empty();
        return headers;
      }
      at += taken;
      const LittleEndian head(header.head);
      if (header.kind() == kRar4File || (header.flags() & kRar4HasData) != 0) {
        uint64_t size = head.U32(7);
        if (header.kind() == kRar4File && (header.flags() & kRar4Large) != 0) {
          size |= static_cast<uint64_t>(head.U32(32)) << 32;
        }
        header.data = LittleEndian(archive_).Slice(at, size);
        at += header.data.size();
      }
      if (header.kind() == kRar4End) {
        return headers;
      }
      locked = locked || (header.kind() == kRar4Main && (header.flags() & kRar4HeadersLocked) != 0);
      result_.locked = result_.locked || locked;
      headers.push_back(std::move(header));
    }
    result_.cut = true;
    return headers;
  }

  static bool ReadPlain(Bytes rest, std::string* head, uint64_t* taken) {
    *taken = LittleEndian(rest).U16(5);
    *head = std::string(rest.substr(0, *taken));
    return IsRar4Head(*head);
  }

  // Salt, then the header, filled up to whole blocks.
  bool ReadLocked(Bytes rest, std::string* head, uint64_t* taken) {
    if (out_->passwords() == nullptr) {
      return false;
    }
    if (!word_.empty()) {
      return ReadLockedWith(word_, rest, head, taken);
    }
    for (const std::string& word : *out_->passwords()) {
      if (ReadLockedWith(word, rest, head, taken)) {
        word_ = word;
        return true;
      }
      if (spent_) {
        break;
      }
    }
    return false;
  }

  bool ReadLockedWith(const std::string& word, Bytes rest, std::string* head, uint64_t* taken) {
    const std::string* key = Key(word, rest.substr(0, kRar4Salt));
    if (key == nullptr || rest.size() < kRar4Salt + kRar4Block) {
      return false;
    }
    const Bytes locked = rest.substr(kRar4Salt);
    const std::string first = Decrypt(*key, locked.substr(0, kRar4Block));
    const uint64_t size = LittleEndian(first).U16(5);
    const uint64_t padded = (size + kRar4Block - 1) / kRar4Block * kRar4Block;
    if (size < kRar4Head || padded > locked.size()) {
      return false;
    }
    *head = Decrypt(*key, locked.substr(0, padded));
    head->resize(size);
    *taken = kRar4Salt + padded;
    return IsRar4Head(*head);
  }

  const std::string* Key(const std::string& word, Bytes salt) {
    const std::string* key = keys_.Rar4(word, salt);
    // A word too long has no key, and the share of tries is asked for anew.
    spent_ = spent_ || (key == nullptr && !out_->TakeTry(0));
    return key;
  }

  static std::string Decrypt(const std::string& key, Bytes data) {
    return AesCbc(Bytes(key).substr(0, kRar4Block), Bytes(key).substr(kRar4Block), data);
  }

  // The cheapest file that can be unpacked by itself.
  void FindWordOfFiles(const std::vector<Rar4Header>& headers) {
    const Rar4Header* trial = nullptr;
    uint64_t least = UINT64_MAX;
    for (const Rar4Header& header : headers) {
      // One or two bytes have the right checksum by chance.
      const uint64_t dear =
          header.data.size() + header.size() + (header.size() < 8 ? 1ULL << 40 : 0);
      if (header.kind() == kRar4File && header.locked() && dear < least && header.size() > 0 &&
          header.size() <= out_->Room() && CanDecrypt(header) &&
          (header.flags() & (kRar4Solid | kRar4SplitBefore | kRar4SplitAfter)) == 0) {
        trial = &header;
        least = dear;
      }
    }
    for (const std::string& word : *out_->passwords()) {
      if (trial == nullptr || spent_) {
        return;
      }
      const std::string* key = Key(word, trial->salt());
      if (key == nullptr) {
        continue;
      }
      if (!out_->TakeTry(CostOfBytes(trial->data.size() + trial->size()))) {
        return;
      }
      const std::string main = std::string("\0\0\x73\0\0\0\0", kRar4Head) + std::string(6, '\0');
      const std::string bytes = UnpackFirst(
          std::string(archive_.substr(0, kRar4Signature)) + SealedRar4(main) + Written(*trial, key),
          trial->size());
      if (bytes.size() == trial->size() && Crc32(bytes) == trial->crc()) {
        word_ = word;
        return;
      }
    }
  }

  static bool CanDecrypt(const Rar4Header& header) { return header.version() >= 29; }

  void AddFile(const Rar4Header& header) {
    if ((header.flags() & kRar4SplitBefore) != 0) {
      result_.cut = true;  // the rest of a file that begins in another volume
      return;
    }
    MemberProof proof;
    if (!header.locked()) {
      result_.bytes += SealedRar4(header.head);
      result_.bytes += header.data;
      result_.proofs.push_back(std::move(proof));
      return;
    }
    const std::string* key =
        word_.empty() || !CanDecrypt(header) ? nullptr : Key(word_, header.salt());
    proof.kind = key == nullptr ? MemberProof::Kind::kLocked : MemberProof::Kind::kCrc;
    proof.crc = header.crc();
    proof.stored = header.is_stored();
    result_.bytes += Written(header, key);
    result_.proofs.push_back(std::move(proof));
  }

  // The file without its lock; without a key, without its data.
  static std::string Written(const Rar4Header& header, const std::string* key) {
    std::string data = key == nullptr ? std::string() : Decrypt(*key, header.data);
    if (header.is_stored() && (header.flags() & kRar4SplitAfter) == 0 &&
        header.size() < data.size()) {
      data.resize(header.size());  // behind it is what fills the last block
    }
    std::string head = header.head;
    if ((header.flags() & kRar4HasSalt) != 0 && header.name_end() <= head.size()) {
      head.erase(header.name_end(), kRar4Salt);
    }
    const uint32_t gone = kRar4Locked | kRar4HasSalt;
    PutLittle(header.flags() & ~gone, 3, 2, &head);
    PutLittle(data.size(), 7, 4, &head);
    if ((header.flags() & kRar4Large) != 0) {
      PutLittle(static_cast<uint64_t>(data.size()) >> 32, 32, 4, &head);
    }
    if (key == nullptr) {
      PutLittle(0, 11, 4, &head);
      PutLittle(0, 16, 4, &head);
      PutLittle(0x30, 25, 1, &head);
      if ((header.flags() & kRar4Large) != 0) {
        PutLittle(0, 36, 4, &head);
      }
    }
    return SealedRar4(std::move(head)) + data;
  }

  Bytes archive_;
  Collector* out_;
  KeyRing keys_;
  Unlocked result_;
  std::string word_;
  bool spent_ = false;
};

}  // namespace

Unlocked UnlockRar4(Bytes archive, Collector* out) { return Rar4Opener(archive, out).Run(); }

}  // namespace gatepost::decode
