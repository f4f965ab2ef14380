// Letting mail like this pass from now on: exceptions as `gatepost exceptions` keeps them, made
// from a held entry, with an end and a reason. They act with the next message.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>

#include "src/base/clock.h"
#include "src/base/utf8.h"
#include "src/console/answer.h"
#include "src/console/app.h"
#include "src/record/exceptions.h"

namespace gatepost::console {

namespace {

constexpr int64_t kDayMs = 86'400'000;
constexpr int kMostDays = 366;

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : " ") + word;
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> Told(const policy::Exception& one,
                                                      const char* what) {
  return {{"what", what},       {"sender", one.sender},       {"sha256", one.sha256},
          {"owner", one.owner}, {"rules", Joined(one.rules)}, {"until", Rfc3339(one.expires_ms)}};
}

}  // namespace

Response App::AddException(Call* call) {
  Response no;
  const std::string id = call->path["id"];
  const auto held = FindHeld(*call, id, Permission::kException, &no);
  if (!held.has_value()) {
    return no;
  }
  const std::string by = call->Word("by");
  const std::string reason = call->Word("reason");
  const auto days = call->body.find("days");
  if ((by != "sender" && by != "file") || days == call->body.end() || !days->is_number_integer() ||
      *days < 1 || *days > kMostDays) {
    return Response::Error(400, "bad-setting", "'by' is sender or file, 'days' 1 to 366");
  }
  if (MissesReason(reason, &no)) {
    return no;
  }
  GATEPOST_ASSIGN_OR_ANSWER(policy::Exceptions like,
                            record::ExceptionsLike(*held, house_.log, by == "file"));
  Json added = Json::array();
  for (policy::Exception& one : like) {
    one.owner = call->account.name;
    one.reason = PrintableUtf8(AsciiTrim(reason), 500);
    one.created_ms = NowUnixMs();
    one.expires_ms = one.created_ms + days->get<int64_t>() * kDayMs;
    GATEPOST_ANSWER_IF_ERROR(record::CheckException(one));
  }
  for (const policy::Exception& one : like) {
    GATEPOST_ANSWER_IF_ERROR(Write(*call, Kind::kException, id, one.reason, Told(one, "add")));
    GATEPOST_ASSIGN_OR_ANSWER(const policy::Exception made,
                              record::AddException(record::ExceptionsFile(house_.state), one));
    added.push_back(record::ToJson(made));
  }
  return Response::Of({{"id", id}, {"exceptions", added}});
}

Response App::Exceptions(Call* /*call*/) {
  GATEPOST_ASSIGN_OR_ANSWER(const policy::Exceptions all,
                            record::ReadExceptions(record::ExceptionsFile(house_.state)));
  const int64_t now = NowUnixMs();
  Json rows = Json::array();
  for (const policy::Exception& one : all) {
    rows.push_back(record::ToJson(one));
    rows.back()["expired"] = one.expires_ms <= now;
  }
  return Response::Of({{"exceptions", rows}});
}

Response App::RemoveException(Call* call) {
  const std::string id = call->path["id"];
  const std::string file = record::ExceptionsFile(house_.state);
  GATEPOST_ASSIGN_OR_ANSWER(const policy::Exceptions all, record::ReadExceptions(file));
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&id](const policy::Exception& one) { return one.id == id; });
  if (found == all.end()) {
    return Response::Error(404, "not-found", id + ": there is no such exception");
  }
  GATEPOST_ANSWER_IF_ERROR(
      Write(*call, Kind::kException, "", call->Word("reason"), Told(*found, "remove")));
  GATEPOST_ASSIGN_OR_ANSWER(
      const policy::Exceptions removed,
      record::RemoveExceptions(file, [&id](const policy::Exception& one) { return one.id == id; }));
  return Response::Of({{"id", id}, {"removed", removed.size()}});
}

}  // namespace gatepost::console
