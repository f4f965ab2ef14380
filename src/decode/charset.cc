// The door to ICU for this room: converters by code page. A converter is opened for each call; that
// costs microseconds, and callers pass whole runs.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/charset.h"

#include <unicode/ucnv.h>

#include <memory>
#include <vector>

#include "src/base/utf8.h"

namespace gatepost::decode {

namespace {

const char* IcuName(int code_page) {
  switch (code_page) {
    case 437:
      return "ibm-437";
    case 850:
      return "ibm-850";
    case 874:
      return "windows-874";
    case 932:
      return "windows-932";
    case 936:
      return "gbk";
    case 949:
      return "windows-949";
    case 950:
      return "windows-950";
    case 1250:
      return "windows-1250";
    case 1251:
      return "windows-1251";
    case 1253:
      return "windows-1253";
    case 1254:
      return "windows-1254";
    case 1255:
      return "windows-1255";
    case 1256:
      return "windows-1256";
    case 1257:
      return "windows-1257";
    case 1258:
      return "windows-1258";
    case 10000:
      return "macintosh";
    case 65001:
      return "utf-8";
    default:
      return "windows-1252";
  }
}

struct CloseConverter {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
};

std::string Convert(const char* from, Bytes bytes) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UConverter, CloseConverter> converter(ucnv_open(from, &status));
  if (U_FAILURE(status) || bytes.size() > INT32_MAX / 4) {
    return ToValidUtf8(bytes);
  }
  std::vector<UChar> wide(bytes.size() * 2 + 1);
  const int32_t length =
      ucnv_toUChars(converter.get(), wide.data(), static_cast<int32_t>(wide.size()), bytes.data(),
                    static_cast<int32_t>(bytes.size()), &status);
  if (U_FAILURE(status) && status != U_STRING_NOT_TERMINATED_WARNING) {
    return ToValidUtf8(bytes);
  }
  std::string out;
  out.reserve(static_cast<size_t>(length));
  for (int32_t i = 0; i < length; ++i) {
    const char32_t unit = wide[static_cast<size_t>(i)];
    if (unit >= 0xd800 && unit < 0xdc00 && i + 1 < length) {
      const char32_t low = wide[static_cast<size_t>(i) + 1];
      if (low >= 0xdc00 && low < 0xe000) {
        AppendUtf8(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), &out);
        ++i;
        continue;
      }
    }
    AppendUtf8(unit, &out);
  }
  return out;
}

}  // namespace

std::string Cp437ToUtf8(Bytes bytes) { return Convert("ibm-437", bytes); }

std::string CodePageToUtf8(int code_page, Bytes bytes) {
  return IsAscii(bytes) ? std::string(bytes) : Convert(IcuName(code_page), bytes);
}

std::string Utf16LeToUtf8(Bytes bytes) {
  std::string out;
  out.reserve(bytes.size());
  const auto unit_at = [bytes](size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(bytes[i]) |
                                 static_cast<unsigned>(static_cast<unsigned char>(bytes[i + 1]))
                                     << 8);
  };
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const char32_t unit = unit_at(i);
    if (unit >= 0xd800 && unit < 0xdc00 && i + 3 < bytes.size()) {
      const char32_t low = unit_at(i + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        AppendUtf8(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), &out);
        i += 2;
        continue;
      }
    }
    AppendUtf8(unit, &out);
  }
  return out;
}

std::string Utf8ToUtf16Le(Bytes utf8) {
  std::string out;
  const auto put = [&out](char32_t unit) {
    out.push_back(static_cast<char>(unit & 0xff));
    out.push_back(static_cast<char>(unit >> 8));
  };
  for (size_t at = 0; at < utf8.size();) {
    const Utf8Unit unit = DecodeUtf8(utf8, at);
    at += unit.bytes;
    if (unit.code_point < 0x10000) {
      put(unit.code_point);
    } else {
      put(0xd7c0 + (unit.code_point >> 10));
      put(0xdc00 + (unit.code_point & 0x3ff));
    }
  }
  return out;
}

bool SingleByteLetters(const char* encoding, std::array<int, 256>* letters) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UConverter, CloseConverter> converter(ucnv_open(encoding, &status));
  if (U_FAILURE(status) || ucnv_getMaxCharSize(converter.get()) != 1) {
    return false;
  }
  for (size_t byte = 0; byte < letters->size(); ++byte) {
    const char source = static_cast<char>(byte);
    UChar unit = 0;
    status = U_ZERO_ERROR;
    const int32_t length = ucnv_toUChars(converter.get(), &unit, 1, &source, 1, &status);
    (*letters)[byte] = length == 1 && unit != 0xfffd ? static_cast<int>(unit) : -1;
  }
  (*letters)[0] = 0;
  return true;
}

}  // namespace gatepost::decode
