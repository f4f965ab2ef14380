// The digests and ciphers that other programs lock files with. Nothing of ours is protected by
// them: MD5, SHA-1 and RC4 are here because documents that people still open use them.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "src/base/bytes.h"

namespace gatepost::decode {

enum class Digest { kMd5, kSha1, kSha256, kSha384, kSha512 };
// In bytes: 16 to 64.
size_t DigestSize(Digest kind);

// A digest in pieces, used again and again: a lock asks for a hundred thousand of them.
class Hasher {
 public:
  explicit Hasher(Digest kind);
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;
  void Update(Bytes data);
  // The raw digest; the next Update begins a new one.
  std::string Finish();
  // The raw digest of what came so far; the next Update goes on.
  std::string Peek() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string DigestOf(Digest kind, Bytes data);
std::string HmacOf(Digest kind, Bytes key, Bytes data);
// PBKDF2 (RFC 8018 section 5.2) with HMAC-SHA-256.
std::string Pbkdf2Sha256(Bytes password, Bytes salt, uint32_t rounds, size_t length);

// AES (FIPS 197), decrypting whole blocks of 16 bytes; what is left behind the last one is dropped,
// and no padding is taken away. `key` has 16, 24 or 32 bytes, `iv` 16; otherwise empty.
std::string AesCbc(Bytes key, Bytes iv, Bytes data);
std::string AesEcb(Bytes key, Bytes data);
// The other way, for locks whose key is what AES makes of something (RAR 5 and tests).
std::string AesCbcEncrypt(Bytes key, Bytes iv, Bytes data);

// RC4, either way. `key` has 1 to 256 bytes; otherwise empty.
class Rc4 {
 public:
  explicit Rc4(Bytes key);
  // The next bytes of the stream.
  std::string Take(Bytes data);

 private:
  uint8_t state_[256];
  uint8_t i_ = 0;
  uint8_t j_ = 0;
  bool usable_ = false;
};

// Loads what OpenSSL loads late: before the worker's sandbox shuts.
void WarmUpCiphers();

}  // namespace gatepost::decode
