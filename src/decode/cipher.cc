// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/cipher.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <utility>

namespace gatepost::decode {

namespace {

const EVP_MD* MessageDigest(Digest kind) {
  // Fetched once: to fetch anew for each of a hundred thousand digests would be most of their cost.
  static const std::array<const EVP_MD*, 5> kinds = {
      EVP_MD_fetch(nullptr, "MD5", nullptr), EVP_MD_fetch(nullptr, "SHA1", nullptr),
      EVP_MD_fetch(nullptr, "SHA256", nullptr), EVP_MD_fetch(nullptr, "SHA384", nullptr),
      EVP_MD_fetch(nullptr, "SHA512", nullptr)};
  return kinds[static_cast<size_t>(kind)];
}

const unsigned char* Raw(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

constexpr size_t kBlock = 16;
constexpr size_t kPiece = 1 << 20;  // OpenSSL counts in int

std::string Aes(Bytes key, Bytes iv, Bytes data, bool cbc, bool encrypt) {
  const EVP_CIPHER* cipher = nullptr;
  switch (key.size()) {
    case 16:
      cipher = cbc ? EVP_aes_128_cbc() : EVP_aes_128_ecb();
      break;
    case 24:
      cipher = cbc ? EVP_aes_192_cbc() : EVP_aes_192_ecb();
      break;
    case 32:
      cipher = cbc ? EVP_aes_256_cbc() : EVP_aes_256_ecb();
      break;
    default:
      return {};
  }
  if (cbc && iv.size() != kBlock) {
    return {};
  }
  const std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context(
      EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  if (context == nullptr || EVP_CipherInit_ex(context.get(), cipher, nullptr, Raw(key),
                                              cbc ? Raw(iv) : nullptr, encrypt ? 1 : 0) != 1) {
    return {};
  }
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  std::string out(data.size() - data.size() % kBlock, '\0');
  for (size_t at = 0; at < out.size(); at += kPiece) {
    const Bytes piece = data.substr(at, std::min(kPiece, out.size() - at));
    int written = 0;
    if (EVP_CipherUpdate(context.get(), reinterpret_cast<unsigned char*>(out.data()) + at, &written,
                         Raw(piece), static_cast<int>(piece.size())) != 1) {
      return {};
    }
  }
  return out;
}

}  // namespace

struct Hasher::State {
  const EVP_MD* kind = nullptr;
  EVP_MD_CTX* context = nullptr;
};

Hasher::Hasher(Digest kind) : state_(std::make_unique<State>()) {
  state_->kind = MessageDigest(kind);
  state_->context = EVP_MD_CTX_new();
  EVP_DigestInit_ex(state_->context, state_->kind, nullptr);
}

Hasher::~Hasher() { EVP_MD_CTX_free(state_->context); }

void Hasher::Update(Bytes data) { EVP_DigestUpdate(state_->context, data.data(), data.size()); }

std::string Hasher::Finish() {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(state_->context, out, &size);
  EVP_DigestInit_ex(state_->context, nullptr, nullptr);
  return {reinterpret_cast<const char*>(out), size};
}

std::string Hasher::Peek() const {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> copy(EVP_MD_CTX_new(),
                                                                     &EVP_MD_CTX_free);
  EVP_MD_CTX_copy_ex(copy.get(), state_->context);
  EVP_DigestFinal_ex(copy.get(), out, &size);
  return {reinterpret_cast<const char*>(out), size};
}

size_t DigestSize(Digest kind) {
  constexpr std::array<size_t, 5> kSizes = {16, 20, 32, 48, 64};
  return kSizes[static_cast<size_t>(kind)];
}

std::string DigestOf(Digest kind, Bytes data) {
  Hasher hasher(kind);
  hasher.Update(data);
  return hasher.Finish();
}

std::string HmacOf(Digest kind, Bytes key, Bytes data) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(MessageDigest(kind), key.data(), static_cast<int>(key.size()), Raw(data), data.size(), out,
       &size);
  return {reinterpret_cast<const char*>(out), size};
}

std::string Pbkdf2Sha256(Bytes password, Bytes salt, uint32_t rounds, size_t length) {
  std::string out(length, '\0');
  PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), Raw(salt),
                    static_cast<int>(salt.size()), static_cast<int>(rounds),
                    MessageDigest(Digest::kSha256), static_cast<int>(length),
                    reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

std::string AesCbc(Bytes key, Bytes iv, Bytes data) { return Aes(key, iv, data, true, false); }
std::string AesEcb(Bytes key, Bytes data) { return Aes(key, {}, data, false, false); }
std::string AesCbcEncrypt(Bytes key, Bytes iv, Bytes data) {
  return Aes(key, iv, data, true, true);
}

Rc4::Rc4(Bytes key) : usable_(!key.empty() && key.size() <= 256) {
  for (int i = 0; i < 256; ++i) {
    state_[i] = static_cast<uint8_t>(i);
  }
  uint8_t j = 0;
  for (size_t i = 0; usable_ && i < 256; ++i) {
    j = static_cast<uint8_t>(j + state_[i] + static_cast<uint8_t>(key[i % key.size()]));
    std::swap(state_[i], state_[j]);
  }
}

std::string Rc4::Take(Bytes data) {
  std::string out;
  if (!usable_) {
    return out;
  }
  out.resize(data.size());
  for (size_t at = 0; at < data.size(); ++at) {
    j_ = static_cast<uint8_t>(j_ + state_[++i_]);
    std::swap(state_[i_], state_[j_]);
    const uint8_t sum = static_cast<uint8_t>(state_[i_] + state_[j_]);
    out[at] = static_cast<char>(static_cast<uint8_t>(data[at]) ^ state_[sum]);
  }
  return out;
}

void WarmUpCiphers() {
  for (const Digest kind :
       {Digest::kMd5, Digest::kSha1, Digest::kSha256, Digest::kSha384, Digest::kSha512}) {
    HmacOf(kind, "key", DigestOf(kind, ""));
  }
  const std::string block(kBlock, '\0');
  AesEcb(block, AesCbc(block, block, block));
}

}  // namespace gatepost::decode
