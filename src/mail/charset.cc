// ICU converters; the common charsets take a path of our own, because opening a converter costs
// more than converting a subject. LIMITS: no Vietnamese font encodings (VNI, TCVN3): these are
// recognised by content in text/. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/charset.h"

#include <unicode/ucnv.h>

#include <array>
#include <memory>

#include "src/base/utf8.h"

namespace gatepost::mail {
namespace {

// windows-1252, 80 to 9F; the five undefined bytes stay C1 controls (WHATWG).
constexpr std::array<char32_t, 32> kWindows1252 = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

std::string FromWindows1252(Bytes bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 4);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out.push_back(c);
    } else if (byte < 0xA0) {
      AppendUtf8(kWindows1252[byte - 0x80U], &out);
    } else {
      AppendUtf8(byte, &out);
    }
  }
  return out;
}

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};

void AppendUtf16(const char16_t* units, size_t count, std::string* out) {
  for (size_t i = 0; i < count; ++i) {
    char32_t c = units[i];
    if (c >= 0xD800 && c <= 0xDBFF && i + 1 < count && units[i + 1] >= 0xDC00 &&
        units[i + 1] <= 0xDFFF) {
      c = 0x10000 + ((c - 0xD800) << 10) + (units[i + 1] - 0xDC00U);
      ++i;
    }
    AppendUtf8(c, out);
  }
}

bool IsCharsetName(std::string_view name) {
  if (name.empty() || name.size() > 40) {
    return false;
  }
  for (const char c : name) {
    // A comma or '=' would be an option to ICU.
    const bool fine = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                      c == '.' || c == ':' || c == '+';
    if (!fine) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string GuessUtf8(Bytes bytes) {
  return IsUtf8(bytes) ? std::string(bytes) : FromWindows1252(bytes);
}

std::string ConvertToUtf8(Bytes bytes, std::string_view charset, bool* known) {
  bool ignored = false;
  bool& is_known = known != nullptr ? *known : ignored;
  is_known = true;
  const std::string name = AsciiLower(AsciiTrim(charset));
  if (name == "utf-8" || name == "utf8" || name == "unicode-1-1-utf-8") {
    return ToValidUtf8(bytes);
  }
  if (name == "us-ascii" || name == "ascii" || name == "iso-8859-1" || name == "latin1" ||
      name == "windows-1252" || name == "cp1252" || name == "iso8859-1") {
    // A label below UTF-8 on UTF-8 bytes is a common lie; no Latin-1 text of more than two letters
    // looks like it.
    return IsUtf8(bytes) ? std::string(bytes) : FromWindows1252(bytes);
  }
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<UConverter, CloseConverter> converter;
  if (IsCharsetName(name)) {
    converter.reset(ucnv_open(name.c_str(), &error));
  }
  if (converter == nullptr || U_FAILURE(error) != 0) {
    is_known = false;
    return GuessUtf8(bytes);
  }
  std::string out;
  out.reserve(bytes.size() * 2);
  std::array<char16_t, 1024> buffer;
  const char* source = bytes.data();
  const char* const end = source + bytes.size();
  while (true) {
    char16_t* target = buffer.data();
    error = U_ZERO_ERROR;
    ucnv_toUnicode(converter.get(), &target, buffer.data() + buffer.size(), &source, end, nullptr,
                   1, &error);
    AppendUtf16(buffer.data(), static_cast<size_t>(target - buffer.data()), &out);
    if (error != U_BUFFER_OVERFLOW_ERROR) {
      break;
    }
  }
  return out;
}

}  // namespace gatepost::mail
