// Facts: what conditions and policy may ask about a message besides its text. Names: README.md.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/decode/leaf.h"
#include "src/inspect/findings.h"
#include "src/mail/envelope.h"
#include "src/mail/message.h"
#include "src/scan/scanner.h"

namespace gatepost::inspect {

void AddEnvelopeFacts(const mail::Envelope& envelope, const mail::Site& site, scan::Facts* facts);
// From the Authentication-Results that ResultsWatch believes; without an authserv_id there are
// none.
void AddAuthenticationFacts(const mail::Message& message, const mail::Site& site,
                            scan::Facts* facts);
void AddHeaderFacts(const mail::Envelope& envelope, const mail::Message& message,
                    const mail::Site& site, scan::Facts* facts);
void AddLeafFacts(const mail::Message& message, const decode::Leaves& leaves, scan::Facts* facts);
// Counts of defects, unscannable.*, virus.found.
void AddOutcomeFacts(const Findings& findings, scan::Facts* facts);

}  // namespace gatepost::inspect
