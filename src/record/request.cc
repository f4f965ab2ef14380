// The release that two persons decide: asked for, granted or denied, used once. All of it stands in
// the entry's record, so that a change is as durable, and as exclusive, as any other change of the
// entry.
// LIMITS: 50 requests are kept with an entry; then the oldest decided ones go.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/record/held_store.h"
#include "src/record/release.h"

namespace gatepost::record {

namespace {

constexpr size_t kMostRequests = 50;

bool IsOpen(const ReleaseRequest& request, int64_t now_ms) {
  return request.state == RequestState::kPending && !request.Expired(now_ms);
}

bool Covers(const ReleaseRequest& request, const std::vector<mail::Address>& recipients) {
  return request.recipients.empty() ||
         std::all_of(recipients.begin(), recipients.end(), [&](const mail::Address& wanted) {
           return std::any_of(request.recipients.begin(), request.recipients.end(),
                              [&](const mail::Address& one) { return one == wanted; });
         });
}

bool IsHeldFor(const Held& held, const mail::Address& recipient) {
  const bool listed =
      std::any_of(held.envelope.recipients.begin(), held.envelope.recipients.end(),
                  [&](const mail::Recipient& one) { return one.address == recipient; });
  return listed && std::none_of(held.released.begin(), held.released.end(),
                                [&](const ReleaseMark& one) { return one.recipient == recipient; });
}

bool IsBlank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

ReleaseRequest Begin(const std::string& by, const std::string& reason,
                     const std::vector<mail::Address>& recipients, int64_t now, int64_t valid_ms) {
  ReleaseRequest request;
  request.id = MakeId(now);
  request.by = by;
  request.reason = reason;
  request.at_ms = now;
  request.expires_at_ms = now + valid_ms;
  request.recipients = recipients;
  return request;
}

// The oldest makes room.
void Append(const ReleaseRequest& request, Held* held) {
  if (held->requests.size() >= kMostRequests) {
    held->requests.erase(held->requests.begin());
  }
  held->requests.push_back(request);
}

}  // namespace

Status MayBeUrgent(const Held& held) {
  return held.marked || held.category == "virus" || held.category == "marking"
             ? Status::Invalid(held.id +
                               ": a virus or a marking always needs a second person first")
             : Status();
}

std::string PersonOf(const std::string& actor) { return actor.substr(0, actor.find(" as ")); }

ReleaseRequest* FindGranted(Held* held) {
  const int64_t now = NowUnixMs();
  const auto found =
      std::find_if(held->requests.rbegin(), held->requests.rend(), [&](const ReleaseRequest& one) {
        return one.state == RequestState::kApproved && !one.Expired(now) &&
               Covers(one, held->releasing);
      });
  return found == held->requests.rend() ? nullptr : &*found;
}

bool MayOverrideInfection(const Held& held) {
  const int64_t now = NowUnixMs();
  return std::any_of(held.requests.begin(), held.requests.end(), [&](const ReleaseRequest& one) {
    return one.state == RequestState::kApproved && !one.Expired(now) && one.override_infection &&
           Covers(one, held.releasing);
  });
}

std::vector<mail::Address> StillHeld(const Held& held) {
  std::vector<mail::Address> all;
  for (const mail::Recipient& one : held.envelope.recipients) {
    if (IsHeldFor(held, one.address)) {
      all.push_back(one.address);
    }
  }
  return all;
}

Status MustBeGranted(const Held& held, const std::string& category) {
  Held copy = held;
  return FindGranted(&copy) != nullptr
             ? Status()
             : Status::Unavailable(
                   held.id +
                   (category == held.category ? ": the release of '"
                                              : ": today's rules find more than it was held for; "
                                                "the release of '") +
                   category +
                   "' needs a second person: ask with 'gatepost held request " + held.id +
                   " --reason ...', somebody else grants it with 'gatepost held approve " +
                   held.id + "'");
}

bool Quarantine::NeedsTwo(const std::string& category) const {
  return store_->options.two_persons.count(category) > 0;
}

const ReleaseRequest* OpenRequest(const Held& held) {
  const int64_t now = NowUnixMs();
  const auto open = std::find_if(held.requests.begin(), held.requests.end(),
                                 [&](const ReleaseRequest& one) { return IsOpen(one, now); });
  return open == held.requests.end() ? nullptr : &*open;
}

Status MayDecide(const Held& held, const Quarantine::RequestDecision& decision) {
  const std::string& id = held.id;
  if (held.state != HeldState::kHeld) {
    return Status::Invalid(id + ": is " + ToString(held.state) + ", not held");
  }
  const ReleaseRequest* const open = OpenRequest(held);
  if (open == nullptr) {
    const bool expired = !held.requests.empty() && held.requests.back().Expired(NowUnixMs());
    return Status::NotFound(
        id + (expired ? ": the request has expired; ask again" : ": no release is asked for"));
  }
  if (PersonOf(open->by) == PersonOf(decision.by)) {
    return Status::Invalid(id + ": " + PersonOf(decision.by) +
                           " has asked; somebody else must decide");
  }
  if ((!decision.approve || decision.override_infection) && IsBlank(decision.reason)) {
    return Status::Invalid(id + (decision.approve ? ": to override an infection needs a reason"
                                                  : ": a denial needs a reason"));
  }
  return {};
}

Result<ReleaseRequest> Quarantine::RequestRelease(const std::string& id, const std::string& by,
                                                  const std::string& reason,
                                                  const std::vector<mail::Address>& recipients,
                                                  int64_t valid_ms) {
  ReleaseRequest request;
  const Status status = store_->Change(id, [&](Held* held) {
    const int64_t now = NowUnixMs();
    if (held->state != HeldState::kHeld) {
      return Status::Invalid(id + ": is " + ToString(held->state) + ", not held");
    }
    if (IsBlank(reason)) {
      return Status::Invalid(id + ": a request needs a reason");
    }
    for (const ReleaseRequest& one : held->requests) {
      if (IsOpen(one, now)) {
        return Status::Unavailable(id + ": " + one.by + " has asked already, until " +
                                   Rfc3339(one.expires_at_ms));
      }
    }
    for (const mail::Address& one : recipients) {
      if (!IsHeldFor(*held, one)) {
        return Status::Invalid(id + ": no copy for " + one.spelling() + " is held");
      }
    }
    request = Begin(by, reason, recipients, now, valid_ms);
    Append(request, held);
    return Status();
  });
  return status.ok() ? Result<ReleaseRequest>(std::move(request)) : Result<ReleaseRequest>(status);
}

Result<ReleaseRequest> Quarantine::GrantUrgent(const std::string& id, const std::string& by,
                                               const std::string& reason,
                                               const std::vector<mail::Address>& recipients,
                                               int64_t countersign_ms) {
  ReleaseRequest request;
  const Status status = store_->Change(id, [&](Held* held) {
    const int64_t now = NowUnixMs();
    if (held->state != HeldState::kHeld) {
      return Status::Invalid(id + ": is " + ToString(held->state) + ", not held");
    }
    GATEPOST_RETURN_IF_ERROR(MayBeUrgent(*held));
    if (IsBlank(reason)) {
      return Status::Invalid(id + ": an urgent release needs a reason");
    }
    request = Begin(by, reason, recipients, now, countersign_ms);
    request.state = RequestState::kApproved;
    request.countersign_by_ms = request.expires_at_ms;
    Append(request, held);
    return Status();
  });
  return status.ok() ? Result<ReleaseRequest>(std::move(request)) : Result<ReleaseRequest>(status);
}

Status Quarantine::WithdrawUrgent(const std::string& id, const std::string& request_id) {
  return store_->Change(id, [&](Held* held) {
    const auto found = std::find_if(
        held->requests.begin(), held->requests.end(), [&](const ReleaseRequest& one) {
          return one.id == request_id && one.state == RequestState::kApproved &&
                 one.WantsCountersign();
        });
    if (found != held->requests.end()) {
      held->requests.erase(found);
    }
    return Status();
  });
}

Result<ReleaseRequest> Quarantine::Countersign(const std::string& id, const std::string& by,
                                               const std::string& reason) {
  ReleaseRequest signed_now;
  const Status status = store_->Change(id, [&](Held* held) {
    const auto open =
        std::find_if(held->requests.begin(), held->requests.end(),
                     [](const ReleaseRequest& one) { return one.WantsCountersign(); });
    if (open == held->requests.end()) {
      return Status::NotFound(id + ": no urgent release waits for a countersignature");
    }
    if (PersonOf(open->by) == PersonOf(by)) {
      return Status::Invalid(id + ": " + PersonOf(by) +
                             " released it; somebody else must countersign");
    }
    if (IsBlank(reason)) {
      return Status::Invalid(id + ": a countersignature needs a reason");
    }
    open->decided_by = by;
    open->decision_reason = reason;
    open->decided_at_ms = NowUnixMs();
    signed_now = *open;
    return Status();
  });
  return status.ok() ? Result<ReleaseRequest>(std::move(signed_now))
                     : Result<ReleaseRequest>(status);
}

Result<ReleaseRequest> Quarantine::DecideRequest(const std::string& id,
                                                 const RequestDecision& decision) {
  ReleaseRequest decided;
  const Status status = store_->Change(id, [&](Held* held) {
    GATEPOST_RETURN_IF_ERROR(MayDecide(*held, decision));
    const int64_t now = NowUnixMs();
    const auto open = std::find_if(held->requests.begin(), held->requests.end(),
                                   [&](const ReleaseRequest& one) { return IsOpen(one, now); });
    open->state = decision.approve ? RequestState::kApproved : RequestState::kDenied;
    open->decided_by = decision.by;
    open->decision_reason = decision.reason;
    open->decided_at_ms = now;
    open->override_infection = decision.approve && decision.override_infection;
    decided = *open;
    return Status();
  });
  return status.ok() ? Result<ReleaseRequest>(std::move(decided)) : Result<ReleaseRequest>(status);
}

}  // namespace gatepost::record
