// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/submit.h"

#include <utility>

#include "src/record/smtp_session.h"

namespace gatepost::record {

Submission Submit(const std::string& target, const mail::Address& sender,
                  const mail::Address& recipient, const std::string& message,
                  const std::string& ident, int timeout_ms) {
  using Outcome = Submission::Outcome;
  Result<SmtpClient> client = SmtpClient::Connect(target, timeout_ms);
  if (!client.ok()) {
    return {Outcome::kLater, client.status().message()};
  }
  SmtpSession session(std::move(client).value(), timeout_ms);
  mail::Envelope envelope;
  envelope.sender = sender;
  envelope.helo = "gatepost";
  if (const Status begun = session.Begin(envelope, message, ident, {recipient}); !begun.ok()) {
    session.Reset();
    const bool never = session.refusal() >= 500 || begun.code() == Code::kInvalid;
    return {never ? Outcome::kNever : Outcome::kLater, begun.message()};
  }
  const Result<SmtpReply> end = session.End();
  if (!end.ok()) {
    return {Outcome::kUnknown, end.status().message()};
  }
  session.Quit();
  const std::string said = std::to_string(end->code) + " " + end->text;
  if (end->good()) {
    return {Outcome::kTaken, said};
  }
  return {end->code >= 500 ? Outcome::kNever : Outcome::kLater, said};
}

}  // namespace gatepost::record
