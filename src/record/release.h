// Giving held mail back to Postfix, byte for byte and exactly once. The state `releasing` is
// durable before SMTP begins; what cannot be known afterwards is never sent again by itself.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/record/again.h"
#include "src/record/audit_trail.h"
#include "src/record/quarantine.h"

namespace gatepost::record {

struct ReleaseReport {
  enum class Outcome {
    kSent,     // Postfix took it; the entry says so
    kRefused,  // Postfix did not take it, nothing was sent; the entry is held as before
    kUnknown,  // the connection broke after the final dot: the entry stays `releasing`
  };
  Outcome outcome = Outcome::kRefused;
  std::string release_id;  // XFORWARD IDENT: orig_queue_id in Postfix's log
  std::vector<mail::Address> recipients;
  std::string said;          // what Postfix said last, or why the connection broke
  bool unreachable = false;  // kRefused because nobody was there to ask; `said` names the setting
};

// May one person release it at once and be countersigned later? kInvalid: a virus or a marking.
Status MayBeUrgent(const Held& held);

struct ReleaseOptions {
  const PrivateKey* key = nullptr;  // for sealed mail
  // What today's rules and signatures find in the message. Empty function: not asked (tests). An
  // error: not released. An infection stops the release unless a request for these recipients was
  // approved with that word; a category that needs two persons, though the one it was held for does
  // not, asks for them now.
  std::function<Result<Reinspection>(const Held& held, const std::string& message)> inspect;
  // Priority mail that cannot wait for a second person: who releases grants it alone, with the
  // reason, and somebody else countersigns within this time. 0: not so. Never a virus or a marking.
  int64_t urgent_ms = 0;
  AuditTrail* audit = nullptr;
  std::string via, on_behalf, client_ip, reason;  // for the trail
  int command_timeout_ms = 60'000;
  int final_timeout_ms = 300'000;  // after the final dot (RFC 5321 4.5.3.2.6: 10 minutes)
};

// Hands the message to the listener at target ("unix:PATH" or "host:port") for the recipients given
// (empty: all that are still held). Every one must be accepted, else nothing is sent. An error:
// our own side failed before anything began, the entry is not in a state to be released, a second
// person is missing, or the message is infected now. The trail hears of the release before the
// first byte is sent, and of its outcome.
Result<ReleaseReport> Release(Quarantine* quarantine, const std::string& id,
                              const std::vector<mail::Address>& recipients,
                              const std::string& target, const std::string& actor,
                              const ReleaseOptions& options = {});

// What Postfix's log (mail.log, or `journalctl` written to a file) says of a release.
struct LogTrace {
  bool seen = false;     // a session with this release id began
  bool queued = false;   // and its message went into the active queue: it was taken
  std::string queue_id;  // under this id
};
Result<LogTrace> TraceRelease(const std::string& mail_log, const std::string& release_id);

// Settles an entry that stayed `releasing`: true: it was taken, false: it was not, as the log or a
// person says.
Status SettleRelease(Quarantine* quarantine, const std::string& id, bool was_sent);

}  // namespace gatepost::record
