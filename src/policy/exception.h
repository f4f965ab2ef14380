// Exceptions: what a person allowed for a while, with a name and a reason. Data for Policy::Judge;
// where they are kept is src/record/exceptions.h.
//
// An exception takes rule hits away and nothing else: infections, defects, unread parts and facts
// stay as they were found, and markings' hits are never taken. See README.md for when it does not
// apply at all.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/inspect/findings.h"
#include "src/mail/envelope.h"

namespace gatepost::policy {

// All that is given must fit; at least one of sender, sha256 and rules is given.
struct Exception {
  std::string id;                  // "EX-20261126-204512-7F3K9QZ2"
  std::string sender;              // "a@b.example", "b.example", ".b.example" (below); "" anybody
  std::string sha256;              // hex, of the raw message or of one attachment; "" any
  std::vector<std::string> rules;  // ids, or globs with * and ?; empty: every rule
  std::string owner;               // who answers for it
  std::string reason;
  int64_t created_ms = 0;
  int64_t expires_ms = 0;  // milliseconds since the epoch, UTC; from then on it does not apply
};

using Exceptions = std::vector<Exception>;

// An exception that fits a message, and what it did there.
struct ExceptionUse {
  std::string id, owner, reason;
  std::vector<std::string> rules;  // the hits that it took away
  std::string blocked;             // not empty: it was not applied, for this reason
};

// "a@b.example", "b.example" or ".b.example"; the last two also fit `user%b.example@x` only where
// both domains do.
bool SenderFits(const std::string& pattern, const mail::Address& address);

// The exceptions that fit this message at its time of receipt.
std::vector<const Exception*> Fitting(const Exceptions& exceptions, const mail::Envelope& envelope,
                                      const inspect::Findings& findings);

// Does the exception take this hit? Not where the hit is about something else than its file.
bool Takes(const Exception& exception, const inspect::RuleHit& hit,
           const inspect::Findings& findings);

// Why no exception may touch this message ("infected", "defect of grade C", ...); "": nothing
// forbids it. Markings and clauses are looked at by Judge, which knows them.
std::string ForbiddenBy(const inspect::Findings& findings);

// Why this one may not: a sender that anybody can write is no ground where the authentication says
// that it was somebody else. "": nothing.
std::string ForbiddenFor(const Exception& exception, const scan::Facts& facts);

}  // namespace gatepost::policy
