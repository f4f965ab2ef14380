// Archives that libarchive cannot decrypt, written once more without their lock: 7z and RAR, with
// the words that the message offers. All total.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/decode/cipher.h"
#include "src/decode/collector.h"

namespace gatepost::decode {

// What a member of an unlocked archive must be if the word was right; no more is known of one that
// no word opened.
struct MemberProof {
  enum class Kind : uint8_t { kNone, kLocked, kCrc, kKeyedCrc };
  Kind kind = Kind::kNone;
  uint32_t crc = 0;
  std::string hash_key{};  // of a keyed one (RAR 5)
  bool stored = false;     // nothing but the checksum, which a sender can make fit two words
};

struct Unlocked {
  bool locked = false;  // something in it asks for a password
  bool opened = false;  // and a word was the one
  bool cut = false;     // but what stands behind somewhere could not be read
  std::string bytes;    // without its lock; empty: as it was
  bool stored = false;  // 7z: of some member nothing but the checksum says that it was read rightly
  // By the order of the headers (RAR); empty: libarchive knows the checksums.
  std::vector<MemberProof> proofs;
};
// Tries the words of the collector; while it has none, only `locked` is found out.
Unlocked UnlockArchive(Bytes archive, Collector* out);
// What the first member holds, as far as `limit` and as it can be unpacked (archive.cc).
std::string UnpackFirst(Bytes archive, uint64_t limit);
bool IsProven(const MemberProof& proof, Bytes member);

Unlocked UnlockSevenZip(Bytes archive, Collector* out);
Unlocked UnlockRar5(Bytes archive, Collector* out);
Unlocked UnlockRar4(Bytes archive, Collector* out);

// The keys that words make, each derived once: deriving is what a try costs.
class KeyRing {
 public:
  explicit KeyRing(Collector* out) : out_(out) {}

  // Null: the message has had its share of tries, or the lock asks for more than any program does.
  // The bytes belong to the ring. 7z: 32 bytes.
  const std::string* SevenZip(const std::string& word, Bytes salt, uint32_t power);
  // RAR 5: 32 bytes. kKey is for AES, kHash for keyed checksums, kCheck says whether it is the
  // word.
  enum Rar5Use : uint32_t { kKey = 0, kHash = 16, kCheck = 32 };
  const std::string* Rar5(const std::string& word, Bytes salt, uint32_t power, Rar5Use use);
  // RAR 3 and 4: a key of 16 bytes and an initialisation vector of 16.
  const std::string* Rar4(const std::string& word, Bytes salt);

 private:
  // Where the ring keeps it; null: not derived yet and no more may be.
  std::string* Place(const std::string& name, uint64_t cost);

  Collector* out_;
  std::map<std::string, std::string> keys_;
};

// What one try costs beside its key (Collector::TakeTry): so many bytes are decrypted and unpacked.
uint32_t CostOfBytes(uint64_t bytes);

}  // namespace gatepost::decode
