// The locks of Office 97 to 2003: XOR, RC4 of 40 bits, RC4 by CryptoAPI.
// LIMITS: passwords of 255 units; all else is as long as the format says, or no lock at all.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/office_lock.h"

#include <algorithm>

#include "src/decode/charset.h"
#include "src/decode/reader.h"

namespace gatepost::decode {

namespace {

constexpr size_t kSaltBytes = 16;
constexpr uint32_t kRc4Algorithm = 0x6801;

uint8_t TurnedLeft(uint32_t byte, int bits) {
  return static_cast<uint8_t>(byte << bits | byte >> (8 - bits));
}

// The 16 bits that say whether the password is right (2.3.7.1).
uint32_t XorVerifier(Bytes letters) {
  uint32_t verifier = 0;
  const auto turn = [&verifier] { verifier = (verifier << 1 & 0x7fffU) | verifier >> 14; };
  for (size_t i = letters.size(); i > 0; --i) {
    turn();
    verifier ^= static_cast<uint8_t>(letters[i - 1]);
  }
  turn();
  return verifier ^ static_cast<uint32_t>(letters.size()) ^ 0xce4bU;
}

// The 16 bits that the pad is mixed with (2.3.7.2), by the register behind the tables that the
// specification prints.
uint32_t XorKey(Bytes letters) {
  const auto turn = [](uint32_t value) {
    value = (value << 1 & 0xffffU) | value >> 15;
    return (value & 1) != 0 ? value ^ 0x1020U : value;
  };
  uint32_t key = 0;
  uint32_t base = 0x8000;
  uint32_t end = 0xffff;
  for (size_t i = letters.size(); i > 0; --i) {
    const uint32_t letter = static_cast<uint8_t>(letters[i - 1]) & 0x7fU;
    for (int bit = 0; bit < 8; ++bit) {
      base = turn(base);
      key ^= (letter >> bit & 1) != 0 ? base : 0U;
      end = turn(end);
    }
  }
  return letters.empty() ? 0 : key ^ end;
}

}  // namespace

std::string OfficePassword(Bytes utf8) {
  constexpr size_t kMostBytes = 2 * 255;
  std::string out = Utf8ToUtf16Le(utf8.substr(0, 2 * kMostBytes));
  out.resize(std::min(out.size(), kMostBytes));
  return out;
}

bool ReadCryptoApiLock(Bytes header, CryptoApiLock* lock) {
  const LittleEndian in(header);
  const uint32_t major = in.U16(0);
  constexpr uint64_t kHeader = 12;
  const uint64_t length = in.U32(8);
  if (in.U16(2) != 2 || major < 2 || major > 4 || length < 32 || kHeader + length > in.size()) {
    return false;
  }
  lock->algorithm = in.U32(kHeader + 8);
  const uint32_t digest = in.U32(kHeader + 12);
  const uint32_t bits = in.U32(kHeader + 16);
  const bool rc4 = lock->algorithm == kRc4Algorithm;
  lock->key_bytes = (bits == 0 && rc4 ? 40 : bits) / 8;
  const uint64_t verifier = kHeader + length;
  lock->salt = in.Slice(verifier + 4, kSaltBytes);
  lock->verifier = in.Slice(verifier + 20, kSaltBytes);
  lock->verifier_digest = in.Slice(verifier + 40, rc4 ? 20 : 32);
  return in.U32(verifier) == kSaltBytes && (digest == 0x8004 || digest == 0) && bits % 8 == 0 &&
         bits <= 256 && lock->verifier_digest.size() == (rc4 ? 20 : 32);
}

std::unique_ptr<Rc4Lock> Rc4Lock::Read(Bytes header) {
  const LittleEndian in(header);
  auto lock = std::make_unique<Rc4Lock>();
  if (in.U16(0) == 1 && in.U16(2) == 1) {
    constexpr size_t kSize = 4 + 3 * kSaltBytes;
    if (in.size() < kSize) {
      return nullptr;
    }
    lock->salt_ = in.Slice(4, kSaltBytes);
    lock->verifier_ = in.Slice(20, kSaltBytes);
    lock->verifier_digest_ = in.Slice(36, kSaltBytes);
    return lock;
  }
  CryptoApiLock read;
  if (!ReadCryptoApiLock(header, &read) || read.algorithm != kRc4Algorithm || read.key_bytes < 5 ||
      read.key_bytes > 16) {
    return nullptr;
  }
  lock->crypto_api_ = true;
  lock->key_bytes_ = read.key_bytes;
  lock->salt_ = read.salt;
  lock->verifier_ = read.verifier;
  lock->verifier_digest_ = read.verifier_digest;
  return lock;
}

bool Rc4Lock::Opens(Bytes word) {
  if (crypto_api_) {
    base_ = DigestOf(Digest::kSha1, salt_ + std::string(word));
  } else {
    constexpr size_t kShort = 5;  // 40 bits: what could be sold abroad once
    const std::string part = DigestOf(Digest::kMd5, word).substr(0, kShort) + salt_;
    std::string all;
    for (int i = 0; i < 16; ++i) {
      all += part;
    }
    base_ = DigestOf(Digest::kMd5, all).substr(0, kShort);
  }
  Rc4 cipher = CipherOf(0);
  const std::string verifier = cipher.Take(verifier_);
  return DigestOf(crypto_api_ ? Digest::kSha1 : Digest::kMd5, verifier) ==
         cipher.Take(verifier_digest_);
}

Rc4 Rc4Lock::CipherOf(uint32_t number) const {
  if (!crypto_api_) {
    return Rc4(DigestOf(Digest::kMd5, base_ + LittleBytes(number, 4)));
  }
  std::string key = DigestOf(Digest::kSha1, base_ + LittleBytes(number, 4)).substr(0, key_bytes_);
  if (key.size() == 5) {
    key.resize(16, '\0');  // a key of 40 bits has zeros behind it, others none (2.3.5.2)
  }
  return Rc4(key);
}

std::string Rc4Lock::Decipher(Bytes data, uint32_t number, size_t block_size) const {
  std::string out;
  out.reserve(data.size());
  for (size_t at = 0; at < data.size(); at += std::min(block_size, data.size() - at)) {
    out += CipherOf(number++).Take(data.substr(at, block_size));
  }
  return out;
}

bool XorLock::Opens(Bytes word) {
  // One byte a letter: the low one, or the high one where that is 0.
  std::string letters;
  for (size_t i = 0; i + 1 < word.size(); i += 2) {
    letters.push_back(word[i] != '\0' ? word[i] : word[i + 1]);
  }
  constexpr size_t kLongest = 15;
  if (letters.empty() || letters.size() > kLongest || XorKey(letters) != key_ ||
      XorVerifier(letters) != verifier_) {
    return false;
  }
  static constexpr std::array<uint8_t, 15> kFill = {0xbb, 0xff, 0xff, 0xba, 0xff, 0xff, 0xb9, 0x80,
                                                    0x00, 0xbe, 0x0f, 0x00, 0xbf, 0x0f, 0x00};
  for (size_t i = 0; i < pad_.size(); ++i) {
    const uint32_t letter =
        i < letters.size() ? static_cast<uint8_t>(letters[i]) : kFill[i - letters.size()];
    pad_[i] = TurnedLeft((letter ^ (i % 2 == 0 ? key_ : key_ >> 8)) & 0xffU, 7);
  }
  return true;
}

char XorLock::OfSheet(char byte, uint64_t at) const {
  return static_cast<char>(TurnedLeft(static_cast<uint8_t>(byte) ^ pad_[at % 16], 3));
}

char XorLock::OfText(char byte, uint64_t at) const {
  const char other = static_cast<char>(static_cast<uint8_t>(byte) ^ pad_[at % 16]);
  return byte == '\0' || other == '\0' ? byte : other;
}

}  // namespace gatepost::decode
