// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/bytes.h"

#include <cstdint>
#include <cstring>

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
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!s.empty() && is_blank(s.front())) {
    s.remove_prefix(1);
  }
  while (!s.empty() && is_blank(s.back())) {
    s.remove_suffix(1);
  }
  return s;
}

size_t AsciiEnd(Bytes s, size_t from) {
  constexpr uint64_t kHighBits = 0x8080808080808080ULL;
  size_t at = from;
  for (uint64_t eight = 0; at + sizeof eight <= s.size(); at += sizeof eight) {
    std::memcpy(&eight, s.data() + at, sizeof eight);
    if ((eight & kHighBits) != 0) {
      break;
    }
  }
  while (at < s.size() && static_cast<unsigned char>(s[at]) < 0x80) {
    ++at;
  }
  return at;
}

bool IsAscii(Bytes s) { return AsciiEnd(s, 0) == s.size(); }

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
