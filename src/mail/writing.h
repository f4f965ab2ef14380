// Writing mail of our own: the forms in which text and times stand in a message.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "src/base/bytes.h"

namespace gatepost::mail {

// RFC 2047: as it is when it is plain ASCII, else encoded words of whole characters, folded.
std::string EncodedWords(Bytes utf8);
// RFC 2045 section 6.7, of lines that end with '\n'; lines end with CRLF.
std::string QuotedPrintable(Bytes text);
// RFC 5322 section 3.3, in UTC: "Thu, 26 Nov 2026 20:43:44 +0000".
std::string MailDate(int64_t unix_ms);

}  // namespace gatepost::mail
