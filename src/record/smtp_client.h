// A small SMTP client (RFC 5321) for handing held mail back to Postfix. Private to the room.
// LIMITS: replies of at most 100 lines of 2,000 bytes; no TLS, no authentication: the listener is a
// Unix socket or loopback.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "src/base/bytes.h"
#include "src/base/files.h"
#include "src/base/result.h"

namespace gatepost::record {

struct SmtpReply {
  int code = 0;
  std::string text;  // lines joined by '\n', without codes
  bool good() const { return code >= 200 && code < 300; }
};

// Not thread-safe.
class SmtpClient {
 public:
  // "unix:PATH", "host:port", "[::1]:port".
  static Result<SmtpClient> Connect(const std::string& target, int timeout_ms);
  Result<SmtpReply> ReadReply(int timeout_ms);
  // Sends LINE and CRLF. kInvalid: it holds a CR, LF or NUL, which would be a second command.
  Result<SmtpReply> Command(const std::string& line);
  Status Send(Bytes data);
  int timeout_ms() const { return timeout_ms_; }

 private:
  Fd fd_;
  int timeout_ms_ = 0;
  std::string buffered_;
};

// Dots doubled at line starts (RFC 5321 4.5.2), closed by CRLF; the final dot not included. A bare
// LF counts as a line's end, because Postfix takes it for one.
std::string DotStuffed(Bytes message);
// RFC 3461 section 4.
std::string Xtext(Bytes value);

}  // namespace gatepost::record
