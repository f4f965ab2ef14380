// Digests and random bytes (OpenSSL and libsodium behind their doors).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <memory>
#include <string>

#include "src/base/bytes.h"

namespace gatepost {

// SHA-256 (FIPS 180-4), lower-case hex, 64 characters.
std::string Sha256Hex(Bytes data);
// The 32 bytes themselves.
std::string Sha256Bytes(Bytes data);

// Incremental SHA-256.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void Update(Bytes data);
  // Call once.
  std::string FinishHex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// HMAC-SHA-256 (RFC 2104) as lower-case hex; the key is hashed to 32 bytes first.
std::string HmacSha256Hex(Bytes key, Bytes data);
// From the kernel's generator.
std::string RandomBytes(size_t count);
// Constant time in the length of a.
bool EqualSecret(Bytes a, Bytes b);

}  // namespace gatepost
