// Public-key cryptography (libsodium behind one door): sealed boxes (X25519), authenticated streams
// (XChaCha20-Poly1305), signatures (Ed25519), keys under a passphrase (argon2id). Keys travel as
// raw bytes; people and files see them as lower-case hex.
// LIMITS: a stream's piece is at most kStreamPiece bytes of plain text.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace gatepost {

// Bytes that are wiped when they go. Moved, never copied by accident.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) {}
  ~Secret() { Wipe(); }
  Secret(Secret&& other) noexcept { *this = std::move(other); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret Copy() const { return Secret(bytes_); }
  Bytes bytes() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }

 private:
  void Wipe();
  std::string bytes_;
};
void WipeString(std::string* bytes);

constexpr size_t kPublicKeyBytes = 32;  // of both kinds
constexpr size_t kSignatureBytes = 64;

struct KeyPair {
  std::string public_key;  // 32 bytes
  Secret secret_key;       // sealed boxes: 32 bytes; signatures: 64
};

KeyPair MakeBoxKeys();
// The public key that belongs to a secret one. REQUIRES: 32 bytes.
std::string BoxPublicKey(const Secret& secret_key);
// Anyone can close it, the holder of the secret key alone opens it (crypto_box_seal). kInvalid: the
// public key is none.
Result<std::string> BoxSeal(Bytes public_key, Bytes plain);
// kInvalid: not for this key, or damaged.
Result<Secret> BoxOpen(Bytes public_key, const Secret& secret_key, Bytes box);

KeyPair MakeSigningKeys();
std::string Sign(const Secret& secret_key, Bytes text);
bool SignatureFits(Bytes public_key, Bytes text, Bytes signature);

// A stream of pieces whose order, number and end are authenticated
// (crypto_secretstream_xchacha20poly1305); `bound` is authenticated with each piece.
constexpr size_t kStreamPiece = 64U << 10;
constexpr size_t kStreamKeyBytes = 32;
constexpr size_t kStreamHeaderBytes = 24;
constexpr size_t kStreamOverhead = 17;
Secret MakeStreamKey();

class StreamSealer {
 public:
  StreamSealer(const Secret& key, std::string bound);
  ~StreamSealer();
  const std::string& header() const { return header_; }
  std::string Seal(Bytes plain, bool last);

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string bound_, header_;
};

class StreamOpener {
 public:
  // REQUIRES: kStreamHeaderBytes of header.
  StreamOpener(const Secret& key, std::string bound, Bytes header);
  ~StreamOpener();
  // kInvalid: damaged, out of order, or another key or bound text. *last: the stream ends here.
  Status Open(Bytes sealed, std::string* plain, bool* last);

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string bound_;
  bool well_ = false;
};

// What argon2id may cost; the numbers stand beside what was sealed.
struct PassphraseCost {
  uint64_t operations = 3;
  uint64_t memory = 256U << 20;  // bytes
};
struct PassphraseBox {
  PassphraseCost cost;
  std::string salt, nonce, box;
};
// kNoSpace: no memory for the cost.
Result<PassphraseBox> PassphraseSeal(const Secret& plain, const Secret& passphrase,
                                     const PassphraseCost& cost);
// kInvalid: another passphrase, or damaged.
Result<Secret> PassphraseOpen(const PassphraseBox& box, const Secret& passphrase);

// Lower-case hex of both directions. False: not hex, or of odd length.
bool FromHex(std::string_view hex, std::string* out);

}  // namespace gatepost
