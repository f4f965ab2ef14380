// Authentication-Results (RFC 8601): what our own verifier said of SPF, DKIM and DMARC. Total.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::inspect {

struct AuthResult {
  std::string method;  // lower case: "spf", "dkim", "dmarc"
  std::string result;  // lower case: "pass", "fail", "softfail", "none"...
  // "smtp.mailfrom", "header.d", ... -> value, names in lower case, in order.
  std::vector<std::pair<std::string, std::string>> properties;
  std::string Property(std::string_view name) const;
};

struct AuthResults {
  std::string authserv_id;
  std::vector<AuthResult> results;
};

// The value of one field, unfolded. Comments are skipped, quoted strings opened. At most 200
// results.
AuthResults ParseAuthResults(Bytes value);

// The domain of an address or of a bare domain, lower case.
std::string DomainOf(Bytes address_or_domain);

}  // namespace gatepost::inspect
