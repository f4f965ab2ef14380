// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/audit_trail.h"

#include <sys/stat.h>

#include <array>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/base/utf8.h"
#include "src/record/chain.h"
#include "src/record/held_file.h"

namespace gatepost::record {

namespace {

constexpr size_t kMaxText = 1'000;
constexpr size_t kMaxDetails = 50;
// On a full disk people must be able to delete, and to tell of it: a thousand events and more.
constexpr uint64_t kReserve = 1U << 20;

constexpr std::array<std::pair<AuditKind, const char*>, 27> kKinds{{
    {AuditKind::kSignIn, "sign-in"},
    {AuditKind::kSignInFailed, "sign-in-failed"},
    {AuditKind::kSignOut, "sign-out"},
    {AuditKind::kSearch, "search"},
    {AuditKind::kView, "view"},
    {AuditKind::kPreview, "preview"},
    {AuditKind::kExport, "export"},
    {AuditKind::kRequest, "request"},
    {AuditKind::kApprove, "approve"},
    {AuditKind::kDeny, "deny"},
    {AuditKind::kRelease, "release"},
    {AuditKind::kSettle, "settle"},
    {AuditKind::kDelete, "delete"},
    {AuditKind::kRetention, "retention"},
    {AuditKind::kException, "exception"},
    {AuditKind::kBlock, "block"},
    {AuditKind::kOutage, "outage"},
    {AuditKind::kAlert, "alert"},
    {AuditKind::kReport, "report"},
    {AuditKind::kWrongly, "wrongly-held"},
    {AuditKind::kRuleChange, "rule-change"},
    {AuditKind::kKeyChange, "key-change"},
    {AuditKind::kAccessChange, "access-change"},
    {AuditKind::kConfigChange, "config-change"},
    {AuditKind::kClock, "clock"},
    {AuditKind::kHeads, "heads"},
    {AuditKind::kPrune, "prune"},
}};

DecisionLog::Options ChainOptions(const AuditTrail::Options& options) {
  DecisionLog::Options chain;
  chain.path = options.folder;
  chain.reserve_bytes = kReserve;  // what cannot be recorded is not done
  chain.name = kAudit;
  chain.wait = true;
  chain.node = options.node;
  chain.signer = options.signer;
  return chain;
}

}  // namespace

const char* ToString(AuditKind kind) {
  for (const auto& [one, word] : kKinds) {
    if (one == kind) {
      return word;
    }
  }
  return "";
}

bool AuditKindFromString(std::string_view text, AuditKind* out) {
  for (const auto& [one, word] : kKinds) {
    if (text == word) {
      *out = one;
      return true;
    }
  }
  return false;
}

Json AuditToJson(const AuditEvent& event) {
  Json out;
  out["event"] = ToString(event.kind);
  out["actor"] = PrintableUtf8(event.actor, kMaxText);
  out["on_behalf"] = PrintableUtf8(event.on_behalf, kMaxText);
  out["via"] = PrintableUtf8(event.via, kMaxText);
  out["client_ip"] = PrintableUtf8(event.client_ip, kMaxText);
  out["held_id"] = PrintableUtf8(event.held_id, kMaxText);
  out["reason"] = PrintableUtf8(event.reason, kMaxText);
  out["details"] = Json::object();
  size_t room = kMaxDetails;
  for (const auto& [name, value] : event.details) {
    if (room-- == 0) {
      break;
    }
    out["details"][PrintableUtf8(name, kMaxText)] = PrintableUtf8(value, kMaxText);
  }
  return out;
}

Result<std::unique_ptr<AuditTrail>> AuditTrail::Open(const Options& options) {
  std::unique_ptr<AuditTrail> trail(new AuditTrail(options));  // NOLINT: private constructor
  GATEPOST_RETURN_IF_ERROR(MakeOwnedFolder(options.folder, 0770));
  // Whatever the umask: the console may run as another user of the group. Not ours: left as it is.
  static_cast<void>(chmod(options.folder.c_str(), 0770));
  return trail;
}

AuditTrail::~AuditTrail() = default;

// The chain is opened for each event: others write between ours.
Status AuditTrail::Append(const AuditEvent& event) {
  Json record = {{"v", 1}, {"at", Rfc3339(NowUnixMs())}, {"node", options_.node}};
  record.update(AuditToJson(event));
  GATEPOST_ASSIGN_OR_RETURN(const std::unique_ptr<DecisionLog> chain,
                            DecisionLog::Open(ChainOptions(options_)));
  return chain->Append(std::move(record));
}

Status AuditTrail::SignHeads() {
  if (options_.signer == nullptr) {
    return {};
  }
  GATEPOST_ASSIGN_OR_RETURN(const std::unique_ptr<DecisionLog> chain,
                            DecisionLog::Open(ChainOptions(options_)));
  return chain->SignHeads();
}

bool TellsOfRelease(const Json& record) {
  const std::string event = Word(record, "event");
  const auto details = record.find("details");
  if ((event != ToString(AuditKind::kRelease) && event != ToString(AuditKind::kSettle)) ||
      details == record.end() || !details->is_object()) {
    return false;
  }
  const std::string outcome = Word(*details, "outcome");
  return outcome == "sent" || outcome == "released";
}

std::string AuditFolder(const std::string& state_folder) { return state_folder + "/audit"; }
std::string SigningKeyFile(const std::string& state_folder) { return state_folder + "/sign.key"; }

Status ReadAudit(const std::string& folder, const std::function<bool(const Json& record)>& visit,
                 int64_t since_ms) {
  return ReadLog(folder, visit, since_ms, kAudit);
}

}  // namespace gatepost::record
