// LIMITS: Authentication-Results (RFC 8601) are understood as far as authserv-id and method names
// go; versions, reasons and properties are not looked at. SPDX-License-Identifier: GPL-2.0-or-later
#include "milter/session.h"

#include <algorithm>
#include <array>

#include "src/base/clock.h"
#include "src/gateway/answer.h"

namespace gatepost::milter {

namespace {

constexpr Bytes kResults = "Authentication-Results";

// Fields that milters and policy servers in front of us put above everything that came over SMTP.
bool MayStandAbove(Bytes name) {
  constexpr std::array<Bytes, 8> kNames = {kResults,
                                           "Received-SPF",
                                           "DKIM-Filter",
                                           "DMARC-Filter",
                                           "ARC-Seal",
                                           "ARC-Message-Signature",
                                           "ARC-Authentication-Results",
                                           "X-Greylist"};
  return std::any_of(kNames.begin(), kNames.end(),
                     [name](Bytes one) { return AsciiEqualsIgnoreCase(name, one); });
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Without comments (RFC 5322 3.2.2, nested and with quoted pairs) and without blanks around.
std::string WithoutComments(Bytes value) {
  std::string out;
  int depth = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (depth > 0 && c == '\\') {
      ++i;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && depth > 0) {
      --depth;
    } else if (depth == 0) {
      out += c;
    }
  }
  return out;
}

// RFC 8601 2.2: authserv-id [ CFWS authres-version ] *( ";" method "=" result ...).
std::string AuthservId(Bytes bare) {
  Bytes first = AsciiTrim(bare.substr(0, bare.find(';')));
  first = first.substr(
      0, static_cast<size_t>(std::find_if(first.begin(), first.end(), IsBlank) - first.begin()));
  if (first.size() >= 2 && first.front() == '"' && first.back() == '"') {
    first = first.substr(1, first.size() - 2);
  }
  while (!first.empty() && first.back() == '.') {
    first.remove_suffix(1);
  }
  return AsciiLower(first);
}

std::vector<std::string> Methods(Bytes bare) {
  std::vector<std::string> methods;
  size_t at = bare.find(';');
  while (at != Bytes::npos) {
    const size_t next = bare.find(';', at + 1);
    const Bytes clause = AsciiTrim(bare.substr(at + 1, next == Bytes::npos ? next : next - at - 1));
    const size_t equals = clause.find('=');
    if (equals != Bytes::npos) {
      const Bytes method = AsciiTrim(clause.substr(0, std::min(equals, clause.find('/'))));
      if (std::find(methods.begin(), methods.end(), AsciiLower(method)) == methods.end()) {
        methods.push_back(AsciiLower(method));
      }
    }
    at = next;
  }
  return methods;
}

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

ForgeryWatch::ForgeryWatch(std::string authserv_id) : authserv_id_(AsciiLower(authserv_id)) {}

void ForgeryWatch::See(Bytes name, Bytes value) {
  const bool results = AsciiEqualsIgnoreCase(name, kResults);
  at_top_ = at_top_ && MayStandAbove(name);
  const bool ours = gateway::IsOurHeader(name);
  if (!ours && !results) {
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
  if (ours || IsForgedResult(value)) {
    forged_.push_back({std::string(name), count->second});
  }
}

bool ForgeryWatch::IsForgedResult(Bytes value) {
  const std::string bare = WithoutComments(value);
  if (authserv_id_.empty() || AuthservId(bare) != authserv_id_) {
    return false;
  }
  if (!at_top_) {
    return true;
  }
  const std::vector<std::string> methods = Methods(bare);
  for (const std::string& method : methods) {
    if (std::find(methods_.begin(), methods_.end(), method) != methods_.end()) {
      return true;
    }
  }
  methods_.insert(methods_.end(), methods.begin(), methods.end());
  return false;
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
  watch_ = std::make_unique<ForgeryWatch>(settings.authserv_id);
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
