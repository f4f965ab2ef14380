// Programs take slashes for backslashes and undo percent signs, so both are looked at as they are
// and undone.
// LIMITS: the first 2,048 bytes of a target, 64 words of a code.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/elsewhere.h"

#include <algorithm>
#include <string>

#include "src/base/bytes.h"
#include "src/base/hex.h"

namespace gatepost::decode {

namespace {

constexpr size_t kMostTarget = 2048;
constexpr size_t kMostWords = 64;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// "C:" or, as in old addresses, "C|".
bool IsDrive(std::string_view path) {
  return path.size() >= 2 && IsLetter(path[0]) && (path[1] == ':' || path[1] == '|');
}

// What stands behind the two slashes of a share.
bool IsShare(std::string_view path) {
  if (path.substr(0, 2) == "?/" || path.substr(0, 2) == "./") {  // names of devices
    return !IsDrive(path.substr(2));
  }
  return !path.empty() && !IsDrive(path) && !AsciiStartsWithIgnoreCase(path, "localhost/");
}

// With slashes only.
bool IsElsewhereBySlashes(std::string_view target) {
  const bool file = AsciiStartsWithIgnoreCase(target, "file:");
  target.remove_prefix(file ? 5 : 0);
  const size_t slashes = std::min(target.find_first_not_of('/'), target.size());
  const std::string_view path = target.substr(slashes);
  if (slashes >= 2) {
    // file:///folder is a folder here; file:////server and file:///\\server are shares.
    return (!file || slashes != 3) && IsShare(path);
  }
  if (slashes == 1 || IsDrive(path)) {
    return false;
  }
  const size_t colon = path.find(':');
  const auto in_scheme = [](char c) {
    return IsLetter(c) || (c >= '0' && c <= '9') || c == '+' || c == '.' || c == '-';
  };
  return colon != std::string_view::npos && colon > 1 && IsLetter(path[0]) &&
         std::all_of(path.begin(), path.begin() + static_cast<ptrdiff_t>(colon), in_scheme);
}

std::string Undone(std::string_view target) {
  std::string out;
  for (size_t i = 0; i < target.size(); ++i) {
    if (target[i] == '%' && i + 2 < target.size() && HexValue(target[i + 1]) >= 0 &&
        HexValue(target[i + 2]) >= 0) {
      out.push_back(static_cast<char>(HexValue(target[i + 1]) << 4 | HexValue(target[i + 2])));
      i += 2;
    } else {
      out.push_back(target[i]);
    }
  }
  return out;
}

}  // namespace

bool IsElsewhere(std::string_view target) {
  std::string path(target.substr(0, kMostTarget));
  // Blanks, quotes and control characters around or within an address are passed over.
  path.erase(std::remove_if(path.begin(), path.end(),
                            [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '"'; }),
             path.end());
  path.erase(0, std::min(path.find_first_not_of(' '), path.size()));
  std::replace(path.begin(), path.end(), '\\', '/');
  std::string undone = Undone(path);
  std::replace(undone.begin(), undone.end(), '\\', '/');
  return IsElsewhereBySlashes(path) || IsElsewhereBySlashes(undone);
}

bool NamesElsewhere(std::string_view code) {
  size_t words = 0;
  for (size_t at = 0; at < code.size() && words < kMostWords; ++words) {
    at = std::min(code.find_first_not_of(" \t\n\r", at), code.size());
    const bool quoted = at < code.size() && code[at] == '"';
    const size_t begin = at + (quoted ? 1 : 0);
    const size_t end = std::min(
        quoted ? code.find('"', begin) : code.find_first_of(" \t\n\r\"", begin), code.size());
    const std::string_view word = code.substr(std::min(begin, code.size()), end - begin);
    std::string single;
    for (size_t i = 0; i < word.size(); ++i) {
      i += word[i] == '\\' && i + 1 < word.size() && word[i + 1] == '\\' ? 1 : 0;
      single.push_back(word[i]);
    }
    if (IsElsewhere(word) || IsElsewhere(single)) {
      return true;
    }
    at = end + (quoted ? 1 : 0);
  }
  return words == kMostWords && code.find("//") != std::string_view::npos;
}

}  // namespace gatepost::decode
