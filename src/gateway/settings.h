// What a change of the configuration file changed, for the audit trail: a category that no longer
// needs a second person is as much of an event as a rule that is gone.
// STATE/config.last holds the text that the daemon ran by last.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/gateway/config.h"
#include "src/gateway/order.h"
#include "src/record/audit_trail.h"

namespace gatepost::gateway {

// To be called when `config` is in force. Writes one event where the file is another than last time
// (or was never seen), then remembers it. What cannot be written is said in the journal (GP2027) and
// holds nothing up.
void TellOfSettings(const Config& config, const Order& order, record::AuditTrail* audit);

}  // namespace gatepost::gateway
