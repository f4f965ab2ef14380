// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/mail/writing.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "src/base/encode.h"
#include "src/base/utf8.h"

namespace gatepost::mail {

namespace {

constexpr size_t kWordBytes = 42;  // of text in one encoded word: 56 letters of base 64, 68 in all
constexpr size_t kLine = 73;       // of quoted-printable, with room for "=XX=" (limit 76)

}  // namespace

std::string EncodedWords(Bytes utf8) {
  const std::string text = ToValidUtf8(utf8);
  const bool plain =
      text.size() < 60 && text.find("=?") == std::string::npos &&
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (plain) {
    return text;
  }
  std::string out;
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size()) {
      const size_t next = end + DecodeUtf8(text, end).bytes;
      if (next - at > kWordBytes) {
        break;
      }
      end = next;
    }
    std::string piece = text.substr(at, end - at);
    std::replace_if(
        piece.begin(), piece.end(), [](char c) { return c >= 0 && c < 0x20; }, ' ');
    out += (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + Base64(piece) + "?=";
    at = end;
  }
  return out;
}

std::string QuotedPrintable(Bytes text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  size_t column = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      out += "\r\n";
      column = 0;
      continue;
    }
    const bool last = i + 1 == text.size() || text[i + 1] == '\n';
    // A dot alone and "From " survive transport only when they are written otherwise.
    const bool risky = column == 0 && (c == '.' || c == 'F');
    const bool plain =
        (c > 0x20 && c < 0x7F && c != '=' && !risky) || ((c == ' ' || c == '\t') && !last);
    if (column + (plain ? 1U : 3U) > kLine) {
      out += "=\r\n";
      column = 0;
    }
    if (plain) {
      out.push_back(c);
      ++column;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'=', kDigits[byte >> 4], kDigits[byte & 15]};
      column += 3;
    }
  }
  return out;
}

std::string MailDate(int64_t unix_ms) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const time_t seconds = static_cast<time_t>(unix_ms / 1'000);
  tm parts{};
  gmtime_r(&seconds, &parts);
  const auto two = [](int number) {
    return std::string(number < 10 ? "0" : "") + std::to_string(number);
  };
  return std::string(kDays.at(static_cast<size_t>(parts.tm_wday))) + ", " + two(parts.tm_mday) +
         " " + kMonths.at(static_cast<size_t>(parts.tm_mon)) + " " +
         std::to_string(parts.tm_year + 1900) + " " + two(parts.tm_hour) + ":" + two(parts.tm_min) +
         ":" + two(parts.tm_sec) + " +0000";
}

}  // namespace gatepost::mail
