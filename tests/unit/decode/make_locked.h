// Office files with passwords, locked as MS-OFFCRYPTO says.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "src/decode/cipher.h"
#include "src/decode/leaf.h"

namespace gatepost::decode {

// RC4 of 40 bits, or by CryptoAPI. `word` is ASCII.
class TestRc4 {
 public:
  TestRc4(bool crypto_api, const std::string& word, int bits = 128);
  // EncryptionVersionInfo and what belongs to it.
  std::string Header() const;
  std::string Cipher(const std::string& data, uint32_t number, size_t block_size) const;

 private:
  std::string Key(uint32_t number) const;
  bool crypto_api_;
  int bits_;
  std::string base_;
};

std::string SheetRecord(uint64_t id, const std::string& data);
// A workbook of one sheet called `name` with these records, in a compound file with `more` streams.
std::string MakeLockedXls(const TestRc4& lock, const std::string& records,
                          const std::vector<std::pair<std::string, std::string>>& more = {});
// The same by XOR with the password "abc".
std::string MakeXorXls(const std::string& records);
// A text of at most 900 bytes; `data` is the stream of pictures and objects.
std::string MakeLockedDoc(const TestRc4& lock, const std::string& text, const std::string& data);
// One record of text in a presentation of two objects.
std::string MakeLockedPpt(const TestRc4& lock, const std::string& text);
// `package` by standard encryption (AES-128) or by agile (AES-256), in a compound file.
std::string MakeStandardPackage(const std::string& word, const std::string& package);
struct AgileOptions {
  std::string digest = "SHA512";
  uint32_t rounds = 1000;
  std::string more{};          // behind the key in the XML
  int64_t declared_size = -1;  // -1: as it is
};
std::string MakeAgilePackage(const std::string& word, const std::string& package,
                             const AgileOptions& options = {});
// A workbook (xlsx) with a cell that says `text`.
std::string MakeXlsx(const std::string& text);
// A mail with a text and an attachment.
std::string MailWith(const std::string& text, const std::string& name, const std::string& file);

}  // namespace gatepost::decode
