// A message kept in a file, as if it had just come in: its line ends, and the parties of its envelope
// as far as its header tells. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/limits.h"

namespace gatepost::mail {

// A leading mbox "From " line is dropped; a file without any CRLF is read with LF as CRLF, any other
// byte for byte: one mail has one digest, over SMTP and from a file.
std::string AsReceived(std::string file);

// Return-Path or From; To and Cc, at most 100. Parses the header block, nothing below it.
struct Parties {
  std::string sender;
  std::vector<std::string> recipients;
};
Parties PartiesOf(Bytes message, const Limits& limits);

}  // namespace gatepost::mail
