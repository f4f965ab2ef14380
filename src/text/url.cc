// URLs in running text.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/url.h"

#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/decode/script.h"
#include "src/mail/idn.h"

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

Range HostIn(std::string_view url) {
  const size_t slashes = url.find("//");
  if (slashes == std::string_view::npos) {
    return {0, 0};
  }
  size_t begin = slashes + 2;
  const size_t end = std::min(url.find_first_of("/?#\\", begin), url.size());
  const size_t user = url.substr(begin, end - begin).rfind('@');
  begin += user == std::string_view::npos ? 0 : user + 1;
  const size_t port = url.substr(begin, end - begin).find(':');
  return {static_cast<uint32_t>(begin),
          static_cast<uint32_t>(port == std::string_view::npos ? end : begin + port)};
}

namespace {

// The address as browsers take it apart (WHATWG URL, 4.4): behind these schemes any slashes of
// either kind, and none, are two. "" where that changes nothing.
std::string WithUsualSlashes(std::string_view url) {
  const size_t colon = url.substr(0, 8).find(':');
  if (colon == std::string_view::npos) {
    return "";
  }
  const std::string scheme = AsciiLower(url.substr(0, colon));
  if (scheme != "http" && scheme != "https" && scheme != "ftp") {
    return "";
  }
  size_t at = colon + 1;
  while (at < url.size() && (url[at] == '/' || url[at] == '\\')) {
    ++at;
  }
  std::string out = scheme + "://" + std::string(url.substr(at));
  return AsciiEqualsIgnoreCase(out, url) ? "" : out;
}

}  // namespace

std::string ShownUrl(std::string_view given) {
  const std::string usual = WithUsualSlashes(given);
  const std::string_view url = usual.empty() ? given : std::string_view(usual);
  const Range host = HostIn(url);
  const std::string_view name = url.substr(host.begin, host.end - host.begin);
  const bool escaped = name.find('%') != std::string_view::npos;
  if (!escaped && IsAscii(name) && AsciiLower(name).find("xn--") == std::string::npos) {
    return usual;
  }
  const std::string plain = escaped ? decode::PercentDecoded(name) : std::string(name);
  const std::string shown = ToValidUtf8(mail::ShownDomain(plain));
  return shown == AsciiLower(name)
             ? usual
             : std::string(url.substr(0, host.begin)) + shown + std::string(url.substr(host.end));
}

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
