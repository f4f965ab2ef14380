// Whose keys open held mail: the ring (public keys, by category) and the files of private keys.
// Formats and how to live with them: src/record/KEYS.md.
// LIMITS: 200 keys; a private key under a passphrase costs 256 MiB and about a second to open.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/base/seal.h"

namespace gatepost::record {

enum class KeyKind : uint8_t {
  kPerson,   // of a reviewer; its private file bears a passphrase
  kService,  // of the release service: for the categories that are `online`
  kEscrow,   // of nobody in daily life: its private part is kept off-line
};
const char* ToString(KeyKind kind);

struct RingKey {
  std::string id;  // the first 16 hex digits of SHA-256 over the public key
  std::string name;
  KeyKind kind = KeyKind::kPerson;
  std::string public_key;            // 32 bytes
  std::set<std::string> categories;  // empty: all. kService: as `online` says at each moment
  int64_t made_at_ms = 0;

  bool Opens(const std::string& category, const std::set<std::string>& online) const;
};
std::string KeyIdOf(Bytes public_key);

class KeyRing {
 public:
  // FOLDER/ring.json; a missing one is an empty ring.
  static Result<KeyRing> Load(const std::string& folder);
  // Durable. The folder is made when missing.
  Status Save(const std::string& folder) const;

  bool empty() const { return keys_.empty(); }
  const std::vector<RingKey>& keys() const { return keys_; }
  const RingKey* FindName(const std::string& name) const;
  const RingKey* FindId(const std::string& id) const;
  // kInvalid: the name or the key is there already, or the name is none.
  Status Add(RingKey key);
  // False: there is none.
  bool Remove(const std::string& name);
  // Whose keys mail of this category is sealed for: where no person's key opens it, every escrow
  // key's, whatever categories it was entered for.
  std::vector<RingKey> For(const std::string& category, const std::set<std::string>& online) const;
  // Does the key of a person open it? Escrow is nobody's in daily life, and the service no reader.
  bool HasReader(const std::string& category) const;
  // Those of `categories` that nobody could read without the key of that name, whose owner can now.
  std::vector<std::string> OnlyReaderOf(const std::string& name,
                                        const std::set<std::string>& categories) const;

 private:
  std::vector<RingKey> keys_;
};
std::string RingFile(const std::string& folder);

struct PrivateKey {
  std::string id, name;
  KeyKind kind = KeyKind::kPerson;
  std::string public_key;
  Secret secret;
};
PrivateKey MakePrivateKey(const std::string& name, KeyKind kind);
RingKey PublicPart(const PrivateKey& key);
// A new file, 0600; never over one that exists. Without a passphrase (the release service's) the
// key stands in it as it is. `like_folder`: root gives it to that folder's owner; "" it stays
// root's.
Status WritePrivateKey(const std::string& file, const PrivateKey& key, const Secret* passphrase,
                       const PassphraseCost& cost, const std::string& like_folder = {});
// Does opening this file need a passphrase?
Result<bool> NeedsPassphrase(const std::string& file);
// passphrase: not looked at where none is needed. kInvalid: another passphrase, or no key file.
Result<PrivateKey> ReadPrivateKey(const std::string& file, const Secret& passphrase);
// The same from what stands in the file; `file` is its name in errors.
Result<PrivateKey> ParsePrivateKey(const std::string& file, const std::string& text,
                                   const Secret& passphrase);
// The public part as one JSON line, for `keys add --public`.
std::string PublicLine(const RingKey& key);
Result<RingKey> ReadPublicLine(const std::string& where, const std::string& text);

// One message's key, sealed for each key of a list: the text of ID.keys.
Result<std::string> WrapKey(const Secret& file_key, const std::vector<RingKey>& keys);
struct WrappedKey {
  std::string key_id, box;
};
Result<std::vector<WrappedKey>> ReadWrapped(const std::string& where, const std::string& text);
std::string WrappedToText(const std::vector<WrappedKey>& wrapped);
// kInvalid: sealed for others, or damaged.
Result<Secret> UnwrapKey(const std::string& where, const std::string& text, const PrivateKey& key);

}  // namespace gatepost::record
