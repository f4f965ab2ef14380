// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/upkeep.h"

#include "src/base/clock.h"
#include "src/base/journal.h"
#include "src/record/hand_over.h"
#include "src/record/retention.h"

namespace gatepost::gateway {

void Upkeep::Retention(const Config& now) {
  if (now.custody.retention_ms.empty()) {
    return;
  }
  record::SeenClock clock(now.state);
  record::HeldFilter last;
  last.limit = 1;
  const Result<std::vector<record::Held>> newest = quarantine_->List(last);
  const bool was_stopped = !clock.Stopped().empty();
  const int64_t wall = NowUnixMs();
  if (const Status credible =
          clock.Look(wall, newest.ok() && !newest->empty() ? newest->front().held_at_ms : 0);
      !credible.ok()) {
    Journal(Loudness::kError, "GP2030", "nothing is deleted by age: the clock has jumped",
            {{"reason", credible.message()}});
    if (!was_stopped) {
      record::AuditEvent event;
      event.kind = record::AuditKind::kClock;
      event.actor = event.via = "gatepostd";
      event.reason = credible.message();
      static_cast<void>(audit_->Append(event).ok());
    }
    return;
  }
  const Result<record::RetentionPlan> plan =
      record::PlanRetention(*quarantine_, now.custody, wall, clock.ConfirmedAt());
  const Result<uint64_t> deleted =
      plan.ok() ? record::ApplyRetention(quarantine_, *plan, audit_, "gatepostd", "gatepostd")
                : Result<uint64_t>(plan.status());
  if (!deleted.ok()) {
    Journal(Loudness::kError, "GP2031", "old held mail could not be deleted",
            {{"reason", deleted.status().message()}});
  } else if (*deleted > 0) {
    Journal(Loudness::kNotice, "GP2032", "held mail older than its category is kept was deleted",
            {{"messages", std::to_string(*deleted)}});
  }
}

void Upkeep::Heads(const Config& now) {
  const record::CustodyOptions& where = now.custody;
  if (!where.SendsHeads() ||
      !record::HeadsDue(now.state, NowUnixMs())) {
    return;
  }
  const Result<std::vector<record::Head>> heads =
      record::NewestHeads({{now.log, "decisions"}, {record::AuditFolder(now.state), "audit"}});
  Status sent = heads.status();
  if (sent.ok() && !heads->empty()) {
    sent = record::HandOverHeads(where, now.state, now.node, *heads, NowUnixMs());
    record::AuditEvent event;
    event.kind = record::AuditKind::kHeads;
    event.actor = event.via = "gatepostd";
    event.details = {{"outcome", sent.ok() ? "sent" : sent.message()}};
    static_cast<void>(audit_->Append(event).ok());
  }
  if (!sent.ok()) {
    Journal(Loudness::kError, "GP2033", "the signed heads could not be handed elsewhere",
            {{"reason", sent.message()}});
  }
}

void Upkeep::Hourly(const Config& now) {
  constexpr int64_t kHourMs = 3'600'000;
  if (done_at_ms_ != 0 && SteadyMs() - done_at_ms_ < kHourMs) {
    return;
  }
  done_at_ms_ = SteadyMs();
  Retention(now);
  Heads(now);
  static_cast<void>(quarantine_->Measure().ok());
  if (now.custody.quota_bytes > 0 && quarantine_->used_bytes() > now.custody.quota_bytes / 10 * 8) {
    Journal(Loudness::kWarning, "GP2034", "the quarantine nears its quota",
            {{"used", std::to_string(quarantine_->used_bytes())},
             {"quota", std::to_string(now.custody.quota_bytes)}});
  }
  if (const std::vector<record::Unread> unread = Unread(now); !unread.empty()) {
    Journal(Loudness::kWarning, "GP2035", "held mail of some categories has no reader",
            {{"categories", record::InWords(unread)}});
  }
}

std::vector<record::Unread> Upkeep::Unread(const Config& now) {
  const Result<record::KeyRing> ring = record::KeyRing::Load(now.custody.KeysFolder(now.state));
  return ring.ok() ? record::UnreadCategories(*ring, Categories(now), now.custody.online)
                   : std::vector<record::Unread>();
}

Json Upkeep::State(const Config& config) const {
  const record::CustodyOptions& custody = config.custody;
  const uint64_t used = quarantine_->used_bytes();
  Json state = {{"used_bytes", used}, {"quota_bytes", custody.quota_bytes}};
  const Result<record::KeyRing> ring = record::KeyRing::Load(custody.KeysFolder(config.state));
  const std::vector<record::Unread> unread = Unread(config);
  state["in_clear"] = Json::array();  // with a ring; without one it is all
  for (const record::Unread& one : unread) {
    if (one.kept == record::Unread::Kept::kInClear) {
      state["in_clear"].push_back(one.category);
    }
  }
  state["sealed"] = ring.ok() && !ring->empty() && state["in_clear"].empty();
  state["keys"] =
      ring.ok() ? ""
                : "the key ring cannot be read, so nothing can be held: " + ring.status().message();
  state["warning"] = ring.ok() && ring->empty()
                         ? "held mail is stored in clear; 'gatepost keys init' begins to seal it"
                         : record::InWords(unread);
  state["clock"] = custody.retention_ms.empty() ? "" : record::SeenClock(config.state).Stopped();
  state["heads"] = custody.SendsHeads() ? record::HeadsTrouble(config.state) : "";
  state["quota"] = custody.quota_bytes > 0 && used > custody.quota_bytes / 10 * 8
                       ? "the quarantine takes " + std::to_string(used >> 20) + " MiB of its " +
                             std::to_string(custody.quota_bytes >> 20) +
                             "; above it what must be held gets 451"
                       : "";
  return state;
}

}  // namespace gatepost::gateway
