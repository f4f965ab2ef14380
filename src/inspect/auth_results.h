// Authentication-Results (RFC 8601): what our own verifier said of SPF, DKIM and DMARC. Total.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
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
  std::string authserv_id;  // lower case, without quotes and trailing dots
  std::vector<AuthResult> results;
};

// The value of one field, unfolded. Comments are skipped, quoted strings opened. At most 200
// results.
AuthResults ParseAuthResults(Bytes value);

// Whose is an Authentication-Results? (RFC 8601 section 5.) The one rule for the milter, which
// removes the forged ones, and for the facts, which must not be fed by them. Milters in front of us
// insert above everything that came over SMTP, so theirs stand above the first field that is not of
// their kind; a method that was reported above already is reported again by a forger only; and
// where no such milter is configured every field that bears our name is a forgery, the topmost too.
class ResultsWatch {
 public:
  enum class Verdict {
    kNotOurs,   // another field, or another authserv-id
    kBelieved,  // *results is filled
    kForged,    // bears our authserv-id and is not ours
  };
  ResultsWatch(std::string_view authserv_id, bool auth_milters);
  // Call for each field of the message's own header, from the top. value: folded or not.
  Verdict See(Bytes name, Bytes value, AuthResults* results);

 private:
  std::string authserv_id_;
  bool auth_milters_;
  bool at_top_ = true;                // nothing yet but what milters insert
  std::vector<std::string> methods_;  // reported by the results that are believed
};

// The domain of an address or of a bare domain, lower case.
std::string DomainOf(Bytes address_or_domain);

}  // namespace gatepost::inspect
