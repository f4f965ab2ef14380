// The door to libsodium's hashing.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/digest.h"

#include <sodium.h>

#include <cstdlib>

namespace gatepost {

namespace {

const unsigned char* Data(Bytes s) { return reinterpret_cast<const unsigned char*>(s.data()); }

void RequireSodium() {
  // sodium_init is idempotent and thread-safe; without randomness nothing of ours may run.
  static const int ready = sodium_init();
  if (ready < 0) {
    std::abort();
  }
}

}  // namespace

struct Sha256::State {
  crypto_hash_sha256_state sodium;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { crypto_hash_sha256_init(&state_->sodium); }
Sha256::~Sha256() = default;

void Sha256::Update(Bytes data) {
  crypto_hash_sha256_update(&state_->sodium, Data(data), data.size());
}

std::string Sha256::FinishHex() {
  unsigned char out[crypto_hash_sha256_BYTES];
  crypto_hash_sha256_final(&state_->sodium, out);
  return Hex(Bytes(reinterpret_cast<const char*>(out), sizeof out));
}

std::string Sha256Hex(Bytes data) {
  Sha256 hash;
  hash.Update(data);
  return hash.FinishHex();
}

std::string HmacSha256Hex(Bytes key, Bytes data) {
  unsigned char hashed_key[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hashed_key, Data(key), key.size());
  unsigned char out[crypto_auth_hmacsha256_BYTES];
  crypto_auth_hmacsha256(out, Data(data), data.size(), hashed_key);
  sodium_memzero(hashed_key, sizeof hashed_key);
  return Hex(Bytes(reinterpret_cast<const char*>(out), sizeof out));
}

std::string RandomBytes(size_t count) {
  RequireSodium();
  std::string out(count, '\0');
  randombytes_buf(out.data(), out.size());
  return out;
}

bool EqualSecret(Bytes a, Bytes b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace gatepost
