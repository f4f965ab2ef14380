// Acting: release, delete, mark as wrongly held. Each is on the record, with its reason, before it
// is done; each entry of many is answered for itself.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/console/answer.h"
#include "src/console/app.h"
#include "src/record/release.h"

namespace gatepost::console {

namespace {

constexpr size_t kMostAtOnce = 500;

// The ids and the reason of a bulk action; false: *no says what is missing.
bool TakeMany(const Call& call, std::vector<std::string>* ids, std::string* reason, Response* no) {
  *ids = call.Words("ids");
  *reason = call.Word("reason");
  if (ids->empty() || ids->size() > kMostAtOnce) {
    *no = Response::Error(400, "ids-needed", "1 to 500 ids");
    return false;
  }
  return !MissesReason(*reason, no);
}

Json Failed(const std::string& id, const Response& no) {
  const Json error = Json::parse(no.body, nullptr, false);
  return {{"id", id},
          {"outcome", "refused"},
          {"message", error.value("error", Json::object()).value("message", "")}};
}

std::string Joined(const std::vector<mail::Address>& all) {
  std::string out;
  for (const mail::Address& one : all) {
    out += (out.empty() ? "" : ", ") + one.spelling();
  }
  return out;
}

}  // namespace

std::vector<std::string> RecipientsOf(const record::Held& held,
                                      const record::ReleaseRequest& request) {
  std::vector<std::string> out;
  for (const mail::Address& one : request.recipients) {
    out.push_back(one.spelling());
  }
  for (const mail::Recipient& one : held.envelope.recipients) {
    if (request.recipients.empty()) {
      out.push_back(one.address.spelling());
    }
  }
  return out;
}

Response OutsideUnit() {
  return Response::Error(403, "not-allowed", "it is also for people outside your unit");
}

// Those of `wanted` (empty: all) that are still held and that the asker may release.
std::vector<mail::Address> App::ChosenRecipients(const Call& call, const record::Held& held,
                                                 const std::vector<std::string>& wanted) const {
  std::vector<mail::Address> out;
  for (const mail::Recipient& one : held.envelope.recipients) {
    const bool has_it =
        std::any_of(held.released.begin(), held.released.end(),
                    [&](const record::ReleaseMark& mark) { return mark.recipient == one.address; });
    const bool asked =
        wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const std::string& text) {
          return mail::Address::Parse(text) == one.address;
        });
    if (!has_it && asked &&
        call.rights.May(Permission::kRelease, held.category, one.address.spelling())) {
      out.push_back(one.address);
    }
  }
  return out;
}

Json App::LetGo(const Call& call, const record::Held& held,
                const std::vector<mail::Address>& recipients, const std::string& reason,
                int64_t urgent_ms) {
  record::ReleaseOptions options;
  options.key = KeyOf(call);
  options.urgent_ms = urgent_ms;
  options.inspect = [this](const record::Held& now,
                           const std::string& message) -> Result<record::Reinspection> {
    GATEPOST_ASSIGN_OR_RETURN(const Fd fd, MemFd("held", message));
    GATEPOST_ASSIGN_OR_RETURN(const Json report, house_.ask(record::ScanAgain(now), fd.get()));
    return record::ReadAgain(report);
  };
  options.audit = trail_.get();  // before the first byte, and of its outcome
  const record::AuditEvent event = EventOf(call, Kind::kRelease, held.id, reason);
  options.via = event.via;
  options.on_behalf = event.on_behalf;
  options.client_ip = event.client_ip;
  options.reason = event.reason;
  const Result<record::ReleaseReport> report = record::Release(
      quarantine_.get(), held.id, recipients, house_.release, call.account.name, options);
  using Outcome = record::ReleaseReport::Outcome;
  std::string outcome = "refused";
  const std::string said = report.ok() ? report->said : report.status().message();
  if (report.ok() && report->outcome != Outcome::kRefused) {
    outcome = report->outcome == Outcome::kSent ? "released" : "unknown";
  }
  return {{"id", held.id}, {"outcome", outcome}, {"message", said}};
}

// What stands in the trail as done and then was not, is said there too: two who act at the same time.
Status App::Took(const Call& call, Kind kind, const std::string& id, const Status& status) {
  if (!status.ok()) {
    static_cast<void>(
        Write(call, kind, id, "", {{"outcome", "refused"}, {"said", status.message()}}).ok());
  }
  return status;
}

Response App::Release(Call* call) {
  std::vector<std::string> ids;
  std::string reason;
  Response no;
  if (!TakeMany(*call, &ids, &reason, &no)) {
    return no;
  }
  const std::vector<std::string> wanted = call->Words("recipients");
  if (ids.size() > 1 && !wanted.empty()) {
    return Response::Error(400, "ids-needed", "recipients can be chosen for one entry at a time");
  }
  Json results = Json::array();
  for (const std::string& id : ids) {
    const auto held = FindHeld(*call, id, Permission::kRelease, &no);
    if (!held.has_value()) {
      results.push_back(Failed(id, no));
      continue;
    }
    const std::vector<mail::Address> recipients = ChosenRecipients(*call, *held, wanted);
    if (recipients.empty() || (!wanted.empty() && recipients.size() != wanted.size())) {
      results.push_back({{"id", id},
                         {"outcome", "refused"},
                         {"message", "not every one of these is still held, or yours to release"}});
      continue;
    }
    if (MissesKey(*call, *held, &no)) {
      results.push_back(Failed(id, no));
      continue;
    }
    results.push_back(LetGo(*call, *held, recipients, reason, /*urgent_ms=*/0));
  }
  return Response::Of({{"results", results}});
}

Response App::Delete(Call* call) {
  std::vector<std::string> ids;
  std::string reason;
  Response no;
  if (!TakeMany(*call, &ids, &reason, &no)) {
    return no;
  }
  Json results = Json::array();
  for (const std::string& id : ids) {
    const auto held = FindHeld(*call, id, Permission::kDelete, &no);
    if (!held.has_value()) {
      results.push_back(Failed(id, no));
      continue;
    }
    // Deleting destroys everybody's copy, so everybody's must be the asker's to destroy.
    const bool all_mine = std::all_of(
        held->envelope.recipients.begin(), held->envelope.recipients.end(),
        [&](const mail::Recipient& one) {
          return call->rights.May(Permission::kDelete, held->category, one.address.spelling());
        });
    Status status = Status::Invalid("it is also held for people outside your unit");
    if (all_mine) {
      status = held->state == record::HeldState::kReleasing
                   ? Status::Invalid(id + ": is being released")
                   : Write(*call, Kind::kDelete, id, reason);
    }
    if (status.ok()) {
      status = Took(*call, Kind::kDelete, id, quarantine_->Delete(id, call->account.name));
    }
    results.push_back({{"id", id},
                       {"outcome", status.ok() ? "deleted" : "refused"},
                       {"message", status.message()}});
  }
  return Response::Of({{"results", results}});
}

Response App::Wrongly(Call* call) {
  std::vector<std::string> ids;
  std::string reason;
  Response no;
  if (!TakeMany(*call, &ids, &reason, &no)) {
    return no;
  }
  Json results = Json::array();
  for (const std::string& id : ids) {
    const auto held = FindHeld(*call, id, Permission::kMark, &no);
    if (!held.has_value()) {
      results.push_back(Failed(id, no));
      continue;
    }
    std::string rules;
    for (const std::string& rule : held->rules) {
      rules += (rules.empty() ? "" : " ") + rule;
    }
    const Status status = Write(*call, Kind::kWrongly, id, reason, {{"rules", rules}});
    if (status.ok()) {
      const std::lock_guard<std::mutex> lock(kept_mutex_);
      wrongly_.insert(id);
    }
    results.push_back({{"id", id},
                       {"outcome", status.ok() ? "marked" : "refused"},
                       {"message", status.message()}});
  }
  return Response::Of({{"results", results}});
}

// The first of two persons.
Response App::Ask(Call* call) {
  std::vector<std::string> ids;
  std::string reason;
  Response no;
  if (!TakeMany(*call, &ids, &reason, &no)) {
    return no;
  }
  const std::vector<std::string> wanted = call->Words("recipients");
  Json results = Json::array();
  for (const std::string& id : ids) {
    const auto held = FindHeld(*call, id, Permission::kRelease, &no);
    if (!held.has_value()) {
      results.push_back(Failed(id, no));
      continue;
    }
    const std::vector<mail::Address> recipients = ChosenRecipients(*call, *held, wanted);
    Status status;
    if (recipients.empty()) {
      status = Status::Invalid("nobody whose copy you may release");
    } else if (const record::ReleaseRequest* const open = record::OpenRequest(*held);
               open != nullptr) {
      status = Status::Unavailable(id + ": " + open->by + " has asked already");
    } else {
      status =
          Write(*call, Kind::kRequest, id, reason, {{"recipients", Joined(recipients)}});
    }
    if (status.ok()) {
      status = Took(*call, Kind::kRequest, id,
                    quarantine_
                        ->RequestRelease(id, call->account.name, reason, recipients,
                                         house_.custody.request_valid_ms)
                        .status());
    }
    results.push_back({{"id", id},
                       {"outcome", status.ok() ? "requested" : "refused"},
                       {"message", status.message()}});
  }
  return Response::Of({{"results", results}});
}

// The second: says yes or no to what somebody else asked for.
Response App::Decide(Call* call) {
  Response no;
  const std::string id = call->path["id"];
  const auto held = FindHeld(*call, id, Permission::kApprove, &no);
  if (!held.has_value()) {
    return no;
  }
  record::Quarantine::RequestDecision decision;
  const std::string word = call->Word("decision");
  decision.approve = word == "approve";
  decision.by = call->account.name;
  decision.reason = call->Word("reason");
  decision.override_infection = decision.approve && call->Flag("override_infection");
  if (word != "approve" && word != "deny") {
    return Response::Error(400, "bad-setting", "'decision' is approve or deny");
  }
  if (MissesReason(decision.reason, &no)) {
    return no;
  }
  // What cannot be decided is not on the record as decided.
  GATEPOST_ANSWER_IF_ERROR(record::MayDecide(*held, decision));
  const record::ReleaseRequest* const open = record::OpenRequest(*held);
  if (open != nullptr && !call->rights.MayAll(Permission::kApprove, held->category,
                                              RecipientsOf(*held, *open))) {
    return OutsideUnit();
  }
  const Kind kind = decision.approve ? Kind::kApprove : Kind::kDeny;
  GATEPOST_ANSWER_IF_ERROR(
      Write(*call, kind, id, decision.reason,
            {{"override_infection", decision.override_infection ? "yes" : "no"}}));
  const Result<record::ReleaseRequest> request = quarantine_->DecideRequest(id, decision);
  GATEPOST_ANSWER_IF_ERROR(Took(*call, kind, id, request.status()));
  return Response::Of({{"id", id}, {"request", record::ToString(request->state)}});
}

}  // namespace gatepost::console
