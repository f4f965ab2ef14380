// The audit trail: who saw, released, denied, deleted or exported what, for whom and why; who
// signed in, changed rules or keys. A chain like the decision log's (same lines, same heads), in
// STATE/audit, written by several processes one after the other. Never a word of any mail's
// content. Format in src/record/README.md.
// LIMITS: single texts at most 1,000 bytes; an event costs about one fsync.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/record/decision_log.h"

namespace gatepost::record {

enum class AuditKind : uint8_t {
  kSignIn,        // somebody came in
  kSignInFailed,  // or tried
  kSignOut,
  kSearch,     // free text over sealed subjects
  kView,       // the content of one held message, as text or source
  kPreview,    // its rendering
  kExport,     // its bytes, or a proof, left the house
  kRequest,    // a release was asked for
  kApprove,    // granted by a second person
  kDeny,       // refused by one
  kRelease,    // handed to Postfix; `outcome` in details: begun, sent (the console says released),
               // refused, unknown
  kSettle,     // a release that a crash interrupted was decided
  kDelete,     // content and key destroyed
  kRetention,  // the same, by age
  kException,  // an exception to the rules
  kBlock,      // a sender, user or file was blocked, or a block taken back
  kOutage,     // an outage began, was described anew, ended
  kAlert,      // somebody was told of an outbreak
  kReport,     // a monthly report was made
  kWrongly,    // marked as wrongly held
  kRuleChange,
  kKeyChange,     // a key was made, added, rotated, removed; mail sealed for it
  kAccessChange,  // accounts, roles, deputies
  kConfigChange,
  kClock,  // the clock jumped and retention stopped, or a person confirmed it
  kHeads,  // signed heads were handed elsewhere
  kPrune,  // old segments of a log were taken away
};
const char* ToString(AuditKind kind);
bool AuditKindFromString(std::string_view text, AuditKind* out);

struct AuditEvent {
  AuditKind kind = AuditKind::kView;
  std::string actor;      // the person: an account, or "lan as root"
  std::string on_behalf;  // of whom, for deputies; "" nobody
  std::string via;        // "cli", "console", "recipients", "gatepostd"
  std::string reason;     // as the person gave it
  std::string held_id;    // "" not about one held message
  std::string client_ip;  // "" not over a network
  // Anything else worth knowing (recipients, request, outcome...), names without blanks.
  std::vector<std::pair<std::string, std::string>> details;
};
// Without at, node, seq, prev and hash.
Json AuditToJson(const AuditEvent& event);

// Thread-safe, and safe beside other processes.
class AuditTrail {
 public:
  struct Options {
    std::string folder;  // STATE/audit; made when missing
    std::string node;
    const Signer* signer = nullptr;  // null: the daemon signs later what this process writes
  };
  static Result<std::unique_ptr<AuditTrail>> Open(const Options& options);
  ~AuditTrail();
  // Durable on return. To be called before what it tells of happens, so that nothing is done in
  // silence.
  Status Append(const AuditEvent& event);
  // Signs what others wrote without the key.
  Status SignHeads();
  const std::string& folder() const { return options_.folder; }

 private:
  explicit AuditTrail(Options options) : options_(std::move(options)) {}
  Options options_;
};

// Does this record say that a held mail has gone to its recipients, by whichever door it was let
// go?
bool TellsOfRelease(const Json& record);
std::string AuditFolder(const std::string& state_folder);
std::string SigningKeyFile(const std::string& state_folder);
// Oldest first; stops when visit returns false. Events of the log itself are records too.
Status ReadAudit(const std::string& folder, const std::function<bool(const Json& record)>& visit,
                 int64_t since_ms = 0);

}  // namespace gatepost::record
