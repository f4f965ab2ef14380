// What fields of the header say, as one line.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/mail/message.h"

namespace gatepost::text {

// "Display <user@host>" or "user@host"; the domain as addresses compare (lower case, A-labels).
std::string OneMailbox(const mail::Mailbox& mailbox);
// Base64 of a text and nothing else (labels of data loss programs): what it says; "" otherwise.
std::string Base64Text(std::string_view value);

}  // namespace gatepost::text
