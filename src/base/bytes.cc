// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/bytes.h"

namespace gatepost {

char AsciiLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string AsciiLower(Bytes s) {
  std::string out(s);
  for (char& c : out) {
    c = AsciiLower(c);
  }
  return out;
}

bool AsciiEqualsIgnoreCase(Bytes a, Bytes b) {
  if (a.size() != b.size()) {
    return false;
  }
  for (size_t i = 0; i < a.size(); ++i) {
    if (AsciiLower(a[i]) != AsciiLower(b[i])) {
      return false;
    }
  }
  return true;
}

bool AsciiStartsWithIgnoreCase(Bytes s, Bytes prefix) {
  return s.size() >= prefix.size() && AsciiEqualsIgnoreCase(s.substr(0, prefix.size()), prefix);
}

Bytes AsciiTrim(Bytes s) {
  constexpr Bytes kBlank = " \t\r\n";
  const size_t first = s.find_first_not_of(kBlank);
  if (first == Bytes::npos) {
    return {};
  }
  return s.substr(first, s.find_last_not_of(kBlank) - first + 1);
}

bool IsAscii(Bytes s) {
  for (const char c : s) {
    if (static_cast<unsigned char>(c) >= 0x80) {
      return false;
    }
  }
  return true;
}

std::string Hex(Bytes s) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  out.reserve(s.size() * 2);
  for (const char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

}  // namespace gatepost
