// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/key_ring.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/utf8.h"

namespace gatepost::record {

namespace {

constexpr size_t kIdSize = 16;
constexpr size_t kMostKeys = 200;
constexpr size_t kMostName = 100;
constexpr const char* kPrivateMark = "gatepost private key";

bool KindFromString(const std::string& word, KeyKind* out) {
  for (const KeyKind kind : {KeyKind::kPerson, KeyKind::kService, KeyKind::kEscrow}) {
    if (word == ToString(kind)) {
      *out = kind;
      return true;
    }
  }
  return false;
}

bool TakeWord(const Json& json, const char* key, std::string* out) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) {
    return false;
  }
  *out = found->get<std::string>();
  return true;
}

bool TakeBytes(const Json& json, const char* key, std::string* out) {
  std::string hex;
  return TakeWord(json, key, &hex) && FromHex(hex, out);
}

bool TakeNumber(const Json& json, const char* key, uint64_t* out) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_unsigned()) {
    return false;
  }
  *out = found->get<uint64_t>();
  return true;
}

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= kMostName && IsUtf8(name) &&
         PrintableUtf8(name, kMostName) == name;
}

Json KeyToJson(const RingKey& key) {
  return {{"id", key.id},
          {"name", key.name},
          {"kind", ToString(key.kind)},
          {"public", Hex(key.public_key)},
          {"categories", key.categories},
          {"made_at", Rfc3339(key.made_at_ms)}};
}

bool KeyFromJson(const Json& json, RingKey* out) {
  std::string kind;
  std::string made_at;
  if (!json.is_object() || !TakeWord(json, "name", &out->name) || !IsName(out->name) ||
      !TakeWord(json, "kind", &kind) || !KindFromString(kind, &out->kind) ||
      !TakeBytes(json, "public", &out->public_key) || out->public_key.size() != kPublicKeyBytes) {
    return false;
  }
  out->id = KeyIdOf(out->public_key);
  if (TakeWord(json, "made_at", &made_at)) {
    out->made_at_ms = std::max<int64_t>(ParseTime(made_at, 0), 0);
  }
  const auto categories = json.find("categories");
  if (categories == json.end()) {
    return true;
  }
  if (!categories->is_array()) {
    return false;
  }
  for (const Json& one : *categories) {
    if (!one.is_string()) {
      return false;
    }
    out->categories.insert(one.get<std::string>());
  }
  return true;
}

}  // namespace

const char* ToString(KeyKind kind) {
  switch (kind) {
    case KeyKind::kPerson:
      return "person";
    case KeyKind::kService:
      return "service";
    case KeyKind::kEscrow:
      return "escrow";
  }
  return "";
}

bool RingKey::Opens(const std::string& category, const std::set<std::string>& online) const {
  return kind == KeyKind::kService ? online.count(category) > 0
                                   : categories.empty() || categories.count(category) > 0;
}

std::string KeyIdOf(Bytes public_key) { return Sha256Hex(public_key).substr(0, kIdSize); }

std::string RingFile(const std::string& folder) { return folder + "/ring.json"; }

Result<KeyRing> KeyRing::Load(const std::string& folder) {
  KeyRing ring;
  const std::string file = RingFile(folder);
  const Result<std::string> text = ReadFile(file);
  if (!text.ok()) {
    return text.status().code() == Code::kNotFound ? Result<KeyRing>(std::move(ring))
                                                   : Result<KeyRing>(text.status());
  }
  GATEPOST_ASSIGN_OR_RETURN(const Json json, ParseJson(file, *text));
  const auto keys = json.is_object() ? json.find("keys") : json.end();
  if (!json.is_object() || keys == json.end() || !keys->is_array()) {
    return Status::Invalid(file + ": is no key ring");
  }
  for (const Json& one : *keys) {
    RingKey key;
    if (!KeyFromJson(one, &key)) {
      return Status::Invalid(file + ": key " + std::to_string(ring.keys_.size() + 1) +
                             " is damaged; restore the file from your backup");
    }
    const Status added = ring.Add(std::move(key));
    if (!added.ok()) {
      return Status::Invalid(file + ": " + added.message());
    }
  }
  return ring;
}

Status KeyRing::Save(const std::string& folder) const {
  GATEPOST_RETURN_IF_ERROR(MakeFolder(folder, 0755));
  Json json = {{"v", 1}, {"keys", Json::array()}};
  for (const RingKey& key : keys_) {
    json["keys"].push_back(KeyToJson(key));
  }
  GATEPOST_RETURN_IF_ERROR(WriteFileDurably(RingFile(folder), json.dump(1) + "\n"));
  // Public keys: the gateway must read them, whoever owns the file.
  return chmod(RingFile(folder).c_str(), 0644) == 0 ? Status()
                                                    : Status::FromErrno(RingFile(folder), errno);
}

const RingKey* KeyRing::FindName(const std::string& name) const {
  const auto found = std::find_if(keys_.begin(), keys_.end(),
                                  [&](const RingKey& one) { return one.name == name; });
  return found == keys_.end() ? nullptr : &*found;
}

const RingKey* KeyRing::FindId(const std::string& id) const {
  const auto found =
      std::find_if(keys_.begin(), keys_.end(), [&](const RingKey& one) { return one.id == id; });
  return found == keys_.end() ? nullptr : &*found;
}

Status KeyRing::Add(RingKey key) {
  if (!IsName(key.name)) {
    return Status::Invalid("'" + PrintableUtf8(key.name, kMostName) +
                           "' is no name for a key: up to 100 bytes, no control characters");
  }
  if (FindName(key.name) != nullptr) {
    return Status::Invalid("the ring has a key named '" + key.name + "' already");
  }
  key.id = KeyIdOf(key.public_key);
  if (const RingKey* const same = FindId(key.id); same != nullptr) {
    return Status::Invalid("this key is in the ring already, as '" + same->name + "'");
  }
  // Refused here, not when the first mail is to be held.
  GATEPOST_RETURN_IF_ERROR(BoxSeal(key.public_key, "x").status());
  if (keys_.size() >= kMostKeys) {
    return Status::Invalid("a ring holds at most 200 keys");
  }
  keys_.push_back(std::move(key));
  return {};
}

bool KeyRing::Remove(const std::string& name) {
  const auto end = std::remove_if(keys_.begin(), keys_.end(),
                                  [&](const RingKey& one) { return one.name == name; });
  const bool found = end != keys_.end();
  keys_.erase(end, keys_.end());
  return found;
}

std::vector<RingKey> KeyRing::For(const std::string& category,
                                  const std::set<std::string>& online) const {
  std::vector<RingKey> found;
  for (const RingKey& key : keys_) {
    if (key.Opens(category, online)) {
      found.push_back(key);
    }
  }
  if (!HasReader(category)) {
    for (const RingKey& key : keys_) {
      if (key.kind == KeyKind::kEscrow && !key.Opens(category, online)) {
        found.push_back(key);
      }
    }
  }
  return found;
}

bool KeyRing::HasReader(const std::string& category) const {
  return std::any_of(keys_.begin(), keys_.end(), [&](const RingKey& key) {
    return key.kind == KeyKind::kPerson && key.Opens(category, {});
  });
}

std::vector<std::string> KeyRing::OnlyReaderOf(const std::string& name,
                                               const std::set<std::string>& categories) const {
  std::vector<std::string> only;
  const RingKey* const key = FindName(name);
  if (key == nullptr || key->kind != KeyKind::kPerson) {
    return only;
  }
  KeyRing rest = *this;
  rest.Remove(name);
  // Whatever it is for by name is known, too: a house may have given up the clause meanwhile.
  std::set<std::string> all = categories;
  all.insert(key->categories.begin(), key->categories.end());
  for (const std::string& category : all) {
    if (key->Opens(category, {}) && !rest.HasReader(category)) {
      only.push_back(category);
    }
  }
  return only;
}

PrivateKey MakePrivateKey(const std::string& name, KeyKind kind) {
  KeyPair pair = MakeBoxKeys();
  PrivateKey key;
  key.id = KeyIdOf(pair.public_key);
  key.name = name;
  key.kind = kind;
  key.public_key = std::move(pair.public_key);
  key.secret = std::move(pair.secret_key);
  return key;
}

RingKey PublicPart(const PrivateKey& key) {
  RingKey part;
  part.id = key.id;
  part.name = key.name;
  part.kind = key.kind;
  part.public_key = key.public_key;
  part.made_at_ms = NowUnixMs();
  return part;
}

Status WritePrivateKey(const std::string& file, const PrivateKey& key, const Secret* passphrase,
                       const PassphraseCost& cost, const std::string& like_folder) {
  Json json = {{"v", 1},           {"what", kPrivateMark},       {"id", key.id},
               {"name", key.name}, {"kind", ToString(key.kind)}, {"public", Hex(key.public_key)}};
  if (passphrase != nullptr) {
    GATEPOST_ASSIGN_OR_RETURN(const PassphraseBox box,
                              PassphraseSeal(key.secret, *passphrase, cost));
    json["sealed"] = {{"by", "argon2id13, xchacha20poly1305"},
                      {"operations", box.cost.operations},
                      {"memory", box.cost.memory},
                      {"salt", Hex(box.salt)},
                      {"nonce", Hex(box.nonce)},
                      {"box", Hex(box.box)}};
  } else {
    json["secret"] = Hex(key.secret.bytes());
  }
  std::string text = json.dump(1) + "\n";
  const Fd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) {
    return errno == EEXIST ? Status::Invalid(file + ": exists already; a key is never overwritten")
                           : Status::FromErrno(file, errno);
  }
  struct stat info {};
  if (geteuid() == 0 && !like_folder.empty() &&
      (stat(like_folder.c_str(), &info) != 0 || fchown(fd.get(), info.st_uid, info.st_gid) != 0)) {
    return Status::FromErrno(file, errno);
  }
  const Status written = WriteAll(fd.get(), text);
  WipeString(&text);
  GATEPOST_RETURN_IF_ERROR(written);
  if (fsync(fd.get()) != 0) {
    return Status::FromErrno(file, errno);
  }
  const size_t slash = file.rfind('/');
  return SyncFolder(slash == std::string::npos ? "." : slash == 0 ? "/" : file.substr(0, slash));
}

namespace {

Result<Json> ParseKeyJson(const std::string& file, const std::string& text) {
  Result<Json> json = ParseJson(file, text);
  std::string mark;
  if (!json.ok() || !json->is_object() || !TakeWord(*json, "what", &mark) || mark != kPrivateMark) {
    return Status::Invalid(file + ": is no private key of Gatepost");
  }
  return json;
}

Result<Json> ReadKeyJson(const std::string& file) {
  GATEPOST_ASSIGN_OR_RETURN(std::string text, ReadFile(file));
  Result<Json> json = ParseKeyJson(file, text);
  WipeString(&text);
  return json;
}

}  // namespace

Result<bool> NeedsPassphrase(const std::string& file) {
  GATEPOST_ASSIGN_OR_RETURN(const Json json, ReadKeyJson(file));
  return json.contains("sealed");
}

Result<PrivateKey> ReadPrivateKey(const std::string& file, const Secret& passphrase) {
  GATEPOST_ASSIGN_OR_RETURN(std::string text, ReadFile(file));
  Result<PrivateKey> key = ParsePrivateKey(file, text, passphrase);
  WipeString(&text);
  return key;
}

Result<PrivateKey> ParsePrivateKey(const std::string& file, const std::string& text,
                                   const Secret& passphrase) {
  GATEPOST_ASSIGN_OR_RETURN(const Json json, ParseKeyJson(file, text));
  RingKey part;
  if (!KeyFromJson(json, &part)) {
    return Status::Invalid(file + ": is damaged");
  }
  PrivateKey key;
  key.id = part.id;
  key.name = part.name;
  key.kind = part.kind;
  key.public_key = part.public_key;
  if (const auto sealed = json.find("sealed"); sealed != json.end()) {
    PassphraseBox box;
    if (!sealed->is_object() || !TakeNumber(*sealed, "operations", &box.cost.operations) ||
        !TakeNumber(*sealed, "memory", &box.cost.memory) ||
        !TakeBytes(*sealed, "salt", &box.salt) || !TakeBytes(*sealed, "nonce", &box.nonce) ||
        !TakeBytes(*sealed, "box", &box.box)) {
      return Status::Invalid(file + ": is damaged");
    }
    Result<Secret> opened = PassphraseOpen(box, passphrase);
    if (!opened.ok()) {
      return Status(opened.status().code(), file + ": " + opened.status().message());
    }
    key.secret = std::move(opened).value();
  } else {
    std::string bytes;
    if (!TakeBytes(json, "secret", &bytes)) {
      return Status::Invalid(file + ": is damaged");
    }
    key.secret = Secret(bytes);
    WipeString(&bytes);
  }
  if (key.secret.bytes().size() != kPublicKeyBytes || BoxPublicKey(key.secret) != key.public_key) {
    return Status::Invalid(file + ": its two halves do not belong together");
  }
  return key;
}

std::string PublicLine(const RingKey& key) {
  return DumpJson({{"what", "gatepost public key"},
                   {"name", key.name},
                   {"kind", ToString(key.kind)},
                   {"public", Hex(key.public_key)}});
}

Result<RingKey> ReadPublicLine(const std::string& where, const std::string& text) {
  GATEPOST_ASSIGN_OR_RETURN(const Json json, ParseJson(where, text));
  RingKey key;
  if (!KeyFromJson(json, &key)) {
    return Status::Invalid(where +
                           ": is no public key of Gatepost ('gatepost keys make' prints "
                           "one)");
  }
  key.made_at_ms = NowUnixMs();
  return key;
}

Result<std::string> WrapKey(const Secret& file_key, const std::vector<RingKey>& keys) {
  std::vector<WrappedKey> wrapped;
  for (const RingKey& key : keys) {
    GATEPOST_ASSIGN_OR_RETURN(std::string box, BoxSeal(key.public_key, file_key.bytes()));
    wrapped.push_back({key.id, std::move(box)});
  }
  return WrappedToText(wrapped);
}

std::string WrappedToText(const std::vector<WrappedKey>& wrapped) {
  Json json = {{"v", 1}, {"keys", Json::object()}};
  for (const WrappedKey& one : wrapped) {
    json["keys"][one.key_id] = Hex(one.box);
  }
  return DumpJson(json) + "\n";
}

Result<std::vector<WrappedKey>> ReadWrapped(const std::string& where, const std::string& text) {
  GATEPOST_ASSIGN_OR_RETURN(const Json json, ParseJson(where, text));
  const auto keys = json.is_object() ? json.find("keys") : json.end();
  if (!json.is_object() || keys == json.end() || !keys->is_object() ||
      keys->size() > 2 * kMostKeys) {
    return Status::Invalid(where + ": is damaged");
  }
  std::vector<WrappedKey> wrapped;
  for (const auto& [id, box] : keys->items()) {
    WrappedKey one;
    one.key_id = id;
    if (!box.is_string() || !FromHex(box.get_ref<const std::string&>(), &one.box)) {
      return Status::Invalid(where + ": is damaged");
    }
    wrapped.push_back(std::move(one));
  }
  return wrapped;
}

Result<Secret> UnwrapKey(const std::string& where, const std::string& text, const PrivateKey& key) {
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<WrappedKey> wrapped, ReadWrapped(where, text));
  const auto found = std::find_if(wrapped.begin(), wrapped.end(),
                                  [&](const WrappedKey& one) { return one.key_id == key.id; });
  if (found == wrapped.end()) {
    return Status::Invalid("is not sealed for the key of '" + key.name + "' (" + key.id +
                           "); a holder of a key that opens it can add yours: gatepost keys "
                           "rewrap");
  }
  Result<Secret> opened = BoxOpen(key.public_key, key.secret, found->box);
  if (!opened.ok() || opened->bytes().size() != kStreamKeyBytes) {
    return Status::Invalid(where + ": is damaged");
  }
  return opened;
}

}  // namespace gatepost::record
