// URLs in running text.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/url.h"

#include <algorithm>

#include "src/base/bytes.h"

namespace gatepost::text {

namespace {

bool EndsUrl(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == '"' || c == '|' ||
         c == '`' || c == '{' || c == '}';
}

bool IsSchemeChar(char c) {
  const char lower = AsciiLower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
         c == '.';
}

// Where the URL that begins at `begin` ends.
size_t EndOf(std::string_view text, size_t begin) {
  size_t end = begin;
  while (end < text.size() && end - begin < 2'048 && !EndsUrl(text[end])) {
    ++end;
  }
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) {
    --end;  // cut at a code point's edge
  }
  constexpr std::string_view kSentence = ".,;:!?'*_";
  while (end > begin && (kSentence.find(text[end - 1]) != std::string_view::npos ||
                         (text[end - 1] == ')' &&
                          text.substr(begin, end - begin).find('(') == std::string_view::npos) ||
                         (text[end - 1] == ']' &&
                          text.substr(begin, end - begin).find('[') == std::string_view::npos))) {
    --end;
  }
  return end;
}

}  // namespace

std::vector<std::string> FindUrls(std::string_view text, size_t most) {
  std::vector<std::string> out;
  size_t at = 0;
  size_t scheme = text.find("://");
  size_t www = text.find("www.");
  while ((scheme != std::string_view::npos || www != std::string_view::npos) && out.size() < most) {
    size_t begin = 0;
    size_t body = 0;
    if (scheme < www) {
      begin = scheme;
      body = scheme + 3;
      while (begin > at && scheme - begin < 20 && IsSchemeChar(text[begin - 1])) {
        --begin;
      }
    } else {
      begin = www;
      body = www + 4;
    }
    const size_t end = EndOf(text, begin);
    if (end > body && begin != scheme) {
      out.emplace_back(text.substr(begin, end - begin));
    }
    at = std::max(end, body);
    if (scheme != std::string_view::npos && scheme < at) {
      scheme = text.find("://", at);
    }
    if (www != std::string_view::npos && www < at) {
      www = text.find("www.", at);
    }
  }
  return out;
}

}  // namespace gatepost::text
