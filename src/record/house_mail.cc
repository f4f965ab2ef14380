// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/house_mail.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "src/base/clock.h"
#include "src/base/encode.h"
#include "src/base/ids.h"
#include "src/base/utf8.h"
#include "src/record/smtp_client.h"

namespace gatepost::record {

namespace {

// RFC 5322 section 3.3, in UTC and in English whatever the locale.
std::string Date(int64_t now_ms) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = now_ms / 1'000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %d %s %d %02d:%02d:%02d +0000",
                kDays[static_cast<size_t>(utc.tm_wday)], utc.tm_mday,
                kMonths[static_cast<size_t>(utc.tm_mon)], utc.tm_year + 1'900, utc.tm_hour,
                utc.tm_min, utc.tm_sec);
  return text.data();
}

// RFC 2047 encoded words of whole characters, a line each.
std::string Encoded(const std::string& text) {
  constexpr size_t kBytesAWord = 39;  // 52 in base64: a line of less than 76
  std::string out;
  std::string word;
  const auto flush = [&out, &word] {
    out += (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + Base64(word) + "?=";
    word.clear();
  };
  for (size_t at = 0; at < text.size();) {
    const size_t size = DecodeUtf8(text, at).bytes;
    if (word.size() + size > kBytesAWord) {
      flush();
    }
    word += text.substr(at, size);
    at += size;
  }
  if (!word.empty()) {
    flush();
  }
  return out;
}

std::string Folded(const std::string& base64) {
  constexpr size_t kLine = 76;
  std::string out;
  for (size_t at = 0; at < base64.size(); at += kLine) {
    out += base64.substr(at, kLine) + "\r\n";
  }
  return out;
}

Status Say(SmtpClient* client, const std::string& line, int wanted) {
  GATEPOST_ASSIGN_OR_RETURN(const SmtpReply reply, client->Command(line));
  return reply.code / 100 == wanted
             ? Status()
             : Status::Unavailable("Postfix answered " + std::to_string(reply.code) + " " +
                                   reply.text + " to " + line.substr(0, line.find(' ')));
}

}  // namespace

std::string Compose(const HouseMail& mail, const std::string& node, int64_t now_ms) {
  std::string to;
  for (const std::string& one : mail.to) {
    to += (to.empty() ? "" : ",\r\n ") + one;
  }
  std::string body;
  for (const char c : mail.body) {
    body += c == '\n' ? std::string("\r\n") : std::string(1, c);
  }
  return "Date: " + Date(now_ms) + "\r\nFrom: Gatepost <" + mail.from + ">\r\nTo: " + to +
         "\r\nSubject: " + Encoded(PrintableUtf8(mail.subject, 300)) + "\r\nMessage-ID: <" +
         MakeId(now_ms) + "@" + node +
         ">\r\nAuto-Submitted: auto-generated\r\nPrecedence: bulk\r\nMIME-Version: 1.0\r\n"
         "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
         Folded(Base64(body));
}

Status SendHouseMail(const HouseMail& mail, const std::string& node, const std::string& listener,
                     int64_t now_ms, int timeout_ms) {
  GATEPOST_ASSIGN_OR_RETURN(SmtpClient client, SmtpClient::Connect(listener, timeout_ms));
  GATEPOST_ASSIGN_OR_RETURN(const SmtpReply greeting, client.ReadReply(timeout_ms));
  if (!greeting.good()) {
    return Status::Unavailable("Postfix answered " + std::to_string(greeting.code) + " " +
                               greeting.text);
  }
  GATEPOST_RETURN_IF_ERROR(Say(&client, "EHLO gatepost", 2));
  GATEPOST_RETURN_IF_ERROR(Say(&client, "MAIL FROM:<>", 2));
  // One mailbox that is gone must not keep the others from hearing.
  Status refused;
  size_t taken = 0;
  for (const std::string& one : mail.to) {
    const Status told = Say(&client, "RCPT TO:<" + one + ">", 2);
    taken += told.ok() ? 1 : 0;
    refused = told.ok() ? refused : told;
  }
  if (taken == 0) {
    return refused.ok() ? Status::Invalid("a mail to nobody") : refused;
  }
  GATEPOST_RETURN_IF_ERROR(Say(&client, "DATA", 3));
  GATEPOST_RETURN_IF_ERROR(client.Send(DotStuffed(Compose(mail, node, now_ms))));
  GATEPOST_RETURN_IF_ERROR(Say(&client, ".", 2));
  static_cast<void>(client.Send("QUIT\r\n").ok());
  return {};
}

}  // namespace gatepost::record
