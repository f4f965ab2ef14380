// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/notice/letter.h"

#include <algorithm>

#include "src/base/digest.h"
#include "src/mail/writing.h"

namespace gatepost::notice {

namespace {

bool IsMessageId(Bytes text) {
  return text.size() > 4 && text.size() < 250 && text.front() == '<' && text.back() == '>' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; }) &&
         std::count(text.begin(), text.end(), '@') == 1;
}

}  // namespace

std::string Compose(const Letter& letter) {
  std::string out;
  const auto field = [&out](const char* name, const std::string& value) {
    out += std::string(name) + ": " + value + "\r\n";
  };
  field("Date", mail::MailDate(letter.at_ms));
  field("From", "Gatepost <" + letter.from.spelling() + ">");
  field("To", "<" + letter.to.spelling() + ">");
  field("Subject", mail::EncodedWords(letter.subject));
  field("Message-ID", "<gatepost." +
                          Sha256Hex(letter.key + " " + letter.to.spelling()).substr(0, 32) + "@" +
                          letter.from.domain() + ">");
  if (IsMessageId(letter.answers)) {
    field("In-Reply-To", letter.answers);
    field("References", letter.answers);
  }
  field("Auto-Submitted", letter.answer ? "auto-replied" : "auto-generated");
  field("X-Auto-Response-Suppress", "All");
  field("X-Gatepost-Notice", letter.kind);
  field("Content-Language", ToString(letter.language));
  field("MIME-Version", "1.0");
  field("Content-Type", "text/plain; charset=utf-8");
  field("Content-Transfer-Encoding", "quoted-printable");
  return out + "\r\n" + mail::QuotedPrintable(letter.body);
}

}  // namespace gatepost::notice
