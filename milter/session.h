// What one SMTP session tells, gathered and nothing more: connection, envelope, header fields and
// body of one message after the other. No libmilter here; server.cc translates.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "milter/spool.h"
#include "src/base/bytes.h"
#include "src/inspect/auth_results.h"
#include "src/mail/envelope.h"

namespace gatepost::milter {

// Where a header field stands among those of its name, as SMFIR_CHGHEADER counts.
struct HeaderPlace {
  std::string name;    // spelled as received
  uint32_t index = 1;  // from 1, among fields of this name in any case
  friend bool operator==(const HeaderPlace&, const HeaderPlace&) = default;
};

// Finds the fields that only this house may write: ours by name, and Authentication-Results that
// bear our authserv-id and are forged (inspect::ResultsWatch).
class ForgeryWatch {
 public:
  explicit ForgeryWatch(std::string_view authserv_id, bool auth_milters = true);
  void See(Bytes name, Bytes value);
  // In the order in which they are to be deleted: the last of a name first, so that counting holds.
  std::vector<HeaderPlace> ToDelete() const;

 private:
  inspect::ResultsWatch results_;
  std::vector<std::pair<std::string, uint32_t>> counts_;  // lower-case name, seen so far
  std::vector<HeaderPlace> forged_;
};

// One SMTP connection. Not thread-safe; libmilter never runs two callbacks of one connection at
// once.
class Session {
 public:
  struct Settings {
    uint64_t message_bytes = 0;
    std::string authserv_id;
    bool auth_milters = true;  // see mail::Site
  };
  // The budget must outlive this.
  explicit Session(SpoolBudget* budget) : budget_(budget) {}

  void Connect(std::string client_name, std::string client_ip);
  void Helo(std::string helo) { helo_ = std::move(helo); }
  // Begins a message; what an unfinished one left is dropped. parameters: ESMTP, "SMTPUTF8".
  void Mail(const Settings& settings, Bytes sender, const std::vector<std::string>& parameters);
  void Rcpt(Bytes recipient);
  // value: with the blank that followed the colon (SMFIP_HDR_LEADSPC), folds as "\n" + blank.
  void Header(Bytes name, Bytes value);
  void EndOfHeader();
  void Body(Bytes chunk);
  void Abort();

  // A callback of this message failed: its end is answered with 451.
  void MarkBroken() { broken_ = true; }
  bool broken() const { return broken_; }
  bool in_message() const { return spool_ != nullptr; }

  // REQUIRES for all below: in_message().
  Spool& spool() { return *spool_; }
  const ForgeryWatch& forgeries() const { return *watch_; }
  mail::Envelope& envelope() { return envelope_; }
  const mail::Envelope& envelope() const { return envelope_; }
  // Completes a message without a body. Call at its end.
  void Finish();
  // The argument of RCPT TO as Postfix gave it, brackets and all, for each recipient with that
  // spelling: DELRCPT reports success when nothing matched, so it must be the very same.
  std::vector<std::string> AsGiven(const std::string& spelling) const;

 private:
  SpoolBudget* const budget_;
  std::string client_name_;
  std::string client_ip_;
  std::string helo_;
  bool broken_ = false;

  // Of the present message.
  mail::Envelope envelope_;
  std::vector<std::string> recipients_as_given_;
  std::unique_ptr<Spool> spool_;
  std::unique_ptr<ForgeryWatch> watch_;
  bool header_ended_ = false;
};

// Macros that say more than the callbacks' arguments do. Empty values change nothing.
struct Macros {
  std::string queue_id;     // i
  std::string auth_user;    // {auth_authen}
  std::string daemon_name;  // {daemon_name}
  std::string client_name;  // {client_name}: as verified, or "unknown"
  std::string client_port;  // {client_port}: "0" for mail that came by sendmail(1)
  std::string tls_version;  // {tls_version}
};
void Apply(const Macros& macros, mail::Envelope* envelope);

}  // namespace gatepost::milter
