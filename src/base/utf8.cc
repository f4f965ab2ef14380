// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/utf8.h"

#include <algorithm>
#include <cstring>

namespace gatepost {

Utf8Unit DecodeUtf8(Bytes s, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) {
    return {lead, 1, true};
  }
  // The second byte's range carries all the rules on overlongs, surrogates and U+10FFFF.
  unsigned low = 0x80;
  unsigned high = 0xBF;
  unsigned more = 0;
  char32_t code_point = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    more = 1;
    code_point = lead & 0x1FU;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    more = 2;
    code_point = lead & 0x0FU;
    low = lead == 0xE0 ? 0xA0 : 0x80;
    high = lead == 0xED ? 0x9F : 0xBF;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    more = 3;
    code_point = lead & 0x07U;
    low = lead == 0xF0 ? 0x90 : 0x80;
    high = lead == 0xF4 ? 0x8F : 0xBF;
  } else {
    return {kReplacement, 1, false};
  }
  for (unsigned i = 1; i <= more; ++i) {
    if (at + i >= s.size() || byte(at + i) < low || byte(at + i) > high) {
      return {kReplacement, static_cast<uint8_t>(i), false};
    }
    code_point = (code_point << 6) | (byte(at + i) & 0x3FU);
    low = 0x80;
    high = 0xBF;
  }
  return {code_point, static_cast<uint8_t>(more + 1), true};
}

bool IsUtf8(Bytes s) {
  for (size_t i = AsciiEnd(s, 0); i < s.size(); i = AsciiEnd(s, i)) {
    const Utf8Unit unit = DecodeUtf8(s, i);
    if (!unit.valid) {
      return false;
    }
    i += unit.bytes;
  }
  return true;
}

size_t CountCodePoints(Bytes s) {
  constexpr uint64_t kLowBits = 0x0101010101010101ULL;
  size_t continuing = 0;  // bytes 80 to BF
  size_t at = 0;
  for (uint64_t eight = 0; at + sizeof eight <= s.size(); at += sizeof eight) {
    std::memcpy(&eight, s.data() + at, sizeof eight);
    // One bit for each of eight bytes, added up in the highest.
    continuing += ((eight >> 7 & ~(eight >> 6) & kLowBits) * kLowBits) >> 56;
  }
  for (; at < s.size(); ++at) {
    continuing += (static_cast<unsigned char>(s[at]) & 0xC0U) == 0x80 ? 1U : 0U;
  }
  return s.size() - continuing;
}

void AppendUtf8(char32_t code_point, std::string* out) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
    code_point = kReplacement;
  }
  const auto put = [out](char32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3F));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

std::string ToValidUtf8(Bytes s) {
  std::string out;
  out.reserve(s.size());
  size_t valid_since = 0;
  for (size_t i = AsciiEnd(s, 0); i < s.size(); i = AsciiEnd(s, i)) {
    const Utf8Unit unit = DecodeUtf8(s, i);
    if (!unit.valid) {
      out.append(s, valid_since, i - valid_since);
      AppendUtf8(kReplacement, &out);
      valid_since = i + unit.bytes;
    }
    i += unit.bytes;
  }
  out.append(s, std::min(valid_since, s.size()));
  return out;
}

std::string PrintableUtf8(Bytes s, size_t max_bytes) {
  std::string out;
  for (size_t i = 0; i < s.size();) {
    const Utf8Unit unit = DecodeUtf8(s, i);
    const char32_t c = unit.code_point;
    const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    std::string piece;
    AppendUtf8(control ? kReplacement : c, &piece);
    if (out.size() + piece.size() > max_bytes) {
      return out + "...";
    }
    out += piece;
    i += unit.bytes;
  }
  return out;
}

}  // namespace gatepost
