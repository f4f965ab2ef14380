// The doors to hashing: SHA-256 of OpenSSL, which uses the processor's instructions for it
// (libsodium does not and takes four times as long, a tenth of an inspection), the rest of
// libsodium.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/digest.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <cstdlib>
#include <new>

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

namespace {

constexpr size_t kSha256Bytes = 32;

// Found once: to look it up costs more than to hash a short text.
const EVP_MD* Sha256Kind() {
  static const EVP_MD* const kind = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kind;
}

// A digest that could not be made must not pass for one.
void Require(int good) {
  if (good != 1) {
    std::abort();
  }
}

}  // namespace

struct Sha256::State {
  EVP_MD_CTX* context = nullptr;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  state_->context = EVP_MD_CTX_new();
  if (state_->context == nullptr) {
    throw std::bad_alloc();
  }
  Require(EVP_DigestInit_ex(state_->context, Sha256Kind(), nullptr));
}

Sha256::~Sha256() { EVP_MD_CTX_free(state_->context); }

void Sha256::Update(Bytes data) {
  Require(EVP_DigestUpdate(state_->context, data.data(), data.size()));
}

std::string Sha256::FinishHex() {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  Require(EVP_DigestFinal_ex(state_->context, out, &size));
  return Hex(Bytes(reinterpret_cast<const char*>(out), size));
}

std::string Sha256Bytes(Bytes data) {
  std::string out(kSha256Bytes, '\0');
  unsigned int size = 0;
  Require(EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(out.data()), &size,
                     Sha256Kind(), nullptr));
  return out;
}

std::string Sha256Hex(Bytes data) { return Hex(Sha256Bytes(data)); }

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
