// CSS before it is read, and which of its declarations win.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/bytes.h"
#include "src/base/hex.h"
#include "src/base/utf8.h"
#include "src/text/html_style.h"

namespace gatepost::text {

namespace {

bool IsCssBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

// What an escape stands for; signs that structure a sheet have none of their power then.
void AppendEscaped(char32_t c, std::string* out) {
  switch (c) {
    case '"':
      c = 0x201D;
      break;
    case '\'':
      c = 0x2019;
      break;
    case '{':
    case '}':
    case ';':
      c += 0xFEE0;  // full width
      break;
    default:
      break;
  }
  AppendUtf8(c == 0 ? kReplacement : c, out);
}

}  // namespace

std::string PlainCss(std::string_view css) {
  std::string out;
  out.reserve(css.size());
  for (size_t i = 0; i < css.size();) {
    if (css[i] == '/' && i + 1 < css.size() && css[i + 1] == '*') {
      const size_t close = css.find("*/", i + 2);
      i = close == std::string_view::npos ? css.size() : close + 2;
      continue;
    }
    if (css[i] != '\\' || i + 1 >= css.size()) {
      out.push_back(css[i++]);
      continue;
    }
    ++i;
    if (HexValue(css[i]) < 0) {
      if (static_cast<unsigned char>(css[i]) >= 0x80) {
        out.push_back(css[i]);
      } else if (css[i] != '\n') {
        AppendEscaped(static_cast<unsigned char>(css[i]), &out);
      }
      ++i;
      continue;
    }
    char32_t value = 0;
    for (size_t digits = 0; i < css.size() && digits < 6 && HexValue(css[i]) >= 0; ++digits) {
      value = value * 16 + static_cast<char32_t>(HexValue(css[i++]));
    }
    if (i < css.size() && IsCssBlank(css[i])) {
      ++i;
    }
    AppendEscaped(value, &out);
  }
  return out;
}

void Cascade::Add(const Declaration* declaration, uint32_t specificity, uint32_t order) {
  const auto i = static_cast<size_t>(declaration->property);
  const uint64_t rank = (declaration->important ? uint64_t{1} << 62U : uint64_t{0}) |
                        (uint64_t{specificity} << 32U) | order;
  if ((set_ >> i & 1U) == 0 || rank >= ranks_[i]) {
    set_ |= uint64_t{1} << i;
    winners_[i] = declaration;
    ranks_[i] = rank;
  }
}

}  // namespace gatepost::text
