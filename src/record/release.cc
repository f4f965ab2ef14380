// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/release.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/journal.h"
#include "src/record/chain.h"
#include "src/record/held_store.h"
#include "src/record/smtp_session.h"

namespace gatepost::record {

namespace {

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : ", ") + word;
  }
  return out;
}

Status Tell(const ReleaseOptions& options, const std::string& actor, const std::string& id,
            std::vector<std::pair<std::string, std::string>> details) {
  if (options.audit == nullptr) {
    return {};
  }
  AuditEvent event;
  event.kind = AuditKind::kRelease;
  event.actor = actor;
  event.on_behalf = options.on_behalf;
  event.via = options.via;
  event.client_ip = options.client_ip;
  event.reason = options.reason;
  event.held_id = id;
  event.details = std::move(details);
  return options.audit->Append(event);
}

// Whether today's findings let it go. `held.releasing` are those whom it is to reach. *infections
// are those that an approver answers for.
Status InspectAgain(Quarantine* quarantine, const Held& held, const std::string& message,
                    const std::string& actor, const ReleaseOptions& options,
                    std::string* infections) {
  if (!options.inspect) {
    return {};
  }
  const Result<Reinspection> today = options.inspect(held, message);
  if (!today.ok()) {
    return {today.status().code(), held.id + ": could not be inspected again, so it stays held: " +
                                       today.status().message()};
  }
  if (!quarantine->NeedsTwo(held.category) && quarantine->NeedsTwo(today->category)) {
    if (const Status granted = MustBeGranted(held, today->category); !granted.ok()) {
      GATEPOST_RETURN_IF_ERROR(
          Tell(options, actor, held.id, {{"outcome", "refused"}, {"today", today->category}}));
      return granted;
    }
  }
  *infections = Joined(today->infections);
  if (today->infections.empty() || MayOverrideInfection(held)) {
    return {};
  }
  GATEPOST_RETURN_IF_ERROR(
      Tell(options, actor, held.id, {{"outcome", "infected"}, {"infections", *infections}}));
  return Status::Unavailable(
      held.id + ": is infected (" + *infections +
      ") and stays held; a second person can override that: ask with 'gatepost held request " +
      held.id + " --reason ...', somebody else says 'gatepost held approve " + held.id +
      " --override-infection --reason ...'");
}

Result<ReleaseReport> GiveUp(Quarantine* quarantine, const std::string& id, ReleaseReport report,
                             const Status& why) {
  GATEPOST_RETURN_IF_ERROR(quarantine->AbortRelease(id, report.release_id));
  report.outcome = ReleaseReport::Outcome::kRefused;
  report.said = why.message();
  return report;
}

}  // namespace

namespace {

// What BeginRelease promised.
Result<ReleaseReport> HandOver(Quarantine* quarantine, const Held& held, const std::string& message,
                               const std::string& target, const ReleaseOptions& options,
                               ReleaseReport report) {
  const std::string& id = held.id;
  Result<SmtpClient> client = SmtpClient::Connect(target, options.command_timeout_ms);
  if (!client.ok()) {
    // Nobody refused anything: nobody was there.
    report.unreachable = true;
    return GiveUp(quarantine, id, std::move(report),
                  Status::Unavailable(
                      "the re-injection listener cannot be reached: " + client.status().message() +
                      "; is Postfix running, and does 'release' in the "
                      "configuration name its listener in master.cf?"));
  }
  SmtpSession session(std::move(client).value(), options.final_timeout_ms);
  if (const Status begun = session.Begin(held.envelope, message, report.release_id, held.releasing);
      !begun.ok()) {
    session.Reset();
    return GiveUp(quarantine, id, std::move(report), begun);
  }
  const Result<SmtpReply> end = session.End();
  if (!end.ok()) {
    Journal(Loudness::kError, "GP4030",
            "a release was cut off after the end of the message: look into Postfix's log, then "
            "settle it",
            {{"id", id}, {"release_id", report.release_id}, {"reason", end.status().message()}});
    report.outcome = ReleaseReport::Outcome::kUnknown;
    report.said = end.status().message();
    return report;
  }
  session.Quit();
  report.said = std::to_string(end->code) + " " + end->text;
  if (!end->good()) {
    const Status refused = Status::Unavailable(report.said);
    return GiveUp(quarantine, id, std::move(report), refused);
  }
  report.outcome = ReleaseReport::Outcome::kSent;
  GATEPOST_RETURN_IF_ERROR(quarantine->FinishRelease(id, report.release_id));
  return report;
}

}  // namespace

Result<ReleaseReport> Release(Quarantine* quarantine, const std::string& id,
                              const std::vector<mail::Address>& recipients,
                              const std::string& target, const std::string& actor,
                              const ReleaseOptions& options) {
  // Read (and checked) before anything is promised.
  GATEPOST_ASSIGN_OR_RETURN(Held before, quarantine->Find(id));
  before.releasing = recipients.empty() ? StillHeld(before) : recipients;
  const bool alone = quarantine->NeedsTwo(before.category) && options.urgent_ms > 0;
  if (quarantine->NeedsTwo(before.category) && !alone) {
    GATEPOST_RETURN_IF_ERROR(MustBeGranted(before, before.category));
  }
  GATEPOST_ASSIGN_OR_RETURN(const std::string message, quarantine->ReadMessage(id, options.key));
  std::string infections;
  GATEPOST_RETURN_IF_ERROR(InspectAgain(quarantine, before, message, actor, options, &infections));
  ReleaseReport report;
  ReleaseRequest urgent;
  if (alone) {
    GATEPOST_ASSIGN_OR_RETURN(
        urgent, quarantine->GrantUrgent(id, actor, options.reason, recipients, options.urgent_ms));
  }
  Result<std::string> begun = quarantine->BeginRelease(id, actor, recipients);
  if (!begun.ok()) {  // somebody else was faster
    if (alone) {
      static_cast<void>(quarantine->WithdrawUrgent(id, urgent.id).ok());
    }
    return begun.status();
  }
  report.release_id = std::move(begun).value();
  GATEPOST_ASSIGN_OR_RETURN(const Held held, quarantine->Find(id));
  report.recipients = held.releasing;
  const auto tell = [&](const char* outcome) {
    std::vector<std::string> to;
    for (const mail::Address& one : held.releasing) {
      to.push_back(one.spelling());
    }
    return Tell(options, actor, id,
                {{"outcome", outcome},
                 {"release_id", report.release_id},
                 {"recipients", Joined(to)},
                 {"said", report.said},
                 {"overridden_infections", infections},
                 {"urgent", alone ? "countersignature due" : ""}});
  };
  if (const Status told = tell("begun"); !told.ok()) {
    GATEPOST_RETURN_IF_ERROR(quarantine->AbortRelease(id, report.release_id));
    return told;
  }
  Result<ReleaseReport> sent = HandOver(quarantine, held, message, target, options, report);
  if (!sent.ok()) {
    return sent;
  }
  using Outcome = ReleaseReport::Outcome;
  report.said = sent->said;
  // It has happened: a trail that cannot hear of it changes nothing any more, and has heard of the
  // beginning.
  const Status told = tell(sent->outcome == Outcome::kSent      ? "sent"
                           : sent->outcome == Outcome::kUnknown ? "unknown"
                                                                : "refused");
  if (!told.ok()) {
    Journal(Loudness::kError, "GP4031",
            "the outcome of a release could not be written to the "
            "audit trail",
            {{"id", id}, {"reason", told.message()}});
  }
  return sent;
}

Result<LogTrace> TraceRelease(const std::string& mail_log, const std::string& release_id) {
  LogTrace trace;
  const std::string ident = "orig_queue_id=" + release_id;
  // "postfix/smtpd[1]: QUEUEID: client=..., orig_queue_id=GP-..." and, once the message is taken,
  // "postfix/qmgr[1]: QUEUEID: from=<...>, size=1, nrcpt=1 (queue active)".
  GATEPOST_RETURN_IF_ERROR(
      ReadLines(mail_log, [&](uint64_t /*number*/, std::string_view line, bool whole) {
        const size_t colon = whole ? line.find("]: ") : std::string_view::npos;
        if (colon == std::string_view::npos) {
          return true;
        }
        const std::string_view rest = line.substr(colon + 3);
        const std::string_view queue_id = rest.substr(0, rest.find(": "));
        if (const size_t found = line.find(ident);
            found != std::string_view::npos &&
            (found + ident.size() == line.size() || line[found + ident.size()] == ',') &&
            line.find("client=") != std::string_view::npos) {
          trace.seen = true;
          trace.queue_id = std::string(queue_id);
        } else if (trace.seen && queue_id == trace.queue_id &&
                   line.find("(queue active)") != std::string_view::npos) {
          trace.queued = true;
        }
        return true;
      }));
  return trace;
}

Status SettleRelease(Quarantine* quarantine, const std::string& id, bool was_sent) {
  GATEPOST_ASSIGN_OR_RETURN(const Held held, quarantine->Find(id));
  return was_sent ? quarantine->FinishRelease(id, held.release_id)
                  : quarantine->AbortRelease(id, held.release_id);
}

}  // namespace gatepost::record
