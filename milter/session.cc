// LIMITS: whether an Authentication-Results is forged is decided by inspect::ResultsWatch alone.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "milter/session.h"

#include <algorithm>

#include "src/base/clock.h"
#include "src/gateway/answer.h"

namespace gatepost::milter {

namespace {

// "\n" of the milter protocol (RFC 5322 line ends without CR) as on the wire.
void AppendWithLineEnds(Bytes value, Spool* spool) {
  size_t at = 0;
  while (at < value.size()) {
    const size_t end = value.find('\n', at);
    if (end == Bytes::npos) {
      spool->Append(value.substr(at));
      return;
    }
    const bool has_cr = end > at && value[end - 1] == '\r';
    spool->Append(value.substr(at, end - at - (has_cr ? 1 : 0)));
    spool->Append("\r\n");
    at = end + 1;
  }
}

}  // namespace

ForgeryWatch::ForgeryWatch(std::string_view authserv_id, bool auth_milters)
    : results_(authserv_id, auth_milters) {}

void ForgeryWatch::See(Bytes name, Bytes value) {
  inspect::AuthResults said;
  const auto verdict = results_.See(name, value, &said);
  const bool ours = gateway::IsOurHeader(name);
  if (!ours && !AsciiEqualsIgnoreCase(name, "Authentication-Results")) {
    return;
  }
  const std::string key = AsciiLower(name);
  auto count = std::find_if(counts_.begin(), counts_.end(),
                            [&key](const auto& one) { return one.first == key; });
  if (count == counts_.end()) {
    counts_.emplace_back(key, 0);
    count = counts_.end() - 1;
  }
  ++count->second;
  if (ours || verdict == inspect::ResultsWatch::Verdict::kForged) {
    forged_.push_back({std::string(name), count->second});
  }
}

std::vector<HeaderPlace> ForgeryWatch::ToDelete() const {
  return {forged_.rbegin(), forged_.rend()};
}

void Session::Connect(std::string client_name, std::string client_ip) {
  client_name_ = std::move(client_name);
  client_ip_ = std::move(client_ip);
}

void Session::Mail(const Settings& settings, Bytes sender,
                   const std::vector<std::string>& parameters) {
  Abort();
  envelope_.sender = mail::Address::Parse(sender);
  envelope_.client_ip = client_ip_;
  envelope_.client_name = client_name_;
  envelope_.helo = helo_;
  envelope_.received_at_ms = NowUnixMs();
  envelope_.smtputf8 =
      std::any_of(parameters.begin(), parameters.end(),
                  [](const std::string& one) { return AsciiEqualsIgnoreCase(one, "SMTPUTF8"); });
  spool_ = std::make_unique<Spool>(settings.message_bytes, budget_);
  watch_ = std::make_unique<ForgeryWatch>(settings.authserv_id, settings.auth_milters);
}

void Session::Rcpt(Bytes recipient) {
  mail::Recipient one;
  one.address = mail::Address::Parse(recipient);
  envelope_.recipients.push_back(std::move(one));
  recipients_as_given_.emplace_back(recipient);
}

void Session::Header(Bytes name, Bytes value) {
  if (!in_message()) {
    return;
  }
  watch_->See(name, value);
  spool_->Append(name);
  spool_->Append(":");
  AppendWithLineEnds(value, spool_.get());
  spool_->Append("\r\n");
}

void Session::EndOfHeader() {
  if (in_message() && !header_ended_) {
    header_ended_ = true;
    spool_->Append("\r\n");
  }
}

void Session::Body(Bytes chunk) {
  if (in_message()) {
    EndOfHeader();
    spool_->Append(chunk);
  }
}

void Session::Finish() { EndOfHeader(); }

void Session::Abort() {
  envelope_ = mail::Envelope();
  recipients_as_given_.clear();
  spool_.reset();
  watch_.reset();
  header_ended_ = false;
  broken_ = false;
}

std::vector<std::string> Session::AsGiven(const std::string& spelling) const {
  std::vector<std::string> out;
  for (size_t i = 0; i < recipients_as_given_.size(); ++i) {
    if (envelope_.recipients[i].address.spelling() == spelling &&
        std::find(out.begin(), out.end(), recipients_as_given_[i]) == out.end()) {
      out.push_back(recipients_as_given_[i]);
    }
  }
  return out;
}

void Apply(const Macros& macros, mail::Envelope* envelope) {
  const auto take = [](const std::string& from, std::string* to) {
    if (!from.empty()) {
      *to = from;
    }
  };
  take(macros.queue_id, &envelope->queue_id);
  take(macros.auth_user, &envelope->auth_user);
  take(macros.daemon_name, &envelope->daemon_name);
  take(macros.client_name, &envelope->client_name);
  take(macros.tls_version, &envelope->tls_version);
  // cleanup(8) invents a client "localhost" for what came by pickup(8); only that has no port.
  if (macros.client_port == "0" && envelope->client_ip == "127.0.0.1") {
    envelope->client_ip.clear();
  }
}

}  // namespace gatepost::milter
