// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/heads.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "src/base/files.h"
#include "src/record/chain.h"
#include "src/record/held_file.h"

namespace gatepost::record {

namespace {

constexpr size_t kHexHash = 64;
constexpr size_t kMaxText = 300;

bool IsHex(const std::string& text, size_t size) {
  return text.size() == size && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string TrimmedHex(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text.pop_back();
  }
  return text;
}

// A short text without line ends: what is signed is lines.
bool TakeText(const Json& json, const char* key, std::string* out) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_string()) {
    return false;
  }
  *out = found->get<std::string>();
  return out->size() <= kMaxText && out->find('\n') == std::string::npos;
}

bool TakeHex(const Json& json, const char* key, size_t size, std::string* out) {
  return TakeText(json, key, out) && IsHex(*out, size);
}

bool TakeNumber(const Json& json, const char* key, uint64_t* out) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_number_unsigned()) {
    return false;
  }
  *out = found->get<uint64_t>();
  return true;
}

bool Fits(const std::string& public_hex, const std::string& text, const std::string& signature) {
  std::string key;
  std::string bytes;
  return FromHex(public_hex, &key) && FromHex(signature, &bytes) && SignatureFits(key, text, bytes);
}

// Never seen under its name before it is whole; two processes that start together make one.
Status MakeKey(const std::string& file) {
  const KeyPair keys = MakeSigningKeys();
  const std::string draft = file + ".new." + std::to_string(getpid());
  {
    const Fd fd(open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd.valid()) {
      return Status::FromErrno(draft, errno);
    }
    struct stat folder {};
    const std::string parent = file.substr(0, file.rfind('/'));
    if (geteuid() == 0 && (stat(parent.c_str(), &folder) != 0 ||
                           fchown(fd.get(), folder.st_uid, folder.st_gid) != 0)) {
      return Status::FromErrno(draft, errno);
    }
    std::string hex = Hex(keys.secret_key.bytes()) + "\n";
    const Status written = WriteAll(fd.get(), hex);
    WipeString(&hex);
    GATEPOST_RETURN_IF_ERROR(written);
    if (fsync(fd.get()) != 0) {
      return Status::FromErrno(draft, errno);
    }
  }
  const bool made = link(draft.c_str(), file.c_str()) == 0;
  const int error = errno;
  unlink(draft.c_str());
  return made || error == EEXIST ? SyncFolder(file.substr(0, file.rfind('/')))
                                 : Status::FromErrno(file, error);
}

}  // namespace

Result<std::unique_ptr<Signer>> Signer::Open(const std::string& file) {
  if (access(file.c_str(), F_OK) != 0 && errno == ENOENT) {
    GATEPOST_RETURN_IF_ERROR(MakeKey(file));
  }
  GATEPOST_ASSIGN_OR_RETURN(std::string text, ReadFile(file));
  std::string bytes;
  const bool is_key = FromHex(TrimmedHex(text), &bytes) && bytes.size() == 64;
  WipeString(&text);
  if (!is_key) {
    return Status::Invalid(file + ": is no signing key (128 hex digits)");
  }
  std::unique_ptr<Signer> signer(new Signer());  // NOLINT: private constructor
  // The second half of an Ed25519 secret key is the public one.
  signer->public_hex_ = Hex(Bytes(bytes).substr(32));
  signer->secret_ = Secret(bytes);
  WipeString(&bytes);
  const Result<std::string> beside = ReadPublicKey(file + ".pub");
  if (!beside.ok() || *beside != signer->public_hex_) {
    GATEPOST_RETURN_IF_ERROR(WriteFileDurably(file + ".pub", signer->public_hex_ + "\n"));
    static_cast<void>(chmod((file + ".pub").c_str(), 0644));
    GATEPOST_RETURN_IF_ERROR(GiveFileToOwnerOf(file.substr(0, file.rfind('/')), file + ".pub"));
  }
  return signer;
}

std::string Signer::SignHex(Bytes text) const { return Hex(Sign(secret_, text)); }

Result<std::string> ReadPublicKey(const std::string& file) {
  GATEPOST_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  const std::string hex = TrimmedHex(text);
  return IsHex(hex, 2 * kPublicKeyBytes)
             ? Result<std::string>(hex)
             : Status::Invalid(file + ": is no public key (64 hex digits)");
}

std::string Head::Text() const {
  std::string text =
      "gatepost-head-1\n" + log + "\n" + node + "\n" + at + "\n" + std::to_string(seq) + "\n";
  for (const std::string& hash : covers) {
    text += hash + "\n";
  }
  return text;
}

bool Head::SignatureFitsKey(const std::string& public_hex) const {
  return key == public_hex && Fits(public_hex, Text(), signature);
}

void SignHead(const Signer& signer, Head* head) {
  head->key = signer.public_hex();
  head->signature = signer.SignHex(head->Text());
}

Json HeadToJson(const Head& head) {
  return {{"v", 1},
          {"log", head.log},
          {"node", head.node},
          {"at", head.at},
          {"seq", head.seq},
          {"covers", head.covers},
          {"key", head.key},
          {"signature", head.signature}};
}

bool HeadFromJson(const Json& json, Head* out) {
  *out = Head();
  if (!json.is_object() || !TakeText(json, "log", &out->log) ||
      !TakeText(json, "node", &out->node) || !TakeText(json, "at", &out->at) ||
      !TakeNumber(json, "seq", &out->seq) ||
      !TakeHex(json, "key", 2 * kPublicKeyBytes, &out->key) ||
      !TakeHex(json, "signature", 2 * kSignatureBytes, &out->signature)) {
    return false;
  }
  const auto covers = json.find("covers");
  if (covers == json.end() || !covers->is_array() || covers->empty() ||
      covers->size() > kMaxCovers || covers->size() > out->seq) {
    return false;
  }
  for (const Json& one : *covers) {
    if (!one.is_string() || !IsHex(one.get_ref<const std::string&>(), kHexHash)) {
      return false;
    }
    out->covers.push_back(one.get<std::string>());
  }
  return true;
}

std::string HeadsFile(const std::string& segment) { return segment + ".heads"; }

Status ReadHeads(const std::string& file, const std::function<void(Head head)>& visit,
                 const std::function<void(uint64_t line)>& damaged) {
  return ReadLines(file, [&](uint64_t number, std::string_view line, bool whole) {
    Head head;
    if (whole && HeadFromJson(Json::parse(line, nullptr, /*allow_exceptions=*/false), &head)) {
      visit(std::move(head));
    } else if (whole && damaged) {
      damaged(number);  // a cut last line is a crash's, and its records are signed again
    }
    return true;
  });
}

std::string Pruned::Text() const {
  return "gatepost-pruned-1\n" + log + "\n" + node + "\n" + at + "\n" + segment + "\n" + by + "\n" +
         std::to_string(first_seq) + "\n" + std::to_string(last_seq) + "\n" + first_prev + "\n" +
         last_hash + "\n" + sha256 + "\n";
}

void SignPruned(const Signer& signer, Pruned* pruned) {
  pruned->key = signer.public_hex();
  pruned->signature = signer.SignHex(pruned->Text());
}

Json PrunedToJson(const Pruned& pruned) {
  return {{"v", 1},
          {"log", pruned.log},
          {"node", pruned.node},
          {"at", pruned.at},
          {"segment", pruned.segment},
          {"by", pruned.by},
          {"first_seq", pruned.first_seq},
          {"last_seq", pruned.last_seq},
          {"first_prev", pruned.first_prev},
          {"last_hash", pruned.last_hash},
          {"sha256", pruned.sha256},
          {"key", pruned.key},
          {"signature", pruned.signature}};
}

bool PrunedFromJson(const Json& json, Pruned* out) {
  *out = Pruned();
  return json.is_object() && TakeText(json, "log", &out->log) &&
         TakeText(json, "node", &out->node) && TakeText(json, "at", &out->at) &&
         TakeText(json, "segment", &out->segment) && TakeText(json, "by", &out->by) &&
         TakeNumber(json, "first_seq", &out->first_seq) &&
         TakeNumber(json, "last_seq", &out->last_seq) && out->first_seq > 0 &&
         out->last_seq >= out->first_seq &&
         TakeHex(json, "first_prev", kHexHash, &out->first_prev) &&
         TakeHex(json, "last_hash", kHexHash, &out->last_hash) &&
         TakeHex(json, "sha256", kHexHash, &out->sha256) &&
         TakeHex(json, "key", 2 * kPublicKeyBytes, &out->key) &&
         TakeHex(json, "signature", 2 * kSignatureBytes, &out->signature);
}

std::string PrunedFile(const std::string& log_path, const std::string& name) {
  return IsSingleFile(log_path) ? log_path + ".pruned" : log_path + "/" + name + ".pruned";
}

}  // namespace gatepost::record
