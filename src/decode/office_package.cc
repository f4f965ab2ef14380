// The locks of OOXML: standard, and agile with its header in XML.
// LIMITS: a million rounds of hashing a word, counted as what they cost; more is no lock of ours.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "src/decode/office_lock.h"
#include "src/decode/reader.h"
#include "src/decode/transfer.h"
#include "src/decode/xml.h"

namespace gatepost::decode {

namespace {

constexpr size_t kAesBlock = 16;
constexpr size_t kSegment = 4096;
constexpr uint32_t kMostRounds = 1'000'000;  // Office writes 50,000 and 100,000

// The password's digest, hashed again with a counter in front, so that guessing is dear.
std::string Spun(Digest kind, Bytes salt, Bytes word, uint32_t rounds) {
  Hasher hasher(kind);
  hasher.Update(salt);
  hasher.Update(word);
  std::string digest = hasher.Finish();
  char number[4];
  for (uint32_t i = 0; i < rounds; ++i) {
    for (int k = 0; k < 4; ++k) {
      number[k] = static_cast<char>(i >> (8 * k) & 0xffU);
    }
    hasher.Update(Bytes(number, 4));
    hasher.Update(digest);
    digest = hasher.Finish();
  }
  return digest;
}

// As TakeTry counts, about 50 us each: a round of SHA-1 or SHA-256 took 0.4 us, of the longer ones
// 0.9 (a busy machine).
uint32_t CostOfRounds(Digest kind, uint32_t rounds) {
  return 1 + rounds / (DigestSize(kind) > 32 ? 55 : 125);
}

class StandardLock : public PackageLock {
 public:
  explicit StandardLock(const CryptoApiLock& read)
      : key_bytes_(read.key_bytes),
        salt_(read.salt),
        verifier_(read.verifier),
        verifier_digest_(read.verifier_digest) {}
  uint32_t cost() const override { return CostOfRounds(Digest::kSha1, kRounds); }

  bool Opens(Bytes word) override {
    const std::string last =
        DigestOf(Digest::kSha1, Spun(Digest::kSha1, salt_, word, kRounds) + std::string(4, '\0'));
    key_.clear();
    for (const char pad : {'\x36', '\x5c'}) {
      std::string block(64, pad);
      for (size_t i = 0; i < last.size(); ++i) {
        block[i] = static_cast<char>(block[i] ^ last[i]);
      }
      key_ += DigestOf(Digest::kSha1, block);
    }
    key_.resize(key_bytes_);
    const std::string verifier = AesEcb(key_, verifier_);
    return verifier.size() == kAesBlock &&
           DigestOf(Digest::kSha1, verifier) == AesEcb(key_, verifier_digest_).substr(0, 20);
  }

 private:
  static constexpr uint32_t kRounds = 50'000;
  std::string DecipherPackage(Bytes encrypted) const override { return AesEcb(key_, encrypted); }

  size_t key_bytes_;
  std::string salt_;
  std::string verifier_;
  std::string verifier_digest_;
  std::string key_;
};

// One of the two elements that say how: of the password, of the package.
struct AgileHow {
  Digest digest = Digest::kSha1;
  size_t key_bytes = 0;
  uint32_t rounds = 0;
  std::string salt;
  std::string verifier;
  std::string verifier_digest;
  std::string key;
};

class AgileLock : public PackageLock {
 public:
  AgileLock(AgileHow password, AgileHow data)
      : password_(std::move(password)), data_(std::move(data)) {}
  uint32_t cost() const override { return CostOfRounds(password_.digest, password_.rounds); }

  bool Opens(Bytes word) override {
    const std::string spun = Spun(password_.digest, password_.salt, word, password_.rounds);
    const auto decipher = [&](Bytes purpose, Bytes value) {
      std::string key = DigestOf(password_.digest, spun + std::string(purpose));
      key.resize(password_.key_bytes, '\x36');
      return AesCbc(key, Iv(password_.salt), value);
    };
    const std::string verifier =
        decipher(Bytes("\xfe\xa7\xd2\x76\x3b\x4b\x9e\x79", 8), password_.verifier);
    const std::string digest =
        decipher(Bytes("\xd7\xaa\x0f\x6d\x30\x61\x34\x4e", 8), password_.verifier_digest);
    if (verifier.empty() ||
        DigestOf(password_.digest, verifier) != digest.substr(0, DigestSize(password_.digest))) {
      return false;
    }
    key_ = decipher(Bytes("\x14\x6e\x0b\xe7\xab\xac\xd0\xd6", 8), password_.key);
    key_.resize(std::min(key_.size(), data_.key_bytes));
    return key_.size() == data_.key_bytes;
  }

 private:
  static std::string Iv(Bytes from) {
    std::string iv(from.substr(0, kAesBlock));
    iv.append(kAesBlock - iv.size(), '\x36');
    return iv;
  }

  std::string DecipherPackage(Bytes encrypted) const override {
    std::string out;
    out.reserve(encrypted.size());
    uint32_t segment = 0;
    for (size_t at = 0; at < encrypted.size(); at += kSegment) {
      const std::string number = LittleBytes(segment++, 4);
      out += AesCbc(key_, Iv(DigestOf(data_.digest, data_.salt + number)),
                    encrypted.substr(at, kSegment));
    }
    return out;
  }

  AgileHow password_;
  AgileHow data_;
  std::string key_;
};

class AgileReader : public XmlSink {
 public:
  void Start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "keyData") {
      ++data_count_;
      usable_ = Read(attributes, &data_) && usable_;
    } else if (name == "encryptedKey" && !attributes.Get("spinCount").empty()) {
      // Keys that certificates open stand in elements of the same name, without rounds.
      ++password_count_;
      usable_ = Read(attributes, &password_) && ReadPassword(attributes) && usable_;
    }
  }
  void End(std::string_view /*name*/) override {}
  void Text(std::string_view /*utf8*/) override {}

  std::unique_ptr<PackageLock> Lock() {
    // Of two, who knows which one Office takes.
    if (!usable_ || data_count_ != 1 || password_count_ != 1) {
      return nullptr;
    }
    return std::make_unique<AgileLock>(std::move(password_), std::move(data_));
  }

 private:
  static bool Count(std::string_view text, uint32_t* value) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), *value);
    return !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size();
  }

  static bool DigestOfName(std::string_view name, Digest* kind) {
    static constexpr std::pair<std::string_view, Digest> kNames[] = {
        {"SHA1", Digest::kSha1},      {"SHA-1", Digest::kSha1},    {"SHA256", Digest::kSha256},
        {"SHA-256", Digest::kSha256}, {"SHA384", Digest::kSha384}, {"SHA-384", Digest::kSha384},
        {"SHA512", Digest::kSha512},  {"SHA-512", Digest::kSha512}};
    for (const auto& known : kNames) {
      if (AsciiEqualsIgnoreCase(name, known.first)) {
        *kind = known.second;
        return true;
      }
    }
    return false;
  }

  static bool Read(const XmlAttributes& attributes, AgileHow* how) {
    constexpr size_t kMostSalt = 1024;
    uint32_t bits = 0;
    uint32_t block = 0;
    how->salt.clear();
    if (!DigestOfName(attributes.Get("hashAlgorithm"), &how->digest) ||
        attributes.Get("cipherAlgorithm") != "AES" ||
        attributes.Get("cipherChaining") != "ChainingModeCBC" ||
        !Count(attributes.Get("keyBits"), &bits) || !Count(attributes.Get("blockSize"), &block) ||
        !DecodeBase64Strict(attributes.Get("saltValue"), &how->salt)) {
      return false;
    }
    how->key_bytes = bits / 8;
    return block == kAesBlock && (bits == 128 || bits == 192 || bits == 256) &&
           !how->salt.empty() && how->salt.size() <= kMostSalt;
  }

  bool ReadPassword(const XmlAttributes& attributes) {
    constexpr size_t kMostBytes = 1024;
    for (const auto& [name, value] :
         {std::pair{"encryptedVerifierHashInput", &password_.verifier},
          std::pair{"encryptedVerifierHashValue", &password_.verifier_digest},
          std::pair{"encryptedKeyValue", &password_.key}}) {
      value->clear();
      if (!DecodeBase64Strict(attributes.Get(name), value) || value->size() > kMostBytes) {
        return false;
      }
    }
    return Count(attributes.Get("spinCount"), &password_.rounds) && password_.rounds <= kMostRounds;
  }

  AgileHow password_;
  AgileHow data_;
  int data_count_ = 0;
  int password_count_ = 0;
  bool usable_ = true;
};

}  // namespace

std::unique_ptr<PackageLock> PackageLock::Read(Bytes info) {
  const LittleEndian in(info);
  if (in.U16(0) == 4 && in.U16(2) == 4) {
    constexpr size_t kMostXml = 256 * 1024;
    Bytes xml = info.substr(std::min<size_t>(8, info.size()), kMostXml);
    while (!xml.empty() && xml.back() == '\0') {
      xml.remove_suffix(1);
    }
    AgileReader reader;
    const XmlOutcome outcome = ParseXml(xml, &reader);
    return outcome.complete ? reader.Lock() : nullptr;
  }
  CryptoApiLock read;
  if (!ReadCryptoApiLock(info, &read) || read.algorithm < 0x660e || read.algorithm > 0x6610 ||
      read.key_bytes != 16 + 8 * (read.algorithm - 0x660e)) {
    return nullptr;
  }
  return std::make_unique<StandardLock>(read);
}

std::string PackageLock::Decipher(Bytes stream, bool* short_of) const {
  const LittleEndian in(stream);
  const uint64_t size = in.U64(0);
  const Bytes encrypted = stream.substr(std::min<size_t>(8, stream.size()));
  std::string out = DecipherPackage(encrypted);
  *short_of = size > out.size() || out.size() - size > kSegment;
  out.resize(std::min<uint64_t>(size, out.size()));
  return out;
}

}  // namespace gatepost::decode
