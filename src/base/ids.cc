// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/ids.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "src/base/digest.h"

namespace gatepost {

namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford
constexpr size_t kRandomCharacters = 8;

}  // namespace

std::string MakeId(int64_t unix_ms) {
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> stamp{};
  std::strftime(stamp.data(), stamp.size(), "GP-%Y%m%d-%H%M%S-", &utc);
  std::string id(stamp.data());
  for (const char c : RandomBytes(kRandomCharacters)) {
    id.push_back(kAlphabet[static_cast<unsigned char>(c) % kAlphabet.size()]);
  }
  return id;
}

bool IsId(std::string_view text) {
  constexpr std::string_view kShape = "GP-dddddddd-dddddd-cccccccc";
  if (text.size() != kShape.size()) {
    return false;
  }
  for (size_t i = 0; i < kShape.size(); ++i) {
    const char c = text[i];
    const bool fits = kShape[i] == 'd'   ? (c >= '0' && c <= '9')
                      : kShape[i] == 'c' ? kAlphabet.find(c) != std::string_view::npos
                                         : c == kShape[i];
    if (!fits) {
      return false;
    }
  }
  return true;
}

}  // namespace gatepost
