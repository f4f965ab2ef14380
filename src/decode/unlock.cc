// Keys of 7z and RAR from the words of a message.
// LIMITS: the tries of a message (Collector::TakeTry), each charged by what it hashes; 2^24 rounds;
// RAR 3 and 4: words of up to 28 UTF-16 units, since longer ones go through a fault of its SHA-1.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/unlock.h"

#include <algorithm>

#include "src/base/utf8.h"
#include "src/decode/charset.h"
#include "src/decode/inflate.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

namespace {

constexpr uint32_t kMostPower = 24;  // of all three programs

// Words as the text spells them; what is not UTF-8 is taken byte by byte.
std::string WordAsUtf16(Bytes word) {
  if (IsUtf8(word)) {
    return Utf8ToUtf16Le(word);
  }
  std::string out;
  for (const char c : word) {
    out.append({c, '\0'});
  }
  return out;
}

// Pieces of `seed` and a counter of `width` bytes, one behind the other, so many that a digest is
// asked rarely: by itself each would cost more to hand over than to hash.
class Counted {
 public:
  Counted(Bytes seed, size_t width) : width_(width), step_(seed.size() + width) {
    for (size_t i = 0; i < kPieces; ++i) {
      bytes_.append(seed).append(width, '\0');
    }
  }
  // The next kPieces, from number `first` on.
  Bytes Take(uint32_t first) {
    for (size_t i = 0; i < kPieces; ++i) {
      uint32_t number = first + static_cast<uint32_t>(i);
      for (size_t digit = 0; digit < std::min<size_t>(width_, 4); ++digit) {
        bytes_[(i + 1) * step_ - width_ + digit] = static_cast<char>(number & 0xff);
        number >>= 8;
      }
    }
    return bytes_;
  }
  static constexpr uint32_t kPieces = 64;  // divides all numbers of rounds that are asked for

 private:
  size_t width_;
  size_t step_;
  std::string bytes_;
};

std::string NameOfKey(char kind, const std::string& word, Bytes salt, uint32_t number) {
  return kind + std::to_string(number) + ':' + std::to_string(salt.size()) + ':' +
         std::string(salt) + word;
}

// About 50 us each (Collector), at what SHA instructions of processors since 2019 do.
constexpr uint64_t kHashedBytes = 50'000;
constexpr uint64_t kPbkdfRounds = 150;

}  // namespace

std::string* KeyRing::Place(const std::string& name, uint64_t cost) {
  const auto found = keys_.find(name);
  if (found != keys_.end()) {
    return &found->second;
  }
  if (!out_->TakeTry(static_cast<uint32_t>(std::min<uint64_t>(cost, UINT32_MAX)))) {
    return nullptr;
  }
  return &keys_[name];
}

const std::string* KeyRing::SevenZip(const std::string& word, Bytes salt, uint32_t power) {
  constexpr uint32_t kNoHash = 0x3f;
  constexpr size_t kKeyBytes = 32;
  if (power > kMostPower && power != kNoHash) {
    return nullptr;
  }
  const std::string seed = std::string(salt) + WordAsUtf16(word);
  const uint64_t rounds = power == kNoHash ? 0 : 1ULL << power;
  std::string* key =
      Place(NameOfKey('7', word, salt, power), 1 + rounds * (seed.size() + 8) / kHashedBytes);
  if (key == nullptr || !key->empty()) {
    return key;
  }
  if (power == kNoHash) {
    *key = seed.substr(0, kKeyBytes);
    key->resize(kKeyBytes, '\0');
    return key;
  }
  Hasher hasher(Digest::kSha256);
  Counted pieces(seed, 8);
  for (uint64_t done = 0; done < rounds; done += Counted::kPieces) {
    const Bytes some = pieces.Take(static_cast<uint32_t>(done));
    const uint64_t left = (rounds - done) * (seed.size() + 8);
    hasher.Update(some.substr(0, left));
  }
  *key = hasher.Finish();
  return key;
}

const std::string* KeyRing::Rar5(const std::string& word, Bytes salt, uint32_t power, Rar5Use use) {
  if (power > kMostPower) {
    return nullptr;
  }
  const uint32_t rounds = (1U << power) + use;
  std::string* key = Place(NameOfKey('5', word, salt, rounds), 1 + rounds / kPbkdfRounds);
  if (key != nullptr && key->empty()) {
    *key = Pbkdf2Sha256(word, salt, rounds, 32);
  }
  return key;
}

const std::string* KeyRing::Rar4(const std::string& word, Bytes salt) {
  constexpr uint32_t kRounds = 1U << 18;
  constexpr uint32_t kRoundsForOne = kRounds / 16;  // a byte of the vector
  constexpr size_t kLongest = 28 * 2;
  const std::string plain = WordAsUtf16(word);
  if (plain.size() > kLongest) {
    return nullptr;
  }
  const std::string seed = plain + std::string(salt);
  std::string* key =
      Place(NameOfKey('4', word, salt, 0), 1 + kRounds * (seed.size() + 3) / kHashedBytes);
  if (key == nullptr || !key->empty()) {
    return key;
  }
  Hasher hasher(Digest::kSha1);
  Counted pieces(seed, 3);
  std::string vector;
  for (uint32_t done = 0; done < kRounds; done += Counted::kPieces) {
    const Bytes some = pieces.Take(done);
    if (done % kRoundsForOne == 0) {
      hasher.Update(some.substr(0, seed.size() + 3));
      vector.push_back(hasher.Peek().back());
      hasher.Update(some.substr(seed.size() + 3));
    } else {
      hasher.Update(some);
    }
  }
  // Words of the digest with the least byte first.
  const std::string digest = hasher.Finish();
  std::string made;
  for (size_t i = 0; i < 16; ++i) {
    made.push_back(digest[i / 4 * 4 + 3 - i % 4]);
  }
  *key = made + vector;
  return key;
}

uint32_t CostOfBytes(uint64_t bytes) {
  constexpr uint64_t kBytes = 16 * 1024;
  return static_cast<uint32_t>(1 + std::min<uint64_t>(bytes / kBytes, UINT32_MAX / 2));
}

bool IsProven(const MemberProof& proof, Bytes member) {
  switch (proof.kind) {
    case MemberProof::Kind::kNone:
      return true;
    case MemberProof::Kind::kLocked:
      return false;
    case MemberProof::Kind::kCrc:
      return Crc32(member) == proof.crc;
    case MemberProof::Kind::kKeyedCrc:
      break;
  }
  // RAR 5: the checksum is told by its HMAC, folded to four bytes.
  const std::string keyed = HmacOf(Digest::kSha256, proof.hash_key, LittleBytes(Crc32(member), 4));
  uint32_t folded = 0;
  for (size_t i = 0; i < keyed.size(); ++i) {
    folded ^= static_cast<uint32_t>(static_cast<unsigned char>(keyed[i])) << (i % 4 * 8);
  }
  return folded == proof.crc;
}

Unlocked UnlockArchive(Bytes archive, Collector* out) {
  if (archive.substr(0, 6) == Bytes("7z\xbc\xaf\x27\x1c", 6)) {
    return UnlockSevenZip(archive, out);
  }
  if (archive.substr(0, 8) == Bytes("Rar!\x1a\x07\x01\x00", 8)) {
    return UnlockRar5(archive, out);
  }
  if (archive.substr(0, 7) == Bytes("Rar!\x1a\x07\x00", 7)) {
    return UnlockRar4(archive, out);
  }
  return {};
}

}  // namespace gatepost::decode
