// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/retention.h"

#include <algorithm>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/record/held_file.h"

namespace gatepost::record {

namespace {

constexpr int64_t kDay = 86'400'000;
constexpr size_t kMostInOneRun = 10'000;

struct Seen {
  int64_t last_ms = 0;
  int64_t stopped_ms = 0;    // the incredible time; 0: all is well
  int64_t confirmed_ms = 0;  // when a person ended the last stop; 0: there was none
};

int64_t Number(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<int64_t>() : 0;
}

Result<Seen> ReadSeen(const std::string& file) {
  const Result<std::string> text = ReadFile(file);
  if (!text.ok()) {
    return text.status().code() == Code::kNotFound ? Result<Seen>(Seen())
                                                   : Result<Seen>(text.status());
  }
  const Result<Json> json = ParseJson(file, *text);
  if (!json.ok() || !json->is_object() || Number(*json, "last_ms") <= 0) {
    return Status::Invalid(file +
                           ": is damaged; 'gatepost held retention --confirm-clock' makes "
                           "it anew");
  }
  return Seen{Number(*json, "last_ms"), Number(*json, "stopped_ms"),
              Number(*json, "confirmed_ms")};
}

Status WriteSeen(const std::string& folder, const std::string& file, const Seen& seen) {
  return ReplaceSynced(
      folder, file,
      DumpJson({{"v", 1},
                {"last_ms", seen.last_ms},
                {"stopped_ms", seen.stopped_ms},
                {"confirmed_ms", seen.confirmed_ms}}) +
          "\n");
}

Status Refusal(const Seen& seen) {
  return Status::Unavailable("nothing is deleted by age: the clock went from " +
                             Rfc3339(seen.last_ms) + " to " + Rfc3339(seen.stopped_ms) +
                             "; if it is right now, say 'gatepost held retention --confirm-clock'");
}

}  // namespace

Status SeenClock::Look(int64_t now_ms, int64_t newest_ms) {
  GATEPOST_ASSIGN_OR_RETURN(Seen seen, ReadSeen(file_));
  if (seen.stopped_ms != 0) {
    return Refusal(seen);
  }
  if (seen.last_ms == 0) {
    seen.last_ms = newest_ms;
  }
  if (seen.last_ms != 0 && (now_ms - seen.last_ms > kDay || seen.last_ms - now_ms > kDay)) {
    seen.stopped_ms = now_ms;
    GATEPOST_RETURN_IF_ERROR(WriteSeen(folder_, file_, seen));
    return Refusal(seen);
  }
  seen.last_ms = now_ms;
  return WriteSeen(folder_, file_, seen);
}

Status SeenClock::Confirm(int64_t now_ms) {
  const Result<Seen> seen = ReadSeen(file_);
  // A damaged file says nothing about the clock of yesterday; one that never stopped keeps what it
  // has.
  const bool stopped = !seen.ok() || seen->stopped_ms != 0;
  return WriteSeen(folder_, file_, {now_ms, 0, stopped ? now_ms : seen->confirmed_ms});
}

int64_t SeenClock::ConfirmedAt() const {
  const Result<Seen> seen = ReadSeen(file_);
  return seen.ok() ? seen->confirmed_ms : 0;
}

std::string SeenClock::Stopped() const {
  const Result<Seen> seen = ReadSeen(file_);
  return !seen.ok()              ? seen.status().message()
         : seen->stopped_ms != 0 ? Refusal(*seen).message()
                                 : std::string();
}

Result<RetentionPlan> PlanRetention(const Quarantine& quarantine, const CustodyOptions& options,
                                    int64_t now_ms, int64_t confirmed_ms) {
  RetentionPlan plan;
  int64_t shortest = 0;
  for (const auto& [category, ms] : options.retention_ms) {
    shortest = ms > 0 && (shortest == 0 || ms < shortest) ? ms : shortest;
  }
  if (shortest == 0) {
    return plan;
  }
  for (const HeldState state : {HeldState::kHeld, HeldState::kReleased}) {
    HeldFilter filter;
    filter.state = ToString(state);
    filter.until_ms = now_ms - shortest;
    GATEPOST_ASSIGN_OR_RETURN(const std::vector<Held> list, quarantine.List(filter));
    for (const Held& held : list) {
      const int64_t kept = options.RetentionOf(held.category);
      const bool asked_for =
          std::any_of(held.requests.begin(), held.requests.end(), [&](const ReleaseRequest& one) {
            return (one.state == RequestState::kPending || one.state == RequestState::kApproved) &&
                   !one.Expired(now_ms);
          });
      int64_t over_ms = held.held_at_ms + kept;
      if (over_ms <= confirmed_ms) {
        over_ms = confirmed_ms + kept;  // perhaps held while the clock stood years behind
      }
      if (kept > 0 && over_ms <= now_ms && !asked_for) {
        plan.entries.push_back(
            {held.id, held.category, ToString(held.state), held.held_at_ms, held.size});
      }
    }
  }
  std::sort(plan.entries.begin(), plan.entries.end(),
            [](const auto& a, const auto& b) { return a.held_at_ms < b.held_at_ms; });
  plan.more = plan.entries.size() > kMostInOneRun;
  if (plan.more) {
    plan.entries.resize(kMostInOneRun);
  }
  return plan;
}

Result<uint64_t> ApplyRetention(Quarantine* quarantine, const RetentionPlan& plan,
                                AuditTrail* audit, const std::string& actor,
                                const std::string& via) {
  uint64_t deleted = 0;
  for (const RetentionPlan::Entry& one : plan.entries) {
    AuditEvent event;
    event.kind = AuditKind::kRetention;
    event.actor = actor;
    event.via = via;
    event.held_id = one.id;
    event.reason = "kept as long as its category is kept";
    event.details = {
        {"category", one.category}, {"state", one.state}, {"held_at", Rfc3339(one.held_at_ms)}};
    GATEPOST_RETURN_IF_ERROR(audit->Append(event));
    const Status done = quarantine->Delete(one.id, actor);
    if (done.ok()) {
      ++deleted;
    } else if (done.code() != Code::kUnavailable && done.code() != Code::kNotFound) {
      return done;  // released or deleted by somebody else meanwhile is no failure
    }
  }
  return deleted;
}

}  // namespace gatepost::record
