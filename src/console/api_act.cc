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
  const std::string& id = held.id;
  // The trail is written here, before and after.
  const auto write = [&](const std::string& outcome) {
    std::vector<std::pair<std::string, std::string>> details = {{"recipients", Joined(recipients)},
                                                                {"outcome", outcome}};
    if (urgent_ms > 0) {
      details.emplace_back("urgent", "countersignature due");
    }
    return Write(call, Kind::kRelease, id, reason, std::move(details));
  };
  if (const Status written = write("begun"); !written.ok()) {
    return {{"id", id}, {"outcome", "refused"}, {"message", written.message()}};
  }
  record::ReleaseOptions options;
  options.key = KeyOf(call);
  options.urgent_ms = urgent_ms;
  options.inspect = [this](const record::Held& now,
                           const std::string& message) -> Result<std::vector<std::string>> {
    GATEPOST_ASSIGN_OR_RETURN(const Fd fd, MemFd("held", message));
    const Json request = {{"do", "scan"},
                          {"file", now.id},
                          {"from", now.envelope.sender.spelling()},
                          {"client_ip", now.envelope.client_ip},
                          {"auth", now.envelope.auth_user},
                          {"rcpt", Json::array()}};
    GATEPOST_ASSIGN_OR_RETURN(const Json report, house_.ask(request, fd.get()));
    if (!report.contains("infections")) {
      return Status::Unavailable("gatepostd did not say what it found; try again");
    }
    std::vector<std::string> names;
    for (const Json& one : report["infections"]) {
      names.push_back(one.value("name", ""));
    }
    return names;
  };
  options.via = "console";
  options.reason = reason;
  const Result<record::ReleaseReport> report = record::Release(
      quarantine_.get(), id, recipients, house_.release, call.account.name, options);
  using Outcome = record::ReleaseReport::Outcome;
  std::string outcome = "refused";
  const std::string said = report.ok() ? report->said : report.status().message();
  if (report.ok() && report->outcome != Outcome::kRefused) {
    outcome = report->outcome == Outcome::kSent ? "released" : "unknown";
  }
  static_cast<void>(write(outcome).ok());
  return {{"id", id}, {"outcome", outcome}, {"message", said}};
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
    Status status = all_mine ? Write(*call, Kind::kDelete, id, reason)
                             : Status::Invalid("it is also held for people outside your unit");
    if (status.ok()) {
      status = quarantine_->Delete(id, call->account.name);
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
    Status status = recipients.empty() ? Status::Invalid("nobody whose copy you may release")
                                       : Write(*call, Kind::kRequest, id, reason,
                                               {{"recipients", Joined(recipients)}});
    if (status.ok()) {
      status = quarantine_
                   ->RequestRelease(id, call->account.name, reason, recipients,
                                    house_.custody.request_valid_ms)
                   .status();
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
  decision.override_infection = decision.approve && call->body.value("override_infection", false);
  if (word != "approve" && word != "deny") {
    return Response::Error(400, "bad-setting", "'decision' is approve or deny");
  }
  if (MissesReason(decision.reason, &no)) {
    return no;
  }
  GATEPOST_ANSWER_IF_ERROR(
      Write(*call, decision.approve ? Kind::kApprove : Kind::kDeny, id, decision.reason,
            {{"override_infection", decision.override_infection ? "yes" : "no"}}));
  GATEPOST_ASSIGN_OR_ANSWER(const record::ReleaseRequest request,
                            quarantine_->DecideRequest(id, decision));
  return Response::Of({{"id", id}, {"request", record::ToString(request.state)}});
}

}  // namespace gatepost::console
