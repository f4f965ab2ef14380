// RAR 5 (technote.txt of the RAR programs) with AES-256, names too: each word of the message makes
// a key, the check value or the first header says whether it is the right one, and the archive is
// written once more without encryption. Service blocks (comments, recovery) are left out.
// LIMITS: headers of up to 2 MiB, twice archive_members blocks; a file without CRC stays locked, as
// nothing would tell that it was read rightly: libarchive does not compare a BLAKE2.
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

constexpr size_t kRar5Signature = 8;
constexpr uint64_t kMostRar5Header = 2ULL << 20;
constexpr size_t kRar5Block = 16;
constexpr size_t kRar5Salt = 16;
constexpr size_t kRar5Check = 12;

// Numbers of 7 bits a byte, the lowest first.
class Rar5Reader {
 public:
  explicit Rar5Reader(Bytes bytes) : bytes_(bytes) {}
  bool ok() const { return ok_; }
  size_t at() const { return at_; }
  Bytes rest() const { return bytes_.substr(at_); }
  uint64_t Number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at_ >= bytes_.size()) {
        break;
      }
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      value |= shift < 64 ? static_cast<uint64_t>(byte & 0x7f) << shift : 0;
      if ((byte & 0x80) == 0) {
        return value;
      }
    }
    ok_ = false;
    return 0;
  }
  Bytes Take(uint64_t count) {
    if (!ok_ || count > bytes_.size() - at_) {
      ok_ = false;
      return {};
    }
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }

 private:
  Bytes bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

std::string Rar5Number(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) {
    out.push_back(static_cast<char>((value & 0x7f) | 0x80));
  }
  out.push_back(static_cast<char>(value));
  return out;
}

std::string Rar5Integer(uint32_t value) {
  std::string out;
  for (int i = 0; i < 4; ++i, value >>= 8) {
    out.push_back(static_cast<char>(value & 0xff));
  }
  return out;
}

std::string WrittenRar5Block(const std::string& body) {
  const std::string sized = Rar5Number(body.size()) + body;
  return Rar5Integer(Crc32(sized)) + sized;
}

struct Rar5Lock {
  bool found = false;
  uint64_t version = 0;
  uint64_t flags = 0;  // 1: a check value; 2: checksums are keyed
  uint32_t power = 0;
  Bytes salt;
  Bytes vector;
  Bytes check;
};

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

// One block: its header without encryption, and the data behind it as they lie there.
struct Rar5Header {
  enum Kind : uint64_t { kMain = 1, kFile = 2, kLockedHeaders = 4, kEnd = 5 };
  std::string body;  // behind the header's size
  uint64_t kind = 0;
  uint64_t flags = 0;
  Bytes data;
  size_t fields = 0;  // where the fields of its kind begin in the body
  size_t extra = 0;   // where the extra records do
};

// What a file's header says.
struct Rar5File {
  static constexpr uint64_t kMethod = 7 << 7;
  uint64_t flags = 0;
  uint64_t size = 0;
  uint64_t attributes = 0;
  Bytes time;
  Bytes crc;
  uint64_t packing = 0;
  Bytes rest;  // behind the packing, up to the extra records
  bool is_stored() const { return (packing & kMethod) == 0; }
  bool is_solid() const { return (packing & 0x40) != 0; }
};

constexpr uint64_t kSplitBefore = 8;
constexpr uint64_t kSplitAfter = 16;
constexpr uint64_t kFileHasCrc = 4;
constexpr uint64_t kFileOfUnknownSize = 8;
constexpr uint64_t kLockRecord = 1;
constexpr uint64_t kHashRecord = 2;

bool ReadRar5File(const Rar5Header& header, Rar5File* out) {
  Rar5Reader in(Bytes(header.body).substr(header.fields, header.extra - header.fields));
  out->flags = in.Number();
  out->size = in.Number();
  out->attributes = in.Number();
  out->time = (out->flags & 2) != 0 ? in.Take(4) : Bytes();
  out->crc = (out->flags & kFileHasCrc) != 0 ? in.Take(4) : Bytes();
  out->packing = in.Number();
  out->rest = in.rest();
  return in.ok();
}

// The records behind the fields; `others` without lock and hash.
struct Rar5Extra {
  Rar5Lock lock;
  bool locked = false;
  std::string hash;
  std::string others;
};

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

class Rar5Opener {
 public:
  Rar5Opener(Bytes archive, Collector* out) : archive_(archive), out_(out), keys_(out) {}

  Unlocked Run() {
    std::vector<Rar5Header> headers = ReadHeaders();
    const bool files_locked =
        std::any_of(headers.begin(), headers.end(), [](const Rar5Header& header) {
          return header.kind == Rar5Header::kFile && ReadRar5Extra(header).locked;
        });
    result_.locked = result_.locked || files_locked;
    if (!result_.locked || out_->passwords() == nullptr || (!files_locked && word_.empty())) {
      return std::move(result_);
    }
    result_.bytes = std::string(archive_.substr(0, kRar5Signature));
    // What depends on the files before it breaks by itself where one of those stays locked.
    for (const Rar5Header& header : headers) {
      if (header.kind == Rar5Header::kFile) {
        AddFile(header);
      } else if (header.kind == Rar5Header::kMain) {
        result_.bytes += WrittenRar5Block(header.body);
      }
    }
    result_.bytes += WrittenRar5Block(Rar5Number(Rar5Header::kEnd) + Rar5Number(0) + Rar5Number(0));
    out_->Spend(result_.bytes.size());
    return std::move(result_);
  }

 private:
  // All that can be read, from the first block to the end.
  std::vector<Rar5Header> ReadHeaders() {
    std::vector<Rar5Header> headers;
    uint64_t at = kRar5Signature;
    for (uint64_t i = 0; i < 2ULL * out_->limits().archive_members; ++i) {
      Rar5Header header;
      if (!ReadHeader(&at, &header)) {
        result_.cut = at < archive_.size();
        return headers;
      }
      if (header.kind == Rar5Header::kLockedHeaders) {
        result_.locked = true;
        if (header_lock_.found || !UnlockHeaders(header, at)) {
          result_.cut = true;
          return headers;
        }
        continue;
      }
      if (header.kind == Rar5Header::kEnd) {
        return headers;
      }
      headers.push_back(std::move(header));
    }
    result_.cut = true;
    return headers;
  }

  bool ReadHeader(uint64_t* at, Rar5Header* out) {
    const Bytes rest = *at < archive_.size() ? archive_.substr(*at) : Bytes();
    std::string plain;
    uint64_t taken = 0;
    if (header_key_.empty()) {
      const uint64_t size = SizeOf(rest);
      plain = std::string(rest.substr(0, size));
      taken = size;
    } else if (!DecryptHeader(header_key_, false, rest, &plain, &taken)) {
      return false;
    }
    if (!ParseHeader(plain, out)) {
      return false;
    }
    *at += taken;
    if ((out->flags & 2) != 0) {
      out->data = LittleEndian(archive_).Slice(*at, data_size_);
      *at += out->data.size();
    }
    return true;
  }

  // Of a whole header, its checksum and size with it; 0: none.
  static uint64_t SizeOf(Bytes plain) {
    Rar5Reader in(plain);
    in.Take(4);
    const uint64_t size = in.Number();
    return in.ok() && size <= kMostRar5Header ? in.at() + size : 0;
  }

  // Whether a block is of a kind and has flags that the format knows.
  static bool BeginsHeader(Bytes block) {
    Rar5Reader in(block);
    in.Take(4);
    in.Number();
    const uint64_t kind = in.Number();
    const uint64_t flags = in.Number();
    return in.ok() && kind >= Rar5Header::kMain && kind <= Rar5Header::kEnd && flags < 0x80;
  }

  // `trial`: it is not known yet whether the key is right, and what is decrypted in vain is paid
  // for.
  bool DecryptHeader(const std::string& key, bool trial, Bytes rest, std::string* plain,
                     uint64_t* taken) {
    const Bytes vector = rest.substr(0, kRar5Block);
    if (rest.size() < 2 * kRar5Block) {
      return false;
    }
    const std::string first = AesCbc(key, vector, rest.substr(kRar5Block, kRar5Block));
    const uint64_t size = BeginsHeader(first) ? SizeOf(first) : 0;
    const uint64_t padded = (size + kRar5Block - 1) / kRar5Block * kRar5Block;
    *taken = kRar5Block + padded;
    if (size == 0 || *taken > rest.size()) {
      return false;
    }
    spent_ = spent_ || (trial && !out_->TakeTry(CostOfBytes(padded)));
    if (trial && spent_) {
      return false;
    }
    *plain = AesCbc(key, vector, rest.substr(kRar5Block, padded));
    plain->resize(size);
    return Crc32(Bytes(*plain).substr(4)) == LittleEndian(*plain).U32(0);
  }

  bool ParseHeader(Bytes plain, Rar5Header* out) {
    if (plain.size() < 7 || Crc32(plain.substr(4)) != LittleEndian(plain).U32(0)) {
      return false;
    }
    Rar5Reader in(plain);
    in.Take(4);
    in.Number();
    out->body = std::string(in.rest());
    Rar5Reader body(out->body);
    out->kind = body.Number();
    out->flags = body.Number();
    const uint64_t extra = (out->flags & 1) != 0 ? body.Number() : 0;
    data_size_ = (out->flags & 2) != 0 ? body.Number() : 0;
    out->fields = body.at();
    if (!body.ok() || extra > body.rest().size()) {
      return false;
    }
    out->extra = out->body.size() - extra;
    return true;
  }

  bool UnlockHeaders(const Rar5Header& header, uint64_t at) {
    lock_header_ = header;
    header_lock_ = ReadRar5Lock(Bytes(lock_header_.body).substr(lock_header_.fields), false);
    if (!header_lock_.found || out_->passwords() == nullptr) {
      return false;
    }
    const Bytes rest = at < archive_.size() ? archive_.substr(at) : Bytes();
    return FindWord(header_lock_, [&](const std::string& /*word*/, const std::string& key) {
      std::string plain;
      uint64_t taken = 0;
      if (!DecryptHeader(key, true, rest, &plain, &taken)) {
        return false;
      }
      header_key_ = key;
      return true;
    });
  }

  // The word that opened the last one first. `proves` says whether a key is right, where the check
  // value says nothing or that it is.
  template <typename Proves>
  bool FindWord(const Rar5Lock& lock, Proves proves) {
    const std::string last = word_;
    if (!last.empty() && Opens(lock, last, proves)) {
      return true;
    }
    for (const std::string& word : *out_->passwords()) {
      spent_ = spent_ || !out_->TakeTry(1);  // keys are kept, but files can be many
      if (spent_) {
        break;
      }
      if (word != last && Opens(lock, word, proves)) {
        word_ = word;
        result_.opened = true;
        return true;
      }
    }
    return false;
  }

  template <typename Proves>
  bool Opens(const Rar5Lock& lock, const std::string& word, Proves proves) {
    if (!lock.check.empty()) {
      const std::string* made = keys_.Rar5(word, lock.salt, lock.power, KeyRing::kCheck);
      spent_ = spent_ || made == nullptr;
      if (made == nullptr) {
        return false;
      }
      std::string check(8, '\0');
      for (size_t i = 0; i < made->size(); ++i) {
        check[i % 8] = static_cast<char>(check[i % 8] ^ (*made)[i]);
      }
      if (check != lock.check.substr(0, 8)) {
        return false;
      }
    }
    const std::string* key = keys_.Rar5(word, lock.salt, lock.power, KeyRing::kKey);
    spent_ = spent_ || key == nullptr;
    return key != nullptr && proves(word, *key);
  }

  // The file without its lock, or without its data where no word opens it.
  void AddFile(const Rar5Header& header) {
    if ((header.flags & kSplitBefore) != 0) {
      result_.cut = true;  // the rest of a file that begins in another volume
      return;
    }
    Rar5File file;
    const Rar5Extra extra = ReadRar5Extra(header);
    if (!ReadRar5File(header, &file)) {
      result_.cut = true;
      return;
    }
    if (!extra.locked) {
      result_.bytes += WrittenRar5Block(header.body);
      result_.bytes += header.data;
      result_.proofs.emplace_back();
      return;
    }
    std::string made;
    MemberProof proof;
    if (!Decrypt(header, file, extra, &made, &proof)) {
      file.size = 0;
      file.crc = {};
      file.packing &= ~Rar5File::kMethod;
      proof = {};
      proof.kind = MemberProof::Kind::kLocked;
      made = Written(header, file, {}, "");
    }
    result_.bytes += made;
    result_.proofs.push_back(std::move(proof));
  }

  bool Decrypt(const Rar5Header& header, const Rar5File& file, const Rar5Extra& extra,
               std::string* made, MemberProof* proof) {
    if (!extra.lock.found || file.crc.empty()) {
      return false;
    }
    const auto proves = [&](const std::string& word, const std::string& key) {
      // What cannot be unpacked alone is left to the word that opened something already, and its
      // checksum is asked when all is unpacked.
      const bool alone = !file.is_solid() && (header.flags & kSplitAfter) == 0;
      const bool trial = extra.lock.check.empty() && (alone || word != word_);
      if ((trial && !MayTry(header, file)) || !Prove(file, extra, word, proof)) {
        return false;
      }
      *made = Decrypted(header, file, extra, key);
      return !trial || Holds(file, *made, *proof);
    };
    return FindWord(extra.lock, proves);
  }

  static std::string Decrypted(const Rar5Header& header, const Rar5File& file,
                               const Rar5Extra& extra, const std::string& key) {
    const bool keyed = (extra.lock.flags & 2) != 0;
    const bool whole = (header.flags & kSplitAfter) == 0 && (file.flags & kFileOfUnknownSize) == 0;
    std::string data = AesCbc(key, extra.lock.vector, header.data);
    if (file.is_stored() && whole && file.size < data.size()) {
      data.resize(file.size);  // behind it is what fills the last block
    }
    Rar5File plain = file;
    plain.crc = keyed ? Bytes() : file.crc;
    return Written(header, plain, keyed ? extra.others : extra.hash + extra.others, data);
  }

  bool Prove(const Rar5File& file, const Rar5Extra& extra, const std::string& word,
             MemberProof* proof) {
    proof->crc = LittleEndian(file.crc).U32(0);
    proof->kind = MemberProof::Kind::kCrc;
    proof->stored = file.is_stored();
    if ((extra.lock.flags & 2) != 0) {
      const std::string* key = keys_.Rar5(word, extra.lock.salt, extra.lock.power, KeyRing::kHash);
      spent_ = spent_ || key == nullptr;
      if (key == nullptr) {
        return false;
      }
      proof->kind = MemberProof::Kind::kKeyedCrc;
      proof->hash_key = *key;
    }
    return true;
  }

  // Unpacks the file alone, where nothing cheaper says whether the word is right.
  bool MayTry(const Rar5Header& header, const Rar5File& file) {
    if (file.is_solid() || file.size > out_->Room()) {
      return false;
    }
    spent_ = spent_ || !out_->TakeTry(CostOfBytes(header.data.size() + file.size));
    return !spent_;
  }
  bool Holds(const Rar5File& file, const std::string& made, const MemberProof& proof) {
    const std::string main = Rar5Number(Rar5Header::kMain) + Rar5Number(0) + Rar5Number(0);
    const std::string bytes = UnpackFirst(
        std::string(archive_.substr(0, kRar5Signature)) + WrittenRar5Block(main) + made, file.size);
    return bytes.size() == file.size && IsProven(proof, bytes);
  }

  // A file's header and data; `extra` are its records.
  static std::string Written(const Rar5Header& header, const Rar5File& file,
                             const std::string& extra, const std::string& data) {
    constexpr uint64_t kExtraAndData = 3;
    const uint64_t flags = (header.flags & ~kExtraAndData) | (extra.empty() ? 0 : 1) | 2;
    std::string body = Rar5Number(Rar5Header::kFile) + Rar5Number(flags);
    if (!extra.empty()) {
      body += Rar5Number(extra.size());
    }
    body += Rar5Number(data.size());
    body += Rar5Number((file.flags & ~kFileHasCrc) | (file.crc.empty() ? 0 : kFileHasCrc));
    body += Rar5Number(file.size) + Rar5Number(file.attributes);
    body.append(file.time).append(file.crc);
    body += Rar5Number(file.packing);
    body.append(file.rest).append(extra);
    return WrittenRar5Block(body) + data;
  }

  Bytes archive_;
  Collector* out_;
  KeyRing keys_;
  Unlocked result_;
  std::string word_;
  bool spent_ = false;
  uint64_t data_size_ = 0;
  Rar5Header lock_header_;
  Rar5Lock header_lock_;
  std::string header_key_;
};

}  // namespace

Unlocked UnlockRar5(Bytes archive, Collector* out) { return Rar5Opener(archive, out).Run(); }

}  // namespace gatepost::decode
