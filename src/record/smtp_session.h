// One try to hand one message to Postfix over a connection of our own: greeting, XFORWARD,
// envelope, content. Private to the room; who wants to send something calls Release (release.h) or
// Submit (submit.h). SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/result.h"
#include "src/mail/envelope.h"
#include "src/record/smtp_client.h"

namespace gatepost::record {

// Not thread-safe.
class SmtpSession {
 public:
  SmtpSession(SmtpClient client, int final_timeout_ms)
      : client_(std::move(client)), final_timeout_ms_(final_timeout_ms) {}

  // All but the final dot; `ident` becomes XFORWARD IDENT. A reply that is a refusal comes back as
  // a Status, and `refusal` then says which; all recipients are taken or nothing is sent.
  Status Begin(const mail::Envelope& envelope, Bytes message, const std::string& ident,
               const std::vector<mail::Address>& recipients);
  // From here on a broken connection leaves the outcome unknown.
  Result<SmtpReply> End();
  void Reset();
  void Quit();
  // The code of the reply that was a refusal; 0: none was.
  int refusal() const { return refusal_; }

 private:
  Status Refused(const SmtpReply& reply, const std::string& to);
  Status Good(const SmtpReply& reply, const std::string& to);
  Status Say(const std::string& line);
  bool Offered(const std::string& word) const { return offers_.count(word) > 0; }
  Status Xforward(const mail::Envelope& envelope, const std::string& ident);
  Status MailFrom(const mail::Envelope& envelope, Bytes message,
                  const std::vector<mail::Address>& recipients);

  SmtpClient client_;
  int final_timeout_ms_;
  int refusal_ = 0;
  std::set<std::string> offers_;
};

}  // namespace gatepost::record
