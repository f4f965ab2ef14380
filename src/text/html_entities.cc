// Character references as browsers read them.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_entities.h"

#include <algorithm>
#include <iterator>

#include "src/base/utf8.h"
#include "src/text/charset.h"

namespace gatepost::text {

namespace {

struct Entity {
  std::string_view name;
  char32_t first;
  char32_t second;
  bool without_semicolon;
};

constexpr Entity kEntities[] = {
#include "src/text/html_entities.inc"
};

constexpr size_t kLongestName = 31;
constexpr size_t kLongestWithoutSemicolon = 6;

const Entity* Find(std::string_view name) {
  const auto* found = std::lower_bound(
      std::begin(kEntities), std::end(kEntities), name,
      [](const Entity& entity, std::string_view wanted) { return entity.name < wanted; });
  return found != std::end(kEntities) && found->name == name ? found : nullptr;
}

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void Append(const Entity& entity, std::string* out) {
  AppendUtf8(entity.first, out);
  if (entity.second != 0) {
    AppendUtf8(entity.second, out);
  }
}

int DigitOf(char c, bool hex) {
  if (c >= '0' && c <= '9') {
    return c - '0';
  }
  const char lower = AsciiLower(c);
  return hex && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

size_t ReadNumber(std::string_view s, size_t at, std::string* out) {
  size_t i = at + 2;
  const bool hex = i < s.size() && (s[i] == 'x' || s[i] == 'X');
  i += hex ? 1U : 0U;
  const size_t digits = i;
  char32_t value = 0;
  for (; i < s.size() && DigitOf(s[i], hex) >= 0; ++i) {
    const auto digit = static_cast<char32_t>(DigitOf(s[i], hex));
    value = std::min<char32_t>(value * (hex ? 16 : 10) + digit, 0x110000);
  }
  if (i == digits) {
    return 0;
  }
  if (value >= 0x80 && value < 0xA0) {
    value = Windows1252(static_cast<unsigned char>(value));
  }
  AppendUtf8(value == 0 ? kReplacement : value, out);
  return i - at + (i < s.size() && s[i] == ';' ? 1U : 0U);
}

}  // namespace

size_t ReadCharacterReference(std::string_view s, size_t at, std::string* out) {
  if (at + 2 >= s.size()) {
    return 0;
  }
  if (s[at + 1] == '#') {
    return ReadNumber(s, at, out);
  }
  size_t end = at + 1;
  while (end < s.size() && end - at - 1 < kLongestName && IsAlnum(s[end])) {
    ++end;
  }
  if (end < s.size() && s[end] == ';') {
    const Entity* entity = Find(s.substr(at + 1, end - at - 1));
    if (entity != nullptr) {
      Append(*entity, out);
      return end + 1 - at;
    }
  }
  for (size_t length = std::min(end - at - 1, kLongestWithoutSemicolon); length >= 2; --length) {
    const Entity* entity = Find(s.substr(at + 1, length));
    if (entity != nullptr && entity->without_semicolon) {
      Append(*entity, out);
      return length + 1;
    }
  }
  return 0;
}

std::string DecodeCharacterReferences(std::string_view s) {
  std::string out;
  out.reserve(s.size());
  for (size_t i = 0; i < s.size();) {
    const size_t took = s[i] == '&' ? ReadCharacterReference(s, i, &out) : 0;
    if (took == 0) {
      out.push_back(s[i++]);
    } else {
      i += took;
    }
  }
  return out;
}

}  // namespace gatepost::text
