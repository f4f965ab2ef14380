// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/smtp_session.h"

#include <array>

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

}  // namespace

Status SmtpSession::Begin(const mail::Envelope& envelope, Bytes message, const std::string& ident,
                          const std::vector<mail::Address>& recipients) {
  GATEPOST_ASSIGN_OR_RETURN(const SmtpReply greeting, client_.ReadReply(client_.timeout_ms()));
  GATEPOST_RETURN_IF_ERROR(Good(greeting, "greeting"));
  GATEPOST_ASSIGN_OR_RETURN(const SmtpReply hello, client_.Command("EHLO gatepost"));
  GATEPOST_RETURN_IF_ERROR(Good(hello, "EHLO"));
  offers_ = Offers(hello.text);
  GATEPOST_RETURN_IF_ERROR(Xforward(envelope, ident));
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

Result<SmtpReply> SmtpSession::End() {
  GATEPOST_RETURN_IF_ERROR(client_.Send(".\r\n"));
  return client_.ReadReply(final_timeout_ms_);
}

void SmtpSession::Reset() {
  static_cast<void>(client_.Command("RSET").ok());
  Quit();
}

void SmtpSession::Quit() { static_cast<void>(client_.Send("QUIT\r\n").ok()); }

Status SmtpSession::Refused(const SmtpReply& reply, const std::string& to) {
  refusal_ = reply.code;
  return Status::Unavailable("Postfix answered " + std::to_string(reply.code) + " " + reply.text +
                             " to " + to);
}

Status SmtpSession::Good(const SmtpReply& reply, const std::string& to) {
  return reply.good() ? Status() : Refused(reply, to);
}

Status SmtpSession::Say(const std::string& line) {
  GATEPOST_ASSIGN_OR_RETURN(const SmtpReply reply, client_.Command(line));
  return Good(reply, line.substr(0, line.find(' ')));
}

Status SmtpSession::Xforward(const mail::Envelope& envelope, const std::string& ident) {
  const bool v6 = envelope.client_ip.find(':') != std::string::npos;
  const std::array<std::pair<const char*, std::string>, 6> attributes{{
      {"NAME", envelope.client_name == "unknown" ? "" : envelope.client_name},
      {"ADDR", v6 ? "IPV6:" + envelope.client_ip : envelope.client_ip},
      {"HELO", envelope.helo},
      {"PROTO", "ESMTP"},
      {"IDENT", ident},
      {"SOURCE", envelope.client_ip.empty() ? "LOCAL" : "REMOTE"},
  }};
  std::string line;
  for (const auto& [name, value] : attributes) {
    if (!Offered(std::string("XFORWARD ") + name)) {
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

Status SmtpSession::MailFrom(const mail::Envelope& envelope, Bytes message,
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

}  // namespace gatepost::record
