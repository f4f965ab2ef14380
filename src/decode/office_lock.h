// How Office locks its files (MS-OFFCRYPTO), and whether a word opens them. Whoever reads a lock
// gets none where it is damaged or of a kind that is not known: the file stays locked then.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "src/base/bytes.h"
#include "src/decode/cipher.h"

namespace gatepost::decode {

class OfficeLock {
 public:
  virtual ~OfficeLock() = default;
  // What trying a word costs, as Collector::TakeTry counts.
  virtual uint32_t cost() const { return 1; }
  // True: `word` (UTF-16LE) is the password, and what is locked can be deciphered from now on.
  virtual bool Opens(Bytes word) = 0;
  // False: a sender can find two words that open it, each to something else.
  virtual bool proves() const { return true; }
};

// A password as Office takes it: UTF-16LE. At most 255 units, as many as Office allows.
std::string OfficePassword(Bytes utf8);

// What stands in front of RC4 by CryptoAPI and of AES with ECB (2.3.2, 2.3.3).
struct CryptoApiLock {
  uint32_t algorithm = 0;  // 0x6801 RC4, 0x660e to 0x6610 AES
  size_t key_bytes = 0;
  Bytes salt;
  Bytes verifier;         // encrypted, as is its digest
  Bytes verifier_digest;  // as long as the header has it
};
// False: no such thing. `header` begins with EncryptionVersionInfo.
bool ReadCryptoApiLock(Bytes header, CryptoApiLock* lock);

// RC4 with a key for each block, of Word, Excel (2.3.5, 2.3.6) and PowerPoint.
class Rc4Lock : public OfficeLock {
 public:
  static std::unique_ptr<Rc4Lock> Read(Bytes header);
  bool Opens(Bytes word) override;
  // REQUIRES: it has opened. `data` from the beginning of block `number` on.
  std::string Decipher(Bytes data, uint32_t number, size_t block_size) const;
  bool is_crypto_api() const { return crypto_api_; }

 private:
  Rc4 CipherOf(uint32_t number) const;

  bool crypto_api_ = false;
  size_t key_bytes_ = 0;
  std::string salt_;
  std::string verifier_;
  std::string verifier_digest_;
  std::string base_;  // what all keys are made of
};

// XOR with 16 bytes made of the password (2.3.7), of Excel and Word up to 97.
class XorLock : public OfficeLock {
 public:
  XorLock(uint32_t key, uint32_t verifier) : key_(key), verifier_(verifier) {}
  bool Opens(Bytes word) override;
  bool proves() const override { return false; }  // 31 bits, found in a second
  // REQUIRES: it has opened. `at`: which of the 16 bytes comes first.
  char OfSheet(char byte, uint64_t at) const;
  char OfText(char byte, uint64_t at) const;

 private:
  uint32_t key_;
  uint32_t verifier_;
  std::array<uint8_t, 16> pad_{};
};

// A whole package in the stream EncryptedPackage: standard (2.3.4.5) or agile (2.3.4.10).
class PackageLock : public OfficeLock {
 public:
  // `info`: the stream EncryptionInfo.
  static std::unique_ptr<PackageLock> Read(Bytes info);
  // REQUIRES: it has opened. *short_of: there is less of it than it says, or much more.
  std::string Decipher(Bytes stream, bool* short_of) const;

 protected:
  virtual std::string DecipherPackage(Bytes encrypted) const = 0;
};

}  // namespace gatepost::decode
