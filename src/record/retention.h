// Deleting what is held longer than its category is kept: a report before, a record after, and
// nothing at all while the clock cannot be trusted.
// LIMITS: 10,000 messages in one run.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/record/audit_trail.h"
#include "src/record/custody.h"
#include "src/record/quarantine.h"

namespace gatepost::record {

// The latest time that was seen here, in STATE/clock.json. A clock that stands more than a day
// before or behind it has jumped, or nobody looked for a day: a person must say which.
class SeenClock {
 public:
  explicit SeenClock(const std::string& state_folder)
      : folder_(state_folder), file_(state_folder + "/clock.json") {}
  // Ok: `now_ms` is credible and is remembered. kUnavailable: it is not, and says how to go on; so
  // it stays until Confirm. newest_ms: the newest time known otherwise, where nothing is remembered
  // yet; 0: none.
  Status Look(int64_t now_ms, int64_t newest_ms);
  // A person says that the clock is right. What seems overdue at this moment may have been held
  // while it was wrong: PlanRetention counts its time from now.
  Status Confirm(int64_t now_ms);
  // When that was said last after a jump; 0: never.
  int64_t ConfirmedAt() const;
  // Why Look refuses at present; "" it does not. Changes nothing.
  std::string Stopped() const;

 private:
  const std::string folder_;
  const std::string file_;
};

struct RetentionPlan {
  struct Entry {
    std::string id, category, state;
    int64_t held_at_ms = 0;
    uint64_t size = 0;
  };
  std::vector<Entry> entries;  // whose time is over, oldest first
  bool more = false;           // than one run deletes
};
// Held and released mail; what is being released, or asked for, stays. confirmed_ms:
// SeenClock::ConfirmedAt.
Result<RetentionPlan> PlanRetention(const Quarantine& quarantine, const CustodyOptions& options,
                                    int64_t now_ms, int64_t confirmed_ms);
// Each deletion is in the trail before it happens. Returns how many.
Result<uint64_t> ApplyRetention(Quarantine* quarantine, const RetentionPlan& plan,
                                AuditTrail* audit, const std::string& actor,
                                const std::string& via);

}  // namespace gatepost::record
