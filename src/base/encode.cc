// A door to libsodium.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/encode.h"

#include <sodium.h>

namespace gatepost {

namespace {

const unsigned char* Data(Bytes s) { return reinterpret_cast<const unsigned char*>(s.data()); }

}  // namespace

std::string Base64(Bytes data) {
  std::string out(sodium_base64_ENCODED_LEN(data.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), Data(data), data.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // the NUL
  return out;
}

std::optional<std::string> FromBase64(Bytes text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                        text.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

}  // namespace gatepost
