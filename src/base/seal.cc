// The door to libsodium's keys and ciphers.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/seal.h"

#include <sodium.h>

#include <cstdlib>

namespace gatepost {

namespace {

constexpr uint64_t kMostOperations = 16;
constexpr uint64_t kMostMemory = 1U << 30;

const unsigned char* Data(Bytes s) { return reinterpret_cast<const unsigned char*>(s.data()); }
unsigned char* Data(std::string* s) { return reinterpret_cast<unsigned char*>(s->data()); }

void RequireSodium() {
  static const int ready = sodium_init();
  if (ready < 0) {
    std::abort();
  }
}

}  // namespace

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Wipe();
    // A short string lives inside the object: moving leaves its letters behind.
    bytes_ = other.bytes_;
    other.Wipe();
  }
  return *this;
}

void Secret::Wipe() { WipeString(&bytes_); }

void WipeString(std::string* bytes) {
  if (!bytes->empty()) {
    sodium_memzero(bytes->data(), bytes->size());
    bytes->clear();
  }
}

KeyPair MakeBoxKeys() {
  RequireSodium();
  std::string public_key(crypto_box_PUBLICKEYBYTES, '\0');
  std::string secret(crypto_box_SECRETKEYBYTES, '\0');
  crypto_box_keypair(Data(&public_key), Data(&secret));
  KeyPair keys{std::move(public_key), Secret(secret)};
  WipeString(&secret);
  return keys;
}

std::string BoxPublicKey(const Secret& secret_key) {
  std::string public_key(crypto_box_PUBLICKEYBYTES, '\0');
  crypto_scalarmult_base(Data(&public_key), Data(secret_key.bytes()));
  return public_key;
}

Result<std::string> BoxSeal(Bytes public_key, Bytes plain) {
  RequireSodium();
  if (public_key.size() != crypto_box_PUBLICKEYBYTES) {
    return Status::Invalid("a public key has 32 bytes");
  }
  std::string box(crypto_box_SEALBYTES + plain.size(), '\0');
  if (crypto_box_seal(Data(&box), Data(plain), plain.size(), Data(public_key)) != 0) {
    return Status::Invalid("this is no public key that anything can be sealed for");
  }
  return box;
}

Result<Secret> BoxOpen(Bytes public_key, const Secret& secret_key, Bytes box) {
  if (public_key.size() != crypto_box_PUBLICKEYBYTES ||
      secret_key.bytes().size() != crypto_box_SECRETKEYBYTES || box.size() < crypto_box_SEALBYTES) {
    return Status::Invalid("a sealed key is damaged");
  }
  std::string plain(box.size() - crypto_box_SEALBYTES, '\0');
  if (crypto_box_seal_open(Data(&plain), Data(box), box.size(), Data(public_key),
                           Data(secret_key.bytes())) != 0) {
    return Status::Invalid("a sealed key is damaged, or is another's");
  }
  Secret opened(plain);
  WipeString(&plain);
  return opened;
}

KeyPair MakeSigningKeys() {
  RequireSodium();
  std::string public_key(crypto_sign_PUBLICKEYBYTES, '\0');
  std::string secret(crypto_sign_SECRETKEYBYTES, '\0');
  crypto_sign_keypair(Data(&public_key), Data(&secret));
  KeyPair keys{std::move(public_key), Secret(secret)};
  WipeString(&secret);
  return keys;
}

std::string Sign(const Secret& secret_key, Bytes text) {
  if (secret_key.bytes().size() != crypto_sign_SECRETKEYBYTES) {
    return {};
  }
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(Data(&signature), nullptr, Data(text), text.size(),
                       Data(secret_key.bytes()));
  return signature;
}

bool SignatureFits(Bytes public_key, Bytes text, Bytes signature) {
  return public_key.size() == crypto_sign_PUBLICKEYBYTES && signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(Data(signature), Data(text), text.size(), Data(public_key)) ==
             0;
}

Secret MakeStreamKey() {
  RequireSodium();
  std::string key(crypto_secretstream_xchacha20poly1305_KEYBYTES, '\0');
  crypto_secretstream_xchacha20poly1305_keygen(Data(&key));
  Secret secret(key);
  WipeString(&key);
  return secret;
}

static_assert(kStreamOverhead == crypto_secretstream_xchacha20poly1305_ABYTES);
static_assert(kStreamHeaderBytes == crypto_secretstream_xchacha20poly1305_HEADERBYTES);
static_assert(kStreamKeyBytes == crypto_secretstream_xchacha20poly1305_KEYBYTES);

struct StreamSealer::State {
  crypto_secretstream_xchacha20poly1305_state sodium;
  ~State() { sodium_memzero(&sodium, sizeof sodium); }
};

StreamSealer::StreamSealer(const Secret& key, std::string bound)
    : state_(std::make_unique<State>()),
      bound_(std::move(bound)),
      header_(kStreamHeaderBytes, '\0') {
  RequireSodium();
  crypto_secretstream_xchacha20poly1305_init_push(&state_->sodium, Data(&header_),
                                                  Data(key.bytes()));
}
StreamSealer::~StreamSealer() = default;

std::string StreamSealer::Seal(Bytes plain, bool last) {
  std::string sealed(plain.size() + kStreamOverhead, '\0');
  crypto_secretstream_xchacha20poly1305_push(
      &state_->sodium, Data(&sealed), nullptr, Data(plain), plain.size(), Data(bound_),
      bound_.size(), last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0);
  return sealed;
}

struct StreamOpener::State {
  crypto_secretstream_xchacha20poly1305_state sodium;
  ~State() { sodium_memzero(&sodium, sizeof sodium); }
};

StreamOpener::StreamOpener(const Secret& key, std::string bound, Bytes header)
    : state_(std::make_unique<State>()), bound_(std::move(bound)) {
  well_ = key.bytes().size() == kStreamKeyBytes && header.size() == kStreamHeaderBytes &&
          crypto_secretstream_xchacha20poly1305_init_pull(&state_->sodium, Data(header),
                                                          Data(key.bytes())) == 0;
}
StreamOpener::~StreamOpener() = default;

Status StreamOpener::Open(Bytes sealed, std::string* plain, bool* last) {
  unsigned char tag = 0;
  plain->clear();
  if (!well_ || sealed.size() < kStreamOverhead) {
    return Status::Invalid("the sealed content is damaged");
  }
  plain->resize(sealed.size() - kStreamOverhead);
  if (crypto_secretstream_xchacha20poly1305_pull(&state_->sodium, Data(plain), nullptr, &tag,
                                                 Data(sealed), sealed.size(), Data(bound_),
                                                 bound_.size()) != 0) {
    plain->clear();
    well_ = false;
    return Status::Invalid("the sealed content is damaged");
  }
  *last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  return {};
}

namespace {

Result<Secret> FromPassphrase(const PassphraseCost& cost, Bytes salt, const Secret& passphrase) {
  // A file names its own cost: it must not be able to stop the machine.
  if (salt.size() != crypto_pwhash_SALTBYTES || cost.operations < 1 ||
      cost.operations > kMostOperations || cost.memory < crypto_pwhash_MEMLIMIT_MIN ||
      cost.memory > kMostMemory) {
    return Status::Invalid("the key file is damaged: its cost or salt does not fit");
  }
  std::string key(crypto_secretbox_KEYBYTES, '\0');
  if (crypto_pwhash(Data(&key), key.size(), passphrase.bytes().data(), passphrase.bytes().size(),
                    Data(salt), cost.operations, static_cast<size_t>(cost.memory),
                    crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return Status::NoSpace("no memory to derive a key from the passphrase (" +
                           std::to_string(cost.memory >> 20) + " MiB)");
  }
  Secret secret(key);
  WipeString(&key);
  return secret;
}

}  // namespace

Result<PassphraseBox> PassphraseSeal(const Secret& plain, const Secret& passphrase,
                                     const PassphraseCost& cost) {
  RequireSodium();
  PassphraseBox out;
  out.cost = cost;
  out.salt.resize(crypto_pwhash_SALTBYTES);
  randombytes_buf(out.salt.data(), out.salt.size());
  out.nonce.resize(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  randombytes_buf(out.nonce.data(), out.nonce.size());
  GATEPOST_ASSIGN_OR_RETURN(const Secret key, FromPassphrase(cost, out.salt, passphrase));
  out.box.resize(plain.bytes().size() + crypto_aead_xchacha20poly1305_ietf_ABYTES);
  crypto_aead_xchacha20poly1305_ietf_encrypt(Data(&out.box), nullptr, Data(plain.bytes()),
                                             plain.bytes().size(), nullptr, 0, nullptr,
                                             Data(out.nonce), Data(key.bytes()));
  return out;
}

Result<Secret> PassphraseOpen(const PassphraseBox& box, const Secret& passphrase) {
  RequireSodium();
  if (box.nonce.size() != crypto_aead_xchacha20poly1305_ietf_NPUBBYTES ||
      box.box.size() < crypto_aead_xchacha20poly1305_ietf_ABYTES) {
    return Status::Invalid("the key file is damaged");
  }
  GATEPOST_ASSIGN_OR_RETURN(const Secret key, FromPassphrase(box.cost, box.salt, passphrase));
  std::string plain(box.box.size() - crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(Data(&plain), nullptr, nullptr, Data(box.box),
                                                 box.box.size(), nullptr, 0, Data(box.nonce),
                                                 Data(key.bytes())) != 0) {
    return Status::Invalid("the passphrase is not the one of this key file");
  }
  Secret opened(plain);
  WipeString(&plain);
  return opened;
}

bool FromHex(std::string_view hex, std::string* out) {
  out->clear();
  if (hex.size() % 2 != 0) {
    return false;
  }
  const auto nibble = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = nibble(hex[i]);
    const int low = nibble(hex[i + 1]);
    if (high < 0 || low < 0) {
      return false;
    }
    out->push_back(static_cast<char>(high * 16 + low));
  }
  return true;
}

}  // namespace gatepost
