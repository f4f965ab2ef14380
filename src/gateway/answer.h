// Decision to answer: what the SMTP client hears and which fields the message gets. Pure.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/policy/policy.h"
#include "src/record/decision.h"

namespace gatepost::gateway {

struct Answer {
  enum class Kind {
    kAccept,   // with headers and without delete_recipients
    kDiscard,  // held for all: 250, and our copy is the only one
    kReject,
    kTempfail,
  };
  Kind kind = Kind::kTempfail;
  std::string code = "451";     // three digits; for kReject and kTempfail
  std::string xcode = "4.3.0";  // RFC 3463
  std::string text = "Service unavailable, try again later";     // ASCII, one line, with the ref
  std::vector<std::pair<std::string, std::string>> add_headers;  // name, value without line ends
  std::vector<std::string> delete_recipients;                    // spelled as in RCPT TO
};

Answer AnswerFor(const record::Decision& decision, const policy::Policy::Thresholds& thresholds);

// Fields that only we may write: inbound copies of these are removed. Any case.
bool IsOurHeader(std::string_view name);

// The reply as the log keeps it: "550 5.7.1 text (ref GP-...)"; "" when Postfix says 250.
std::string ReplyLine(const record::Decision& decision);

}  // namespace gatepost::gateway
