// What the daemon does by itself to what it keeps: deletion by age, heads to elsewhere, the quota.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "src/base/json.h"
#include "src/gateway/config.h"
#include "src/record/audit_trail.h"
#include "src/record/custody.h"
#include "src/record/quarantine.h"

namespace gatepost::gateway {

class Upkeep {
 public:
  // Both must outlive it.
  Upkeep(record::Quarantine* quarantine, record::AuditTrail* audit)
      : quarantine_(quarantine), audit_(audit) {}
  // Does nothing within an hour of the last time. One thread.
  void Hourly(const Config& now);
  // For `gatepost status`. Any thread.
  Json State(const Config& config) const;

 private:
  void Retention(const Config& now);
  void Heads(const Config& now);
  static std::vector<record::Unread> Unread(const Config& now);
  record::Quarantine* const quarantine_;
  record::AuditTrail* const audit_;
  int64_t done_at_ms_ = 0;  // steady clock
};

}  // namespace gatepost::gateway
