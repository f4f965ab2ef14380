// Mail of our own to people of this house: alerts and heads. Written here and handed to the same
// listener of Postfix that takes released mail, so that no filter of ours sees it again.
// LIMITS: plain text; one transaction for each recipient.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/result.h"

namespace gatepost::record {

struct HouseMail {
  std::string from;             // for people; the envelope's sender is null
  std::vector<std::string> to;  // addresses
  std::string subject, body;    // UTF-8
};

// RFC 5322 with RFC 2047 in the subject, RFC 3834 `Auto-Submitted`; 7-bit throughout. node: this
// machine's name, for the Message-ID.
std::string Compose(const HouseMail& mail, const std::string& node, int64_t now_ms);

// Hands it over, from the null sender. Ok: at least one recipient's copy was taken. kUnavailable:
// none was; says what Postfix said. Cut off after the final dot it may have been taken all the
// same: who tries again may tell twice.
Status SendHouseMail(const HouseMail& mail, const std::string& node, const std::string& listener,
                     int64_t now_ms, int timeout_ms = 20'000);

}  // namespace gatepost::record
