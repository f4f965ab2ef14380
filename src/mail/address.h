// Addresses (RFC 5321 4.1.2, RFC 5322 3.4, RFC 6531). One type for every test of whose an address
// is: own-domain and freemail tests use only this (quoted local parts, source routes, the percent
// hack, A- and U-labels, trailing dot, case and +extension all hide a domain from a naive test).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"

namespace gatepost::mail {

// A value type. Total: any bytes parse to an Address; valid() says whether it was one.
class Address {
 public:
  // The null sender: "" or "<>".
  Address() = default;
  // "user@host", "<@relay:user@host>", "\"a b\"@host", "<user%gmail.com@own.example>". Surrounding
  // brackets and blanks are dropped.
  static Address Parse(Bytes text);

  bool is_null() const { return spelling_.empty(); }
  bool valid() const { return valid_; }
  // As it was given, without brackets. For DELRCPT and SMTP.
  const std::string& spelling() const { return spelling_; }
  // Unquoted, case kept (RFC 5321 2.4), UTF-8.
  const std::string& local() const { return local_; }
  // Local part without "+extension", ASCII lower case: for lists and comparisons.
  std::string local_key() const;
  // Lower case, U-labels turned into A-labels (UTS #46, no DNS), no trailing dot. "[192.0.2.1]"
  // for literals. Empty: none.
  const std::string& domain() const { return domain_; }
  // The last domain that mail could really go to: behind a source route or a percent hack
  // ("user%gmail.com@own" -> "gmail.com"); otherwise domain().
  const std::string& final_domain() const { return final_domain_; }
  // local_key()@domain(): the identity used for lists, pairs and logs.
  std::string key() const;
  // Is domain() (or final_domain(), where they differ, both must hold) `domain` or below it?
  bool InDomain(std::string_view domain) const;
  friend bool operator==(const Address& a, const Address& b) { return a.key() == b.key(); }

 private:
  std::string spelling_;
  std::string local_;
  std::string domain_;
  std::string final_domain_;
  bool valid_ = true;
};

// One mailbox of an address header.
struct Mailbox {
  std::string display;  // decoded (RFC 2047), UTF-8
  Address address;
};

// From, To, Cc, Reply-To... (RFC 5322 3.4 with groups flattened). Iterative, bounded; oddities that
// matter are reported by the message parser as defects, not here.
std::vector<Mailbox> ParseAddressList(Bytes value, size_t most = 1'000);

}  // namespace gatepost::mail
