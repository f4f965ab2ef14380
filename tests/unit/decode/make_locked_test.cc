// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/decode/make_locked.h"

#include <algorithm>
#include <array>

#include "src/decode/ole.h"
#include "tests/unit/decode/make.h"

namespace gatepost::decode {

namespace {

const std::string kTestSalt = "0123456789abcdef";
const std::string kTestVerifier = "a verifier of 16";

std::string PaddedTo(std::string bytes, size_t multiple) {
  bytes.resize((bytes.size() + multiple - 1) / multiple * multiple, '\0');
  return bytes;
}

bool IsLegible(uint32_t id) { return id == 0x809 || id == 0x2f || id == 0xe1; }

// Calls put(place, length of the record) for each byte that is to be locked.
template <typename Put>
void ForSheetBytes(const std::string& stream, size_t from, const Put& put) {
  const auto number = [&stream](size_t at) {
    return static_cast<uint32_t>(static_cast<uint8_t>(stream[at])) |
           static_cast<uint32_t>(static_cast<uint8_t>(stream[at + 1])) << 8;
  };
  for (size_t at = from; at + 4 <= stream.size(); at += 4 + number(at + 2)) {
    const uint32_t id = number(at);
    for (size_t i = id == 0x85 ? 4 : 0; !IsLegible(id) && i < number(at + 2); ++i) {
      put(at + 4 + i, number(at + 2));
    }
  }
}

std::string Streams(const std::vector<std::pair<std::string, std::string>>& streams) {
  std::vector<OleStream> all;
  for (const auto& [path, bytes] : streams) {
    all.push_back(OleStream{path, bytes});
  }
  return WriteOle(all);
}

std::string Bof() { return SheetRecord(0x809, Le(0x600, 2) + Le(5, 2) + std::string(12, '\0')); }

}  // namespace

TestRc4::TestRc4(bool crypto_api, const std::string& word, int bits)
    : crypto_api_(crypto_api), bits_(bits) {
  if (crypto_api) {
    base_ = DigestOf(Digest::kSha1, kTestSalt + Utf16(word));
    return;
  }
  std::string many;
  for (int i = 0; i < 16; ++i) {
    many += DigestOf(Digest::kMd5, Utf16(word)).substr(0, 5) + kTestSalt;
  }
  base_ = DigestOf(Digest::kMd5, many).substr(0, 5);
}

std::string TestRc4::Key(uint32_t number) const {
  if (!crypto_api_) {
    return DigestOf(Digest::kMd5, base_ + Le(number, 4));
  }
  std::string key = DigestOf(Digest::kSha1, base_ + Le(number, 4)).substr(0, bits_ / 8);
  return bits_ == 40 ? key + std::string(11, '\0') : key;
}

std::string TestRc4::Header() const {
  Rc4 cipher(Key(0));
  const std::string verifier = cipher.Take(kTestVerifier);
  if (!crypto_api_) {
    return Le(1, 2) + Le(1, 2) + kTestSalt + verifier +
           cipher.Take(DigestOf(Digest::kMd5, kTestVerifier));
  }
  const std::string header = Le(4, 4) + Le(0, 4) + Le(0x6801, 4) + Le(0x8004, 4) +
                             Le(static_cast<uint64_t>(bits_), 4) + Le(1, 4) + Le(0, 8) +
                             Utf16("A provider") + Le(0, 2);
  return Le(4, 2) + Le(2, 2) + Le(4, 4) + Le(header.size(), 4) + header + Le(16, 4) + kTestSalt +
         verifier + Le(20, 4) + cipher.Take(DigestOf(Digest::kSha1, kTestVerifier));
}

std::string TestRc4::Cipher(const std::string& data, uint32_t number, size_t block_size) const {
  std::string out;
  for (size_t at = 0; at < data.size(); at += std::min(block_size, data.size() - at)) {
    out += Rc4(Key(number++)).Take(Bytes(data).substr(at, block_size));
  }
  return out;
}

std::string SheetRecord(uint64_t id, const std::string& data) {
  return Le(id, 2) + Le(data.size(), 2) + data;
}

std::string MakeLockedXls(const TestRc4& lock, const std::string& records,
                          const std::vector<std::pair<std::string, std::string>>& more) {
  const std::string head = Bof() + SheetRecord(0x2f, Le(1, 2) + lock.Header());
  const std::string plain = head + records;
  const std::string cipher = lock.Cipher(plain, 0, 1024);
  std::string stream = plain;
  ForSheetBytes(plain, head.size(), [&](size_t at, uint32_t) { stream[at] = cipher[at]; });
  auto streams = more;
  streams.emplace_back("Workbook", stream);
  return Streams(streams);
}

std::string MakeXorXls(const std::string& records) {
  static constexpr std::array<uint8_t, 16> kPad = {0xac, 0xcc, 0xa4, 0xab, 0xd6, 0xba, 0xc3, 0xba,
                                                   0xd6, 0xa3, 0x2b, 0x45, 0xd3, 0x79, 0x29, 0xbb};
  const std::string head = Bof() + SheetRecord(0x2f, Le(0, 2) + Le(20810, 2) + Le(52250, 2));
  std::string stream = head + records;
  ForSheetBytes(head + records, head.size(), [&](size_t at, uint32_t length) {
    const uint32_t byte = static_cast<uint8_t>(stream[at]) ^ kPad[(at + length) % 16];
    stream[at] = static_cast<char>(byte << 5 | byte >> 3);
  });
  return Streams({{"Workbook", stream}});
}

std::string MakeLockedDoc(const TestRc4& lock, const std::string& text, const std::string& data) {
  std::string word(4096, '\0');
  const std::string header = lock.Header();
  const std::string pieces =
      Le(0, 4) + Le(text.size(), 4) + Le(0, 2) + Le(0x40000000U | 2048U, 4) + Le(0, 2);
  const std::string clx = "\x02" + Le(pieces.size(), 4) + pieces;
  const std::string fib =
      Le(0xa5ec, 2) + Le(0xc1, 2) + Le(0, 6) + Le(0x0300, 2) + Le(0, 2) + Le(header.size(), 4);
  word.replace(0, fib.size(), fib);
  word.replace(0x4c, 4, Le(text.size(), 4));
  word.replace(1024, text.size(), text);
  word.replace(0x01a2, 8, Le(header.size(), 4) + Le(clx.size(), 4));
  const std::string table = lock.Cipher(header + clx, 0, 512);
  return Streams({{"WordDocument", word.substr(0, 0x44) + lock.Cipher(word, 0, 512).substr(0x44)},
                  {"1Table", header + table.substr(header.size())},
                  {"Data", lock.Cipher(data, 0, 512)}});
}

std::string MakeLockedPpt(const TestRc4& lock, const std::string& text) {
  const auto record = [](uint64_t version, uint64_t type, const std::string& data) {
    return Le(version, 2) + Le(type, 2) + Le(data.size(), 4) + data;
  };
  // The last record of the first object says to be as long as all that follows.
  const std::string longer = Le(0, 2) + Le(0xbad, 2) + Le(0xffffff, 4);
  const std::string first =
      lock.Cipher(record(15, 0x3e8, record(0, 0xfa8, text) + longer), 1, SIZE_MAX);
  const std::string second =
      lock.Cipher(record(15, 0x3ee, record(0, 0xfa8, "second")), 2, SIZE_MAX);
  const std::string session = record(15, 0x2f14, lock.Header());
  const uint64_t session_at = first.size() + second.size();
  const uint64_t directory_at = session_at + session.size();
  const std::string directory =
      record(0, 0x1772, Le(1 | 3U << 20, 4) + Le(0, 4) + Le(first.size(), 4) + Le(session_at, 4));
  const std::string edit = record(
      0, 0xff5,
      std::string(12, '\0') + Le(directory_at, 4) + Le(1, 4) + Le(4, 4) + Le(0, 4) + Le(3, 4));
  const std::string user =
      record(0, 0xff6,
             Le(0x14, 4) + Le(0xf3d1c4df, 4) + Le(directory_at + directory.size(), 4) + Le(0, 8));
  return Streams({{"Current User", user},
                  {"PowerPoint Document", first + second + session + directory + edit}});
}

std::string MakeStandardPackage(const std::string& word, const std::string& package) {
  std::string digest = DigestOf(Digest::kSha1, kTestSalt + Utf16(word));
  for (uint64_t i = 0; i < 50'000; ++i) {
    digest = DigestOf(Digest::kSha1, Le(i, 4) + digest);
  }
  digest = DigestOf(Digest::kSha1, digest + Le(0, 4));
  std::string block(64, '\x36');
  for (size_t i = 0; i < digest.size(); ++i) {
    block[i] = static_cast<char>(block[i] ^ digest[i]);
  }
  const std::string key = DigestOf(Digest::kSha1, block).substr(0, 16);
  // ECB is CBC of one block at a time.
  const auto encrypt = [&key](const std::string& bytes) {
    std::string out;
    for (size_t at = 0; at < bytes.size(); at += 16) {
      out += AesCbcEncrypt(key, std::string(16, '\0'), Bytes(bytes).substr(at, 16));
    }
    return out;
  };
  const std::string header = Le(0x24, 4) + Le(0, 4) + Le(0x660e, 4) + Le(0x8004, 4) + Le(128, 4) +
                             Le(0x18, 4) + Le(0, 8) + Utf16("A provider") + Le(0, 2);
  const std::string info = Le(3, 2) + Le(2, 2) + Le(0x24, 4) + Le(header.size(), 4) + header +
                           Le(16, 4) + kTestSalt + encrypt(kTestVerifier) + Le(20, 4) +
                           encrypt(PaddedTo(DigestOf(Digest::kSha1, kTestVerifier), 16));
  return Streams({{"EncryptionInfo", info},
                  {"EncryptedPackage", Le(package.size(), 8) + encrypt(PaddedTo(package, 16))}});
}

std::string MakeAgilePackage(const std::string& word, const std::string& package,
                             const AgileOptions& options) {
  const Digest kind = options.digest == "SHA1"     ? Digest::kSha1
                      : options.digest == "SHA256" ? Digest::kSha256
                      : options.digest == "SHA384" ? Digest::kSha384
                                                   : Digest::kSha512;
  std::string digest = DigestOf(kind, kTestSalt + Utf16(word));
  for (uint64_t i = 0; i < options.rounds; ++i) {
    digest = DigestOf(kind, Le(i, 4) + digest);
  }
  const auto encrypt = [&](const char* purpose, const std::string& value) {
    std::string key = DigestOf(kind, digest + std::string(purpose, 8));
    key.resize(32, '\x36');
    return Base64(AesCbcEncrypt(key, kTestSalt, PaddedTo(value, 16)));
  };
  const std::string key = "the key of the package: 32 bytes";
  const std::string how = R"( saltSize="16" blockSize="16" keyBits="256" cipherAlgorithm="AES")"
                          R"( cipherChaining="ChainingModeCBC" hashAlgorithm=")" +
                          options.digest + R"(" saltValue=")" + Base64(kTestSalt) + "\"";
  const std::string info =
      Le(4, 2) + Le(4, 2) + Le(0x40, 4) + R"(<?xml version="1.0"?><encryption><keyData)" + how +
      R"(/><keyEncryptors><keyEncryptor><p:encryptedKey spinCount=")" +
      std::to_string(options.rounds) + "\"" + how + " encryptedVerifierHashInput=\"" +
      encrypt("\xfe\xa7\xd2\x76\x3b\x4b\x9e\x79", kTestVerifier) +
      "\" encryptedVerifierHashValue=\"" +
      encrypt("\xd7\xaa\x0f\x6d\x30\x61\x34\x4e", DigestOf(kind, kTestVerifier)) +
      "\" encryptedKeyValue=\"" + encrypt("\x14\x6e\x0b\xe7\xab\xac\xd0\xd6", key) + "\"/>" +
      options.more + "</keyEncryptor></keyEncryptors></encryption>";
  std::string encrypted;
  for (size_t at = 0; at < package.size(); at += 4096) {
    const std::string iv = DigestOf(kind, kTestSalt + Le(at / 4096, 4)).substr(0, 16);
    encrypted += AesCbcEncrypt(key, iv, PaddedTo(package.substr(at, 4096), 16));
  }
  const uint64_t size =
      options.declared_size < 0 ? package.size() : static_cast<uint64_t>(options.declared_size);
  return Streams({{"EncryptionInfo", info}, {"EncryptedPackage", Le(size, 8) + encrypted}});
}

std::string MakeXlsx(const std::string& text) {
  return MakeOoxml(
      {{"xl/workbook.xml", "<workbook><sheets><sheet name=\"Plan\"/></sheets></workbook>"},
       {"xl/sharedStrings.xml", "<sst><si><t>" + text + "</t></si></sst>"}});
}

std::string MailWith(const std::string& text, const std::string& name, const std::string& file) {
  return "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n" +
         text + "\r\n--x\r\nContent-Type: application/octet-stream; name=" + name +
         "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Base64(file) + "\r\n--x--\r\n";
}

}  // namespace gatepost::decode
