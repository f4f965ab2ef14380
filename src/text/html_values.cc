// Lists inside values.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/html_values.h"

#include <algorithm>

#include "src/base/bytes.h"

namespace gatepost::text {

namespace {

constexpr size_t kMostValues = 200;  // fonts, URLs of one sheet

}  // namespace

void AddUrls(std::string_view value, std::vector<std::string>* urls) {
  for (size_t at = value.find("url("); at != std::string_view::npos && urls->size() < kMostValues;
       at = value.find("url(", at + 4)) {
    const size_t close = value.find(')', at);
    std::string_view url =
        AsciiTrim(value.substr(at + 4, close == std::string_view::npos ? close : close - at - 4));
    while (!url.empty() && (url.front() == '"' || url.front() == '\'')) {
      url.remove_prefix(1);
    }
    while (!url.empty() && (url.back() == '"' || url.back() == '\'')) {
      url.remove_suffix(1);
    }
    if (!url.empty()) {
      urls->emplace_back(url);
    }
  }
}

void AddFonts(std::string_view value, std::vector<std::string>* fonts) {
  size_t at = 0;
  while (at <= value.size() && fonts->size() < kMostValues) {
    const size_t comma = std::min(value.find(',', at), value.size());
    std::string_view font = AsciiTrim(value.substr(at, comma - at));
    while (!font.empty() && (font.front() == '"' || font.front() == '\'')) {
      font.remove_prefix(1);
    }
    while (!font.empty() && (font.back() == '"' || font.back() == '\'')) {
      font.remove_suffix(1);
    }
    if (!font.empty() && font.size() <= 100) {
      fonts->emplace_back(font);
    }
    at = comma + 1;
  }
}

std::string ReadContent(std::string_view value, bool alternative) {
  std::string out;
  for (size_t at = 0; at < value.size() && out.size() < 2'000;) {
    const char c = value[at];
    if (c == '"' || c == '\'') {
      const size_t close = std::min(value.find(c, at + 1), value.size());
      for (const char one : value.substr(at + 1, close - at - 1)) {
        out.push_back(one == '\x01' ? ' ' : one);
      }
      at = close + 1;
    } else if (c == '/' && alternative) {
      break;
    } else if (AsciiStartsWithIgnoreCase(value.substr(at), "url(")) {
      at = std::min(value.find_first_not_of(" \t\n\r\f", at + 4), value.size());
      if (at < value.size() && (value[at] == '"' || value[at] == '\'')) {
        at = std::min(value.find(value[at], at + 1), value.size());
      }
      at = std::min(value.find(')', at), value.size());
    } else if (AsciiStartsWithIgnoreCase(value.substr(at), "attr(")) {
      const size_t close = std::min(value.find(')', at), value.size());
      out += '\x01' + AsciiLower(AsciiTrim(value.substr(at + 5, close - at - 5))) + '\x01';
      at = close + 1;
    } else {
      ++at;
    }
  }
  return out;
}

bool IsComputed(std::string_view value) {
  for (const std::string_view name : {"calc(", "var(", "min(", "max(", "clamp(", "env(", "attr(",
                                      "if(", "sin(", "mod(", "round("}) {
    const size_t at = value.find(name);
    if (at != value.npos && (at == 0 || value[at - 1] < 'a' || value[at - 1] > 'z')) {
      return true;
    }
  }
  return false;
}

}  // namespace gatepost::text
