// Bad days: blocks, outbreaks, outages, in the files that `gatepost block`, `outbreak` and `outage`
// read and write. All of it is about the whole house.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/quantity.h"
#include "src/base/utf8.h"
#include "src/console/answer.h"
#include "src/console/app.h"
#include "src/record/blocks.h"

namespace gatepost::console {

namespace {

Json ToAnswer(const policy::Block& block, int64_t now) {
  Json out = record::ToJson(block);
  out["expired"] = block.expires_ms <= now;
  return out;
}

Json ToAnswer(const record::Outage& outage) {
  Json out = record::ToJson(outage);
  out["open"] = outage.open();
  out["notice"] = {{"vi", record::OutageNotice(outage, true)},
                   {"en", record::OutageNotice(outage, false)}};
  return out;
}

Result<record::Outage> FindOutage(const std::string& state, const std::string& id) {
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<record::Outage> all,
                            record::ReadOutages(record::OutagesFile(state)));
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&id](const record::Outage& one) { return one.id == id; });
  if (found == all.end()) {
    return Status::NotFound(id + ": there is no such outage");
  }
  return *found;
}

// Our own texts, told as what is wrong with a field.
Response BadField(const Status& status) {
  return status.code() == Code::kInvalid ? Response::Error(400, "bad-setting", status.message())
                                         : AnswerOf(status);
}

}  // namespace

Response App::Blocks(Call* /*call*/) {
  GATEPOST_ASSIGN_OR_ANSWER(const policy::Blocks all,
                            record::ReadBlocks(record::BlocksFile(house_.state)));
  const int64_t now = NowUnixMs();
  Json rows = Json::array();
  for (auto one = all.rbegin(); one != all.rend(); ++one) {
    rows.push_back(ToAnswer(*one, now));
  }
  return Response::Of({{"blocks", rows},
                       {"action", house_.blocks_hold ? "quarantine" : "reject"},
                       {"observe", house_.observe}});
}

Response App::AddBlock(Call* call) {
  policy::Block one;
  one.sha256 = AsciiLower(AsciiTrim(call->Word("sha256")));
  one.from = AsciiLower(AsciiTrim(call->Word("from")));
  one.auth_user = std::string(AsciiTrim(call->Word("auth_user")));
  one.owner = call->account.name;
  one.reason = std::string(AsciiTrim(call->Word("reason")));
  if (Response no; MissesReason(one.reason, &no)) {
    return no;
  }
  uint64_t lasts = 0;
  if (!ParseDuration(call->Word("for"), &lasts) || lasts == 0 ||
      lasts > static_cast<uint64_t>(record::kLongestBlockMs)) {
    return Response::Error(400, "bad-setting", "'for' is 30m, 4h or 2d, at most 366d");
  }
  one.created_ms = NowUnixMs();
  one.expires_ms = one.created_ms + static_cast<int64_t>(lasts);
  if (const Status fits = record::CheckBlock(one); !fits.ok()) {
    return BadField(fits);
  }
  GATEPOST_ANSWER_IF_ERROR(
      Write(*call, Kind::kBlock, "", one.reason, record::BlockDetails("add", one)));
  GATEPOST_ASSIGN_OR_ANSWER(const policy::Block added,
                            record::AddBlock(record::BlocksFile(house_.state), one));
  return Response::Of(ToAnswer(added, one.created_ms));
}

Response App::RemoveBlock(Call* call) {
  const std::string id = call->path["id"];
  const std::string file = record::BlocksFile(house_.state);
  GATEPOST_ASSIGN_OR_ANSWER(const policy::Blocks all, record::ReadBlocks(file));
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&id](const policy::Block& one) { return one.id == id; });
  if (found == all.end()) {
    return Response::Error(404, "not-found", id + ": there is no such block");
  }
  const std::string reason = call->Word("reason");
  if (Response no; MissesReason(reason, &no)) {
    return no;
  }
  GATEPOST_ANSWER_IF_ERROR(
      Write(*call, Kind::kBlock, "", reason, record::BlockDetails("remove", *found)));
  GATEPOST_ASSIGN_OR_ANSWER(
      const policy::Blocks removed,
      record::RemoveBlocks(file, [&id](const policy::Block& one) { return one.id == id; }));
  return Response::Of({{"id", id}, {"removed", removed.size()}});
}

Response App::Outbreaks(Call* /*call*/) {
  GATEPOST_ASSIGN_OR_ANSWER(Json all, house_.outbreaks(""));
  std::reverse(all.begin(), all.end());
  for (Json& one : all) {
    // Twenty thousand addresses each: those are in the one that is asked for.
    one["recipients"] = one["recipients"].size();
    one["senders"] = one["senders"].size();
  }
  return Response::Of({{"outbreaks", all}});
}

Response App::OutbreakDetail(Call* call) {
  GATEPOST_ASSIGN_OR_ANSWER(const Json found, house_.outbreaks(call->path["id"]));
  return Response::Of(found.front());
}

Response App::Outages(Call* /*call*/) {
  GATEPOST_ASSIGN_OR_ANSWER(const std::vector<record::Outage> all,
                            record::ReadOutages(record::OutagesFile(house_.state)));
  constexpr size_t kMost = 200;
  Json rows = Json::array();
  for (auto one = all.rbegin(); one != all.rend() && rows.size() < kMost; ++one) {
    rows.push_back(ToAnswer(*one));
  }
  return Response::Of({{"outages", rows}, {"more", all.size() > kMost}});
}

Response App::PutOutage(const Call& call, const char* what, const record::Outage& outage) {
  if (const Status fits = record::CheckOutage(outage); !fits.ok()) {
    return BadField(fits);
  }
  GATEPOST_ANSWER_IF_ERROR(
      Write(call, Kind::kOutage, "", outage.cause, record::OutageDetails(what, outage)));
  GATEPOST_ASSIGN_OR_ANSWER(const record::Outage put,
                            record::PutOutage(record::OutagesFile(house_.state), outage));
  return Response::Of(ToAnswer(put));
}

Response App::StartOutage(Call* call) {
  const int64_t now = NowUnixMs();
  const Result<int64_t> start = record::OutageTimeBehind(call->Word("start"), now);
  const Result<int64_t> expected = record::OutageTimeAhead(call->Word("expected"), now);
  if (!start.ok() || !expected.ok()) {
    return BadField(start.ok() ? expected.status() : start.status());
  }
  record::Outage one;
  one.cause = std::string(AsciiTrim(call->Word("cause")));
  one.parts = std::string(AsciiTrim(call->Word("parts")));
  one.by = call->account.name;
  one.start_ms = *start;
  one.expected_ms = *expected;
  one.updated_ms = now;
  return PutOutage(*call, "start", one);
}

// What is not given stays as it was.
Response App::UpdateOutage(Call* call) {
  GATEPOST_ASSIGN_OR_ANSWER(record::Outage one, FindOutage(house_.state, call->path["id"]));
  const int64_t now = NowUnixMs();
  const Result<int64_t> expected = record::OutageTimeAhead(call->Word("expected"), now);
  if (!expected.ok()) {
    return BadField(expected.status());
  }
  const std::string cause(AsciiTrim(call->Word("cause")));
  const std::string parts(AsciiTrim(call->Word("parts")));
  one.cause = cause.empty() ? one.cause : cause;
  one.parts = parts.empty() ? one.parts : parts;
  one.expected_ms = *expected > 0 ? *expected : one.expected_ms;
  one.updated_ms = now;
  return PutOutage(*call, "update", one);
}

Response App::EndOutage(Call* call) {
  GATEPOST_ASSIGN_OR_ANSWER(record::Outage one, FindOutage(house_.state, call->path["id"]));
  const int64_t now = NowUnixMs();
  const Result<int64_t> end = record::OutageTimeBehind(call->Word("end"), now);
  if (!end.ok()) {
    return BadField(end.status());
  }
  const std::string cause(AsciiTrim(call->Word("cause")));
  one.cause = cause.empty() ? one.cause : cause;
  one.end_ms = *end;
  one.updated_ms = now;
  return PutOutage(*call, "end", one);
}

}  // namespace gatepost::console
