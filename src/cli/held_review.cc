// `gatepost held request | approve | deny | retention`.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdio>
#include <map>

#include "src/base/clock.h"
#include "src/cli/key_tools.h"
#include "src/cli/terminal.h"
#include "src/record/retention.h"

namespace gatepost::cli {

namespace {

void PrintRequest(const Common& common, const std::string& id,
                  const record::ReleaseRequest& request) {
  if (common.json) {
    PrintLine(DumpJson({{"id", id},
                        {"request", request.id},
                        {"state", record::ToString(request.state)},
                        {"by", request.by},
                        {"reason", request.reason},
                        {"expires_at", Rfc3339(request.expires_at_ms)},
                        {"decided_by", request.decided_by},
                        {"decision_reason", request.decision_reason}}));
    return;
  }
  PrintLine(id + "  " + record::ToString(request.state) + ", asked by " + request.by + ": " +
            request.reason + "; until " + Rfc3339(request.expires_at_ms));
}

int Decide(const HeldOptions& options, bool approve) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  record::Quarantine::RequestDecision decision;
  decision.approve = approve;
  decision.by = Actor();
  decision.reason = options.reason;
  decision.override_infection = options.override_infection;
  const Result<record::ReleaseRequest> decided =
      custody->quarantine->DecideRequest(options.id, decision);
  if (!decided.ok()) {
    return Fail(decided.status());
  }
  // After it: two who decide together must not both stand in the trail as the one who did.
  const Status told = custody->Tell(
      approve ? record::AuditKind::kApprove : record::AuditKind::kDeny, options.id, options.reason,
      {{"request", decided->id},
       {"asked_by", decided->by},
       {"override_infection", decided->override_infection ? "yes" : ""}});
  if (!told.ok()) {
    return Fail(told);
  }
  PrintRequest(options.common, options.id, *decided);
  return kDone;
}

}  // namespace

int HeldRequest(const HeldOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  std::vector<mail::Address> recipients;
  std::string to;
  for (const std::string& one : options.rcpt) {
    recipients.push_back(mail::Address::Parse(one));
    to += (to.empty() ? "" : ", ") + one;
  }
  const Result<record::ReleaseRequest> request = custody->quarantine->RequestRelease(
      options.id, Actor(), options.reason, recipients, custody->config.custody.request_valid_ms);
  if (!request.ok()) {
    return Fail(request.status());
  }
  const Status told = custody->Tell(record::AuditKind::kRequest, options.id, options.reason,
                                    {{"request", request->id}, {"recipients", to}});
  if (!told.ok()) {
    return Fail(told);
  }
  PrintRequest(options.common, options.id, *request);
  return kDone;
}

int HeldApprove(const HeldOptions& options) {
  const int decided = Decide(options, /*approve=*/true);
  if (decided != kDone || !options.release) {
    return decided;
  }
  HeldOptions release = options;
  release.ids = {options.id};
  return HeldRelease(release);
}

int HeldDeny(const HeldOptions& options) { return Decide(options, /*approve=*/false); }

int HeldCountersign(const HeldOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  const Result<record::ReleaseRequest> done =
      custody->quarantine->Countersign(options.id, Actor(), options.reason);
  if (!done.ok()) {
    return Fail(done.status());
  }
  const Status told =
      custody->Tell(record::AuditKind::kApprove, options.id, options.reason,
                    {{"request", done->id}, {"asked_by", done->by}, {"countersigned", "yes"}});
  if (!told.ok()) {
    return Fail(told);
  }
  PrintRequest(options.common, options.id, *done);
  return kDone;
}

int HeldRetention(const HeldOptions& options) {
  int exit_code = kDone;
  const std::unique_ptr<Custody> custody = Custody::Open(options.common, &exit_code);
  if (custody == nullptr) {
    return exit_code;
  }
  const int64_t now = NowUnixMs();
  record::SeenClock clock(custody->config.state);
  if (options.confirm_clock) {
    const std::string reason = ReasonOr(options.reason, "What was wrong with it?");
    Status confirmed = custody->Tell(record::AuditKind::kClock, "", reason,
                                     {{"what", "confirmed"}, {"now", Rfc3339(now)}});
    if (confirmed.ok()) {
      confirmed = clock.Confirm(now);
    }
    if (!confirmed.ok()) {
      return Fail(confirmed);
    }
    PrintLine(options.common.json ? DumpJson({{"clock", Rfc3339(now)}})
                                  : "the clock is right: " + Rfc3339(now));
    return kDone;
  }
  const Result<record::RetentionPlan> plan =
      record::PlanRetention(*custody->quarantine, custody->config.custody, now,
                            clock.ConfirmedAt());
  if (!plan.ok()) {
    return Fail(plan.status());
  }
  std::map<std::string, std::pair<uint64_t, uint64_t>> by_category;
  for (const record::RetentionPlan::Entry& one : plan->entries) {
    ++by_category[one.category].first;
    by_category[one.category].second += one.size;
    if (options.common.json) {
      PrintLine(DumpJson({{"id", one.id},
                          {"category", one.category},
                          {"state", one.state},
                          {"held_at", Rfc3339(one.held_at_ms)},
                          {"size", one.size}}));
    }
  }
  Table table({"category", "messages", "bytes", "kept for"}, 0);
  for (const auto& [category, counts] : by_category) {
    table.Add({category, std::to_string(counts.first), std::to_string(counts.second),
               std::to_string(custody->config.custody.RetentionOf(category) / 86'400'000) + "d"});
  }
  if (!options.common.json) {
    std::fputs(
        table.empty() ? "nothing is older than its category is kept\n" : table.ToString().c_str(),
        stdout);
  }
  if (options.dry_run) {
    if (const std::string stopped = clock.Stopped(); !stopped.empty()) {
      PrintError(stopped);
    }
    return kDone;
  }
  int64_t newest = 0;
  record::HeldFilter last;
  last.limit = 1;
  if (const auto list = custody->quarantine->List(last); list.ok() && !list->empty()) {
    newest = list->front().held_at_ms;
  }
  if (const Status credible = clock.Look(now, newest); !credible.ok()) {
    return Fail(credible);
  }
  const Result<uint64_t> deleted = record::ApplyRetention(custody->quarantine.get(), *plan,
                                                          custody->audit.get(), Actor(), "cli");
  if (!deleted.ok()) {
    return Fail(deleted.status());
  }
  if (!options.common.json && *deleted > 0) {
    PrintLine(std::to_string(*deleted) + " deleted" + (plan->more ? ", more is due" : ""));
  }
  return kDone;
}

}  // namespace gatepost::cli
