// Mail of priority people that cannot wait for a second person: one officer releases it with a
// reason, somebody else countersigns. What may go so is record's and notice's to say, as for
// `gatepost held release --urgent`.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <utility>

#include "src/base/clock.h"
#include "src/base/utf8.h"
#include "src/console/answer.h"
#include "src/console/app.h"
#include "src/notice/events.h"

namespace gatepost::console {

Status App::MayBeUrgent(const record::Held& held) const {
  if (held.state != record::HeldState::kHeld) {
    return Status::Invalid(held.id + ": is " + record::ToString(held.state) + ", not held");
  }
  if (!quarantine_->NeedsTwo(held)) {
    return Status::Invalid(held.id + ": its release needs no second person: release it as usual");
  }
  return notice::MayBeUrgent(held, house_.priority_list);
}

Response App::Urgent(Call* call) {
  Response no;
  const std::string id = call->path["id"];
  const auto held = FindHeld(*call, id, Permission::kRelease, &no);
  if (!held.has_value()) {
    return no;
  }
  const std::string reason = call->Word("reason");
  if (MissesReason(reason, &no, "say why it cannot wait")) {
    return no;
  }
  if (const Status may = MayBeUrgent(*held); !may.ok()) {
    return may.code() == Code::kInvalid ? Response::Error(409, "not-urgent", may.message())
                                        : AnswerOf(may);
  }
  const std::vector<std::string> wanted = call->Words("recipients");
  const std::vector<mail::Address> recipients = ChosenRecipients(*call, *held, wanted);
  if (recipients.empty() || (!wanted.empty() && recipients.size() != wanted.size())) {
    return Response::Error(409, "conflict",
                           "not every one of these is still held, or yours to release");
  }
  if (MissesKey(*call, *held, &no)) {
    return no;
  }
  return Response::Of(LetGo(*call, *held, recipients, reason, house_.countersign_ms));
}

Response App::Countersign(Call* call) {
  Response no;
  const std::string id = call->path["id"];
  const auto held = FindHeld(*call, id, Permission::kApprove, &no);
  if (!held.has_value()) {
    return no;
  }
  const std::string reason = call->Word("reason");
  if (MissesReason(reason, &no)) {
    return no;
  }
  for (const record::ReleaseRequest& one : held->requests) {
    if (one.WantsCountersign() && !call->rights.MayAll(Permission::kApprove, held->category,
                                                       RecipientsOf(*held, one))) {
      return OutsideUnit();
    }
  }
  GATEPOST_ASSIGN_OR_ANSWER(const record::ReleaseRequest done,
                            quarantine_->Countersign(id, call->account.name, reason));
  // After it, as on the command line: the mail has left already, and two who sign together must not
  // both stand in the trail as the one who did. The entry's own record names the signer either way.
  GATEPOST_ANSWER_IF_ERROR(
      Write(*call, Kind::kApprove, id, reason,
            {{"request", done.id}, {"asked_by", done.by}, {"countersigned", "yes"}}));
  return Response::Of({{"id", id}, {"request", done.id}, {"countersigned_by", done.decided_by}});
}

// Found by the trail: an entry that was released stands among a million others.
Response App::Countersigns(Call* call) {
  GATEPOST_ANSWER_IF_ERROR(ReadTrail());
  std::vector<std::string> ids;
  {
    const std::lock_guard<std::mutex> lock(kept_mutex_);
    ids.assign(urgent_.begin(), urgent_.end());
  }
  const int64_t now = NowUnixMs();
  std::vector<std::pair<int64_t, Json>> due;
  for (const std::string& id : ids) {
    const Result<record::Held> held = quarantine_->Find(id);
    if (!held.ok()) {
      continue;  // its record is gone: nothing is left to sign
    }
    if (std::none_of(held->requests.begin(), held->requests.end(),
                     [](const record::ReleaseRequest& one) { return one.WantsCountersign(); })) {
      const std::lock_guard<std::mutex> lock(kept_mutex_);
      urgent_.erase(id);
      continue;
    }
    const Json seen = HeldJson(*call, *held);
    if (seen["recipients"].empty()) {
      continue;  // not theirs to see
    }
    std::vector<std::string> recipients;
    for (const Json& one : seen["recipients"]) {
      recipients.push_back(one.value("rcpt", ""));
    }
    for (const record::ReleaseRequest& one : held->requests) {
      if (one.WantsCountersign()) {
        due.emplace_back(
            one.countersign_by_ms,
            Json{{"id", id},
                 {"state", seen["state"]},
                 {"category", held->category},
                 {"sender", seen["sender"]},
                 {"recipients", recipients},
                 {"subject", seen["subject"]},
                 {"by", one.by},
                 {"reason", one.reason},
                 {"at", Rfc3339(one.at_ms)},
                 {"countersign_by", Rfc3339(one.countersign_by_ms)},
                 {"overdue", one.countersign_by_ms < now},
                 {"may_countersign",
                  call->rights.MayAll(Permission::kApprove, held->category,
                                      RecipientsOf(*held, one)) &&
                      record::PersonOf(one.by) != record::PersonOf(call->account.name)}});
      }
    }
  }
  std::stable_sort(due.begin(), due.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  Json rows = Json::array();
  for (auto& [by, row] : due) {
    rows.push_back(std::move(row));
  }
  return Response::Of({{"rows", rows}});
}

}  // namespace gatepost::console
