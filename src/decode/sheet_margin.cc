// "&C&\"Arial,Bold\"&12&KFF0000MAT" : codes start with '&'.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/decode/sheet_margin.h"

#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/hex.h"

namespace gatepost::decode {

namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Of a colour behind "&K": six hexadecimal digits, or a theme's number, a sign and a shade.
size_t LengthOfColor(std::string_view text) {
  size_t digits = 0;
  while (digits < 6 && digits < text.size() && HexValue(text[digits]) >= 0) {
    ++digits;
  }
  if (digits == 6) {
    return 6;
  }
  const bool theme = digits >= 2 && text.size() >= 6 && (text[2] == '+' || text[2] == '-') &&
                     IsDigit(text[3]) && IsDigit(text[4]) && IsDigit(text[5]);
  return theme ? 6 : digits;
}

}  // namespace

std::string TextOfMargin(std::string_view codes, uint32_t normal, FontMarks* marks) {
  std::string text;
  uint32_t font = normal;
  uint32_t marked = 0;
  const auto put = [&](char c) {
    if (font != marked) {
      FontMarks::Append(font, &text);
      marked = font;
    }
    text.push_back(c);
  };
  for (size_t i = 0; i < codes.size(); ++i) {
    if (codes[i] != '&' || i + 1 >= codes.size()) {
      put(codes[i]);
      continue;
    }
    const char code = codes[++i];
    if (code == '&') {
      put('&');
    } else if (code == '"') {
      const size_t end = std::min(codes.find('"', i + 1), codes.size());
      // The style behind the comma is in the writer's language; "-" is the theme's font.
      const std::string_view name = codes.substr(i + 1, end - i - 1);
      const std::string_view face = name.substr(0, name.rfind(','));
      font = face.empty() || face == "-" ? normal : marks->NumberOf(face);
      i = end;
    } else if (code == 'L' || code == 'C' || code == 'R') {
      text.push_back('\n');
      font = normal;
    } else if (code == 'K') {
      i += LengthOfColor(codes.substr(i + 1));
    } else if (static_cast<unsigned char>(code) >= 0x80) {
      put(code);  // no code, but the beginning of a letter
    } else if (IsDigit(code)) {
      while (i + 1 < codes.size() && IsDigit(codes[i + 1])) {
        ++i;
      }
    }
  }
  if (marked != 0) {
    FontMarks::Append(0, &text);
  }
  return text;
}

}  // namespace gatepost::decode
