// The words of a message that may open its encrypted attachments: "the password is ...".
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/decode/leaf.h"
#include "src/mail/message.h"

namespace gatepost::decode {

// The likeliest first: what stands beside a word for password (in eleven languages), then what
// stands in quotes, then every other word. From the subject (`message` may be null) and every leaf
// that is text or HTML, and the texts of documents. At most 600, each 1 to 64 bytes, without
// repetitions.
std::vector<std::string> OfferedPasswords(const mail::Message* message, const Leaves& leaves);
// The same from one text, UTF-8.
std::vector<std::string> PasswordsIn(std::string_view text);

// As Decode; `given` is what a person says the encrypted parts open with, tried before the
// message's own words.
Leaves DecodeWith(const mail::Message& message, const Limits& limits,
                  const std::vector<std::string>& given);

}  // namespace gatepost::decode
