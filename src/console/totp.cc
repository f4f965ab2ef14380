// The door to OpenSSL's HMAC: libsodium has no SHA-1.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "src/base/digest.h"

namespace gatepost::console {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

}  // namespace

std::string Base32(Bytes bytes) {
  std::string out;
  uint32_t buffer = 0;
  int bits = 0;
  for (const char c : bytes) {
    buffer = buffer << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 5; bits -= 5) {
      out.push_back(kAlphabet[buffer >> (bits - 5) & 31U]);
    }
  }
  if (bits > 0) {
    out.push_back(kAlphabet[buffer << (5 - bits) & 31U]);
  }
  return out;
}

bool FromBase32(Bytes text, std::string* out) {
  out->clear();
  uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == ' ' || c == '=') {
      continue;
    }
    const char capital = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    const size_t value = kAlphabet.find(capital);
    if (value == std::string_view::npos) {
      return false;
    }
    buffer = buffer << 5 | static_cast<uint32_t>(value);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out->push_back(static_cast<char>(buffer >> bits & 255U));
    }
  }
  return true;
}

std::string TotpCode(Bytes secret, int64_t step) {
  std::array<unsigned char, 8> counter{};
  for (size_t i = 0; i < counter.size(); ++i) {
    counter[i] = static_cast<unsigned char>(static_cast<uint64_t>(step) >> (8 * (7 - i)));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  if (HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(),
           counter.size(), mac.data(), &size) == nullptr ||
      size != 20) {
    return {};
  }
  const size_t at = mac[19] & 15U;  // RFC 4226 5.3
  const uint32_t number = (static_cast<uint32_t>(mac[at] & 0x7FU) << 24) |
                          (static_cast<uint32_t>(mac[at + 1]) << 16) |
                          (static_cast<uint32_t>(mac[at + 2]) << 8) | mac[at + 3];
  const std::string digits = std::to_string(number % 1'000'000);
  return std::string(6 - digits.size(), '0') + digits;
}

int64_t MatchTotp(Bytes secret, Bytes code, int64_t now_ms) {
  const int64_t present = now_ms / kTotpStepMs;
  int64_t match = -1;
  for (int64_t step = present - 1; step <= present + 1; ++step) {
    const std::string expected = TotpCode(secret, step);
    if (!expected.empty() && EqualSecret(expected, code)) {
      match = step;
    }
  }
  return match;
}

std::string TotpUri(const std::string& account, const std::string& secret_base32) {
  return "otpauth://totp/Gatepost:" + account + "?secret=" + secret_base32 + "&issuer=Gatepost";
}

}  // namespace gatepost::console
