// Magic numbers: bytes with their NULs, at a place.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>

#include "src/base/bytes.h"

namespace gatepost::decode {

// A literal with its length, so that NUL bytes count.
template <size_t N>
constexpr Bytes Lit(const char (&text)[N]) {
  return Bytes(text, N - 1);
}

inline bool At(Bytes bytes, size_t offset, Bytes magic) {
  return bytes.size() >= offset + magic.size() && bytes.substr(offset, magic.size()) == magic;
}

}  // namespace gatepost::decode
