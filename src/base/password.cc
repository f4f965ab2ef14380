// The door to libsodium's password hashing.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/password.h"

#include <sodium.h>

#include <array>

namespace gatepost {

namespace {

constexpr unsigned long long kPasses = 3;
constexpr size_t kMemory = 64U << 20;

}  // namespace

std::string HashPassword(Bytes password) {
  std::array<char, crypto_pwhash_STRBYTES> out{};
  if (sodium_init() < 0 ||
      crypto_pwhash_str_alg(out.data(), password.data(), password.size(), kPasses, kMemory,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return {};
  }
  return out.data();
}

bool VerifyPassword(const std::string& hash, Bytes password) {
  return sodium_init() >= 0 && hash.size() < crypto_pwhash_STRBYTES &&
         crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

}  // namespace gatepost
