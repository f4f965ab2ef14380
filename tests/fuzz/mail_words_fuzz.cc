// RFC 2047 words give well-formed UTF-8, and plain ASCII without "=?" stays as it is.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdlib>
#include <string>

#include "src/base/utf8.h"
#include "src/mail/message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string decoded = gatepost::mail::DecodeEncodedWords(text);
  if (!gatepost::IsUtf8(decoded)) {
    std::abort();
  }
  if (gatepost::IsAscii(text) && text.find("=?") == std::string::npos && decoded != text) {
    std::abort();
  }
  return 0;
}
