// A mail of ours: RFC 5322 with a UTF-8 text (RFC 2045 quoted-printable), encoded words in its
// header (RFC 2047) and the fields that keep programs from answering it (RFC 3834).
// LIMITS: text/plain, one recipient; addresses in ASCII.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "src/mail/address.h"
#include "src/notice/options.h"

namespace gatepost::notice {

struct Letter {
  mail::Address from, to;
  std::string subject;  // UTF-8, one line
  std::string body;     // UTF-8, lines end with '\n'
  std::string kind;     // X-Gatepost-Notice: a word, for people's own mail rules
  std::string key;      // the Message-ID is made of it, so a repeated letter bears the same
  // The Message-ID that it answers, with brackets; anything that does not look like one is left
  // out. Where there is one it is an answer (auto-replied), else auto-generated.
  std::string answers;
  bool answer = false;
  int64_t at_ms = 0;  // Date
  Language language = Language::kVietnamese;
};

// The whole message, lines end with CRLF.
std::string Compose(const Letter& letter);

}  // namespace gatepost::notice
