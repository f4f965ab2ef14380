// Addresses and labels as text.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/text/header_text.h"

#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/utf8.h"
#include "src/decode/transfer.h"

namespace gatepost::text {

std::string OneMailbox(const mail::Mailbox& mailbox) {
  const mail::Address& address = mailbox.address;
  const bool usable = address.valid() && !address.domain().empty();
  std::string spelling =
      ToValidUtf8(usable ? address.local() + "@" + address.domain() : address.spelling());
  std::string out =
      mailbox.display.empty() ? spelling : ToValidUtf8(mailbox.display) + " <" + spelling + ">";
  // Behind a source route or a percent hack the letter goes elsewhere.
  if (usable && address.final_domain() != address.domain()) {
    const std::string local = address.local().substr(0, address.local().find('%'));
    out += "\n" + ToValidUtf8(local + "@" + address.final_domain());
  }
  return out;
}

std::string Base64Text(std::string_view value) {
  const std::string_view trimmed = AsciiTrim(value);
  if (trimmed.size() < 16) {
    return "";
  }
  std::string out = decode::DecodeBase64Only(trimmed);
  const bool text =
      IsUtf8(out) && std::all_of(out.begin(), out.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t';
      });
  return text ? out : "";
}

}  // namespace gatepost::text
