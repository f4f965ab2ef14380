// Bytes of a part or a field to characters, in SpamAssassin's order: UTF-8 where they are that, the
// label, windows-1252.
// LIMITS: a label that Perl's Encode does not know and ICU does is read by ICU.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <array>

#include "src/base/utf8.h"
#include "src/mail/charset.h"
#include "src/text/assassin.h"
#include "src/text/charset.h"

namespace gatepost::text {

namespace {

bool StartsWith(std::string_view s, std::string_view with) {
  return s.substr(0, with.size()) == with;
}

bool IsOneOf(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool IsNumber(std::string_view text, size_t least, size_t most) {
  return text.size() >= least && text.size() <= most &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Labels of charsets that ASCII is a part of: text without other bytes needs no decoding.
bool ExtendsAscii(std::string_view name) {
  if (IsOneOf(name, {"us-ascii", "ascii", "iso646-us", "utf-8", "utf8", "big5", "gbk", "gb18030",
                     "gb-18030"})) {
    return true;
  }
  for (const std::string_view family : {"iso-8859", "iso 8859", "iso8859"}) {
    if (name == family) {
      return true;
    }
    if (StartsWith(name, family) && name.substr(family.size(), 1) == "-") {
      return IsNumber(name.substr(family.size() + 1), 1, 2);
    }
  }
  constexpr std::string_view kWindows = "windows-";
  if (StartsWith(name, kWindows)) {
    return IsNumber(name.substr(kWindows.size()), 4, 4);
  }
  for (const std::string_view family : {"koi8-", "euc-"}) {
    if (StartsWith(name, family)) {
      return name.size() - family.size() <= 2 && name.size() > family.size();
    }
  }
  return StartsWith(name, "ansi") && name.find("x3.4-19") != std::string_view::npos;
}

constexpr std::string_view kNotInWindows1252 = "\x81\x8D\x8F\x90\x9D";

std::string ReadWindows1252(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 4);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    const bool none = kNotInWindows1252.find(c) != std::string_view::npos;
    AppendUtf8(byte < 0x80 ? byte : none ? kReplacement : Windows1252(byte), &out);
  }
  return out;
}

// By the label alone. False: it is not known, or `strict` and the bytes are not of that charset.
bool ReadLabelled(std::string_view bytes, const std::string& name, bool strict, std::string* out) {
  if (IsOneOf(name, {"iso-8859-1", "iso8859-1", "windows-1252", "cp1252"})) {
    if (strict && bytes.find_first_of(kNotInWindows1252) != std::string_view::npos) {
      return false;
    }
    *out = ReadWindows1252(bytes);
    return true;
  }
  if (IsOneOf(name, {"utf-8", "utf8"})) {
    if (strict && !IsUtf8(bytes)) {
      return false;
    }
    *out = ToValidUtf8(bytes);
    return true;
  }
  bool known = false;
  *out = mail::ConvertToUtf8(bytes, name, &known);
  constexpr std::string_view kBroken = "\xEF\xBF\xBD";
  return known && !(strict && out->find(kBroken) != std::string::npos);
}

// Little or big end first, as the zeros of Latin letters tell; "" where they do not.
std::string EndOfUtf16(std::string_view bytes) {
  if (StartsWith(bytes, "\xFF\xFE") || StartsWith(bytes, "\xFE\xFF")) {
    return "";
  }
  size_t little = 0;
  size_t big = 0;
  uint64_t even = 0;
  uint64_t odd = 0;
  const auto nibbles = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return static_cast<uint64_t>((byte >> 4U) + (byte & 15U));
  };
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    even += nibbles(bytes[i]);
    odd += nibbles(bytes[i + 1]);
    little += bytes[i] == ' ' && bytes[i + 1] == '\0' ? 1 : 0;
    big += bytes[i] == '\0' && bytes[i + 1] == ' ' ? 1 : 0;
  }
  little += even > odd * 4 ? 1 : 0;
  big += odd * 4 > even ? 1 : 0;
  return little > big ? "utf-16le" : big > little ? "utf-16be" : "";
}

}  // namespace

AssassinText ReadForAssassin(std::string_view bytes, std::string_view charset, bool insist) {
  const std::string name = AsciiLower(AsciiTrim(charset));
  const bool ascii = IsAscii(bytes);
  if (ascii && ExtendsAscii(name)) {
    return {std::string(bytes), false};
  }
  if (!ascii && !insist && IsUtf8(bytes)) {
    return {std::string(bytes), true};
  }
  std::string out;
  if (IsOneOf(name, {"us-ascii", "ascii"}) && !insist) {
    // Says nothing of what is beyond ASCII.
  } else if (StartsWith(name, "utf-16") || StartsWith(name, "utf16") ||
             StartsWith(name, "utf 16")) {
    const std::string end = EndOfUtf16(bytes);
    if (!end.empty() && ReadLabelled(bytes, end, !insist, &out)) {
      return {std::move(out), true};
    }
  } else if (!name.empty() && ReadLabelled(bytes, name, !insist, &out)) {
    return {std::move(out), true};
  }
  if (ascii) {
    return {std::string(bytes), false};
  }
  return {ReadWindows1252(bytes), true};
}

}  // namespace gatepost::text
