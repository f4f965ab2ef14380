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
#include "src/decode/rar5_header.h"
#include "src/decode/reader.h"
#include "src/decode/unlock.h"

namespace gatepost::decode {

namespace {

constexpr size_t kRar5Signature = 8;
constexpr uint64_t kMostRar5Header = 2ULL << 20;

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
    if ((header.flags & kRar5SplitBefore) != 0) {
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
      made = WrittenRar5File(header, file, {}, "");
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
      const bool alone = !file.is_solid() && (header.flags & kRar5SplitAfter) == 0;
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
    const bool whole =
        (header.flags & kRar5SplitAfter) == 0 && (file.flags & kRar5FileOfUnknownSize) == 0;
    std::string data = AesCbc(key, extra.lock.vector, header.data);
    if (file.is_stored() && whole && file.size < data.size()) {
      data.resize(file.size);  // behind it is what fills the last block
    }
    Rar5File plain = file;
    plain.crc = keyed ? Bytes() : file.crc;
    return WrittenRar5File(header, plain, keyed ? extra.others : extra.hash + extra.others, data);
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
