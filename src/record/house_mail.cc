// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/house_mail.h"

#include "src/base/ids.h"
#include "src/base/utf8.h"
#include "src/mail/writing.h"
#include "src/record/submit.h"

namespace gatepost::record {

std::string Compose(const HouseMail& mail, const std::string& node, int64_t now_ms) {
  std::string to;
  for (const std::string& one : mail.to) {
    to += (to.empty() ? "" : ",\r\n ") + one;
  }
  return "Date: " + mail::MailDate(now_ms) + "\r\nFrom: Gatepost <" + mail.from + ">\r\nTo: " + to +
         "\r\nSubject: " + mail::EncodedWords(PrintableUtf8(mail.subject, 300)) +
         "\r\nMessage-ID: <" + MakeId(now_ms) + "@" + node +
         ">\r\nAuto-Submitted: auto-generated\r\nPrecedence: bulk\r\nMIME-Version: 1.0\r\n"
         "Content-Type: text/plain; charset=utf-8\r\n"
         "Content-Transfer-Encoding: quoted-printable\r\n\r\n" +
         mail::QuotedPrintable(mail.body);
}

Status SendHouseMail(const HouseMail& mail, const std::string& node, const std::string& listener,
                     int64_t now_ms, int timeout_ms) {
  const std::string message = Compose(mail, node, now_ms);
  // One mailbox that is gone must not keep the others from hearing.
  Status refused = Status::Invalid("a mail to nobody");
  bool taken = false;
  for (const std::string& one : mail.to) {
    const Submission sent = Submit(listener, mail::Address(), mail::Address::Parse(one), message,
                                   MakeId(now_ms), timeout_ms);
    if (sent.outcome == Submission::Outcome::kTaken) {
      taken = true;
    } else {
      refused = Status::Unavailable(sent.said);
    }
  }
  return taken ? Status() : refused;
}

}  // namespace gatepost::record
