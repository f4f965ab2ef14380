// Mail of our own on its way to Postfix: through the listener that takes released mail, so that no
// filter of ours looks at it again and every other milter does (signatures).
// LIMITS: no queue here; who sends decides when to try again.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/result.h"
#include "src/mail/address.h"

namespace gatepost::record {

struct Submission {
  enum class Outcome {
    kTaken,    // Postfix has it and answers for it
    kLater,    // nothing was sent; the same may work in a while
    kNever,    // refused for good (5xx)
    kUnknown,  // cut off after the final dot: it may have been taken
  };
  Outcome outcome = Outcome::kLater;
  std::string said;  // what Postfix said last, or what failed
};

// One message (RFC 5322, lines end with CRLF) from `sender` (null: <>) to one recipient. `ident`
// stands as orig_queue_id in Postfix's log. At most timeout_ms for each step.
Submission Submit(const std::string& target, const mail::Address& sender,
                  const mail::Address& recipient, const std::string& message,
                  const std::string& ident, int timeout_ms = 30'000);

}  // namespace gatepost::record
