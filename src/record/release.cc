// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/release.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/journal.h"
#include "src/record/chain.h"
#include "src/record/held_store.h"
#include "src/record/smtp_client.h"

namespace gatepost::record {

namespace {

constexpr size_t kXforwardLine = 480;  // with CRLF below 512 bytes (RFC 5321 4.5.3.1.4)

// Words that EHLO offers, upper case; "XFORWARD NAME" for each attribute of that one.
std::set<std::string> Offers(const std::string& text) {
  std::set<std::string> offers;
  size_t at = text.find('\n');  // the first line is the greeting
  while (at != std::string::npos) {
    const size_t end = text.find('\n', at + 1);
    std::string line = text.substr(at + 1, end == std::string::npos ? end : end - at - 1);
    for (char& c : line) {
      c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    }
    const std::string keyword = line.substr(0, line.find(' '));
    offers.insert(keyword);
    for (size_t blank = line.find(' '); blank != std::string::npos;) {
      const size_t next = line.find(' ', blank + 1);
      offers.insert(keyword + " " +
                    line.substr(blank + 1, next == std::string::npos ? next : next - blank - 1));
      blank = next;
    }
    at = end;
  }
  return offers;
}

bool HasHighBytes(Bytes bytes) { return !IsAscii(bytes); }

// One try over one connection. Ok and sent = true: Postfix took it. A reply that is a refusal and
// every failure before the final dot come back as a Status; *final_dot says which side of it.
class Session {
 public:
  Session(SmtpClient client, const ReleaseOptions& options)
      : client_(std::move(client)), options_(options) {}

  Status Begin(const mail::Envelope& envelope, Bytes message, const std::string& release_id,
               const std::vector<mail::Address>& recipients) {
    GATEPOST_ASSIGN_OR_RETURN(const SmtpReply greeting,
                              client_.ReadReply(options_.command_timeout_ms));
    GATEPOST_RETURN_IF_ERROR(Good(greeting, "greeting"));
    GATEPOST_ASSIGN_OR_RETURN(const SmtpReply hello, client_.Command("EHLO gatepost"));
    GATEPOST_RETURN_IF_ERROR(Good(hello, "EHLO"));
    offers_ = Offers(hello.text);
    GATEPOST_RETURN_IF_ERROR(Xforward(envelope, release_id));
    GATEPOST_RETURN_IF_ERROR(MailFrom(envelope, message, recipients));
    for (const mail::Address& one : recipients) {
      GATEPOST_RETURN_IF_ERROR(Say("RCPT TO:<" + one.spelling() + ">"));
    }
    GATEPOST_ASSIGN_OR_RETURN(const SmtpReply go, client_.Command("DATA"));
    if (go.code != 354) {
      return Refused(go, "DATA");
    }
    return client_.Send(DotStuffed(message));
  }

  // From here on a broken connection leaves the outcome unknown.
  Result<SmtpReply> End() {
    GATEPOST_RETURN_IF_ERROR(client_.Send(".\r\n"));
    return client_.ReadReply(options_.final_timeout_ms);
  }

  void Reset() {
    static_cast<void>(client_.Command("RSET").ok());
    Quit();
  }
  void Quit() { static_cast<void>(client_.Send("QUIT\r\n").ok()); }

 private:
  static Status Refused(const SmtpReply& reply, const std::string& to) {
    return Status::Unavailable("Postfix answered " + std::to_string(reply.code) + " " + reply.text +
                               " to " + to);
  }
  static Status Good(const SmtpReply& reply, const std::string& to) {
    return reply.good() ? Status() : Refused(reply, to);
  }
  Status Say(const std::string& line) {
    GATEPOST_ASSIGN_OR_RETURN(const SmtpReply reply, client_.Command(line));
    return Good(reply, line.substr(0, line.find(' ')));
  }
  bool Offered(const char* word) const { return offers_.count(word) > 0; }

  Status Xforward(const mail::Envelope& envelope, const std::string& release_id) {
    const bool v6 = envelope.client_ip.find(':') != std::string::npos;
    const std::array<std::pair<const char*, std::string>, 6> attributes{{
        {"NAME", envelope.client_name == "unknown" ? "" : envelope.client_name},
        {"ADDR", v6 ? "IPV6:" + envelope.client_ip : envelope.client_ip},
        {"HELO", envelope.helo},
        {"PROTO", "ESMTP"},
        {"IDENT", release_id},
        {"SOURCE", envelope.client_ip.empty() ? "LOCAL" : "REMOTE"},
    }};
    std::string line;
    for (const auto& [name, value] : attributes) {
      if (!Offered((std::string("XFORWARD ") + name).c_str())) {
        continue;
      }
      const std::string piece =
          std::string(" ") + name + "=" + (value.empty() ? "[UNAVAILABLE]" : Xtext(value));
      if (piece.size() + 8 > kXforwardLine) {
        continue;  // a name of that length helps nobody
      }
      if (8 + line.size() + piece.size() > kXforwardLine) {
        GATEPOST_RETURN_IF_ERROR(Say("XFORWARD" + line));
        line.clear();
      }
      line += piece;
    }
    return line.empty() ? Status() : Say("XFORWARD" + line);
  }

  Status MailFrom(const mail::Envelope& envelope, Bytes message,
                  const std::vector<mail::Address>& recipients) {
    bool utf8 = envelope.smtputf8 || HasHighBytes(envelope.sender.spelling());
    for (const mail::Address& one : recipients) {
      utf8 = utf8 || HasHighBytes(one.spelling());
    }
    const bool eight_bit = HasHighBytes(message);
    std::string line = "MAIL FROM:<" + envelope.sender.spelling() + ">";
    if (Offered("SIZE")) {
      line += " SIZE=" + std::to_string(message.size());
    }
    if (eight_bit) {
      if (!Offered("8BITMIME")) {
        return Status::Unavailable("the listener does not offer 8BITMIME");
      }
      line += " BODY=8BITMIME";
    }
    if (utf8) {
      if (!Offered("SMTPUTF8")) {
        return Status::Unavailable("the listener does not offer SMTPUTF8");
      }
      line += " SMTPUTF8";
    }
    return Say(line);
  }

  SmtpClient client_;
  ReleaseOptions options_;
  std::set<std::string> offers_;
};

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

// The approver's word where two are needed, else the caller's with a reason.
bool MayOverride(const Quarantine& quarantine, const Held& held, const ReleaseOptions& options) {
  if (!quarantine.NeedsTwo(held)) {
    return options.override_infection &&
           options.reason.find_first_not_of(" \t\r\n") != std::string::npos;
  }
  const int64_t now = NowUnixMs();
  return std::any_of(held.requests.begin(), held.requests.end(), [&](const ReleaseRequest& one) {
    return one.state == RequestState::kApproved && !one.Expired(now) && one.override_infection;
  });
}

// With today's signatures. Ok: clean, or somebody answers for it; *infections are what was found.
Status InspectAgain(Quarantine* quarantine, const Held& held, const std::string& message,
                    const std::string& actor, const ReleaseOptions& options,
                    std::string* infections) {
  if (!options.inspect) {
    return {};
  }
  const Result<std::vector<std::string>> found = options.inspect(held, message);
  if (!found.ok()) {
    return {found.status().code(), held.id + ": could not be inspected again, so it stays held: " +
                                       found.status().message()};
  }
  *infections = Joined(*found);
  if (found->empty() || MayOverride(*quarantine, held, options)) {
    return {};
  }
  GATEPOST_RETURN_IF_ERROR(
      Tell(options, actor, held.id, {{"outcome", "infected"}, {"infections", *infections}}));
  return Status::Unavailable(
      held.id + ": is infected (" + *infections + ") and stays held; " +
      (quarantine->NeedsTwo(held)
           ? "its approver can override that: gatepost held approve --override-infection --reason"
           : "whoever answers for it can say --override-infection --reason ..."));
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
    return GiveUp(quarantine, id, std::move(report), client.status());
  }
  Session session(std::move(client).value(), options);
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
    Status refused = Status::Unavailable(report.said);
    return GiveUp(quarantine, id, std::move(report), std::move(refused));
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
  GATEPOST_ASSIGN_OR_RETURN(const Held before, quarantine->Find(id));
  if (quarantine->NeedsTwo(before)) {
    GATEPOST_RETURN_IF_ERROR(MustBeGranted(before));
  }
  GATEPOST_ASSIGN_OR_RETURN(const std::string message, quarantine->ReadMessage(id, options.key));
  std::string infections;
  GATEPOST_RETURN_IF_ERROR(InspectAgain(quarantine, before, message, actor, options, &infections));
  ReleaseReport report;
  GATEPOST_ASSIGN_OR_RETURN(report.release_id, quarantine->BeginRelease(id, actor, recipients));
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
                 {"overridden_infections", infections}});
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
