// The digests and ciphers of locked files, against the examples that their standards print.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/cipher.h"

#include <gtest/gtest.h>

namespace gatepost::decode {
namespace {

std::string FromHex(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  }
  return out;
}

TEST(Cipher, DigestsAreThoseOfTheStandards) {
  EXPECT_EQ(Hex(DigestOf(Digest::kMd5, "abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(Hex(DigestOf(Digest::kSha1, "abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(Hex(DigestOf(Digest::kSha256, "abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(DigestOf(Digest::kSha512, "abc")).substr(0, 32),
            "ddaf35a193617abacc417349ae204131");
  for (const Digest kind :
       {Digest::kMd5, Digest::kSha1, Digest::kSha256, Digest::kSha384, Digest::kSha512}) {
    EXPECT_EQ(DigestOf(kind, "").size(), DigestSize(kind));
  }
}

TEST(Cipher, AHasherBeginsAnewAfterEachDigest) {
  Hasher hasher(Digest::kSha1);
  hasher.Update("ab");
  EXPECT_EQ(hasher.Peek(), DigestOf(Digest::kSha1, "ab"));
  hasher.Update("c");
  EXPECT_EQ(hasher.Finish(), DigestOf(Digest::kSha1, "abc"));
  hasher.Update("abc");
  EXPECT_EQ(hasher.Finish(), DigestOf(Digest::kSha1, "abc"));
}

TEST(Cipher, HmacAndPbkdf2AreThoseOfTheRfcs) {
  // RFC 4231 case 2; RFC 7914 section 11.
  EXPECT_EQ(Hex(HmacOf(Digest::kSha256, "Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(Hex(Pbkdf2Sha256("passwd", "salt", 1, 16)), "55ac046e56e3089fec1691c22544b605");
}

TEST(Cipher, AesIsThatOfTheStandard) {
  // NIST SP 800-38A, F.1.2 and F.2.6.
  EXPECT_EQ(Hex(AesEcb(FromHex("2b7e151628aed2a6abf7158809cf4f3c"),
                       FromHex("3ad77bb40d7a3660a89ecaf32466ef97"))),
            "6bc1bee22e409f96e93d7e117393172a");
  const std::string key =
      FromHex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
  const std::string iv = FromHex("000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(Hex(AesCbc(key, iv, FromHex("f58c4c04d6e5f1ba779eabfb5f7bfbd6"))),
            "6bc1bee22e409f96e93d7e117393172a");
  const std::string text(3 * 16, 'x');
  EXPECT_EQ(AesCbc(key, iv, AesCbcEncrypt(key, iv, text)), text);
  EXPECT_EQ(AesCbc("no key", iv, text), "");
  EXPECT_EQ(AesCbc(key, "no iv", text), "");
  EXPECT_EQ(AesCbc(key, iv, "short"), "");
}

TEST(Cipher, Rc4GoesOnWhereItStopped) {
  EXPECT_EQ(Hex(Rc4("Key").Take("Plaintext")), "bbf316e8d940af0ad3");
  Rc4 stream("Key");
  const std::string first = stream.Take("Plain");
  EXPECT_EQ(Hex(first + stream.Take("text")), "bbf316e8d940af0ad3");
  EXPECT_EQ(Rc4("").Take("text"), "");
}

}  // namespace
}  // namespace gatepost::decode
