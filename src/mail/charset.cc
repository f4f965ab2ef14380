// ICU converters; the common charsets take a path of our own, because opening a converter costs
// more than converting a subject. LIMITS: no Vietnamese font encodings but VISCII (VNI, TCVN3):
// these are recognised by content in text/. SPDX-License-Identifier: GPL-2.0-or-later
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

// VISCII (RFC 1456), 80 to FF, and the six controls that are letters; ICU does not have it.
constexpr std::array<char16_t, 128> kViscii = {
    0x1EA0, 0x1EAE, 0x1EB0, 0x1EB6, 0x1EA4, 0x1EA6, 0x1EA8, 0x1EAC, 0x1EBC, 0x1EB8, 0x1EBE, 0x1EC0,
    0x1EC2, 0x1EC4, 0x1EC6, 0x1ED0, 0x1ED2, 0x1ED4, 0x1ED6, 0x1ED8, 0x1EE2, 0x1EDA, 0x1EDC, 0x1EDE,
    0x1ECA, 0x1ECE, 0x1ECC, 0x1EC8, 0x1EE6, 0x0168, 0x1EE4, 0x1EF2, 0x00D5, 0x1EAF, 0x1EB1, 0x1EB7,
    0x1EA5, 0x1EA7, 0x1EA9, 0x1EAD, 0x1EBD, 0x1EB9, 0x1EBF, 0x1EC1, 0x1EC3, 0x1EC5, 0x1EC7, 0x1ED1,
    0x1ED3, 0x1ED5, 0x1ED7, 0x1EE0, 0x01A0, 0x1ED9, 0x1EDD, 0x1EDF, 0x1ECB, 0x1EF0, 0x1EE8, 0x1EEA,
    0x1EEC, 0x01A1, 0x1EDB, 0x01AF, 0x00C0, 0x00C1, 0x00C2, 0x00C3, 0x1EA2, 0x0102, 0x1EB3, 0x1EB5,
    0x00C8, 0x00C9, 0x00CA, 0x1EBA, 0x00CC, 0x00CD, 0x0128, 0x1EF3, 0x0110, 0x1EE9, 0x00D2, 0x00D3,
    0x00D4, 0x1EA1, 0x1EF7, 0x1EEB, 0x1EED, 0x00D9, 0x00DA, 0x1EF9, 0x1EF5, 0x00DD, 0x1EE1, 0x01B0,
    0x00E0, 0x00E1, 0x00E2, 0x00E3, 0x1EA3, 0x0103, 0x1EEF, 0x1EAB, 0x00E8, 0x00E9, 0x00EA, 0x1EBB,
    0x00EC, 0x00ED, 0x0129, 0x1EC9, 0x0111, 0x1EF1, 0x00F2, 0x00F3, 0x00F4, 0x00F5, 0x1ECF, 0x1ECD,
    0x1EE5, 0x00F9, 0x00FA, 0x0169, 0x1EE7, 0x00FD, 0x1EE3, 0x1EEE};

std::string FromViscii(Bytes bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 4);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const char32_t control = byte == 0x02   ? 0x1EB2
                             : byte == 0x05 ? 0x1EB4
                             : byte == 0x06 ? 0x1EAA
                             : byte == 0x14 ? 0x1EF6
                             : byte == 0x19 ? 0x1EF8
                             : byte == 0x1E ? 0x1EF4
                                            : 0;
    if (byte >= 0x80 || control != 0) {
      AppendUtf8(control != 0 ? control : kViscii[byte - 0x80U], &out);
    } else {
      out.push_back(c);
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
  if (name == "viscii" || name == "csviscii" || name == "x-viscii" || name == "viscii1.1-1") {
    // UTF-8 under this label shows by the letters that only Vietnamese has.
    const bool utf8 = IsUtf8(bytes) && (bytes.find("\xE1\xBA") != Bytes::npos ||
                                        bytes.find("\xE1\xBB") != Bytes::npos);
    return utf8 ? std::string(bytes) : FromViscii(bytes);
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
