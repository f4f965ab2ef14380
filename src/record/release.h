// Giving held mail back to Postfix, byte for byte and exactly once. The state `releasing` is
// durable before SMTP begins; what cannot be known afterwards is never sent again by itself.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/record/quarantine.h"

namespace gatepost::record {

// Of a release that Postfix took.
struct ReleaseReport {
  std::string release_id;  // XFORWARD IDENT: orig_queue_id in Postfix's log
  std::vector<mail::Address> recipients;
  std::string reply;       // Postfix's last: "250 2.0.0 Ok: queued as 4F..."
};

struct ReleaseOptions {
  int command_timeout_ms = 60'000;
  int final_timeout_ms = 300'000;  // after the final dot (RFC 5321 4.5.3.2.6: 10 minutes)
};

// Hands the message to the listener at target ("unix:PATH" or "host:port") for the recipients given
// (empty: all that are still held). Every one must be accepted, else nothing is sent. Errors:
// kUnavailable: nothing was sent, the entry is held as before (the message says what Postfix said);
// kInternal: the connection broke after the final dot, so that nobody knows, and the entry stays
// `releasing` until it is settled; others: it was not in a state to be released.
Result<ReleaseReport> Release(Quarantine* quarantine, const std::string& id,
                              const std::vector<mail::Address>& recipients,
                              const std::string& target, const std::string& actor,
                              const ReleaseOptions& options = {});

// What Postfix's log (mail.log, or `journalctl` written to a file) says of a release.
struct LogTrace {
  bool seen = false;      // a session with this release id began
  bool queued = false;    // and its message went into the active queue: it was taken
  std::string queue_id;   // under this id
};
Result<LogTrace> TraceRelease(const std::string& mail_log, const std::string& release_id);

// Settles one entry that stayed `releasing`: true: it was taken, false: it was not, as the log or a
// person says.
Status SettleRelease(Quarantine* quarantine, const std::string& id, bool was_sent);

struct Settled {
  std::string id;
  std::string outcome;  // "released", "unknown"
  std::string why;
};
// Every entry that stayed `releasing`: those that Postfix's log says were taken become released; of
// the others a person must say (a log that is silent may be the wrong or a rotated one).
Result<std::vector<Settled>> SettleReleases(Quarantine* quarantine, const std::string& mail_log);

}  // namespace gatepost::record
