// Looking: the list of held mail, one entry, its content.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <charconv>
#include <utility>

#include "src/base/clock.h"
#include "src/console/answer.h"
#include "src/console/app.h"

namespace gatepost::console {

namespace {

constexpr size_t kMostSearched = 20'000;

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    if (end > at) {
      out.push_back(text.substr(at, end - at));
    }
    at = end + 1;
  }
  return out;
}

// False: not a time. "" leaves *out.
bool TakeTime(const Request& request, const char* name, int64_t* out) {
  const std::string text = request.Query(name);
  if (text.empty()) {
    return true;
  }
  *out = ParseTime(text, NowUnixMs());
  return *out >= 0;
}

uint32_t TakeLimit(const Request& request, uint32_t usual, uint32_t most) {
  const std::string text = request.Query("limit");
  uint32_t limit = usual;
  std::from_chars(text.data(), text.data() + text.size(), limit);
  return std::clamp<uint32_t>(limit, 1, most);
}

Json RowJson(const record::HeldRow& row) {
  return {{"id", row.id},
          {"state", row.state},
          {"category", row.category},
          {"held_at", Rfc3339(row.held_at_ms)},
          {"sender", row.sender},
          {"recipients", row.recipients},
          {"subject", row.subject},
          {"rules", row.rules},
          {"size", row.size},
          {"score", row.score}};
}

Response BadTime() {
  return Response::Error(400, "bad-time", "times are 2026-11-23, 2026-11-23T10:00:00Z, 30d or 12h");
}

}  // namespace

Response App::HeldList(Call* call) {
  const Request& request = call->request;
  record::HeldQuery query;
  query.scopes = call->rights.Scopes(Permission::kList);
  // Who lists by one grant and reads by another sees subjects where both hold.
  for (const record::HeldScope& scope : call->rights.Scopes(Permission::kContent)) {
    query.scopes.push_back(scope);
  }
  query.states = Split(request.Query("state"));
  query.categories = Split(request.Query("category"));
  query.sender = request.Query("sender");
  query.recipient = request.Query("recipient");
  query.rule = request.Query("rule");
  query.text = request.Query("text");
  query.after = request.Query("after");
  query.before = request.Query("before");
  query.last = request.Query("last") == "1";
  query.descending = request.Query("order") != "asc";
  query.limit = TakeLimit(request, 50, 200);
  const std::string sort = request.Query("sort");
  if (!sort.empty() && !record::HeldSortFromString(sort, &query.sort)) {
    return Response::Error(400, "bad-sort",
                           "sort by time, sender, recipient, category, state, size or score");
  }
  if (!TakeTime(request, "since", &query.since_ms) ||
      !TakeTime(request, "until", &query.until_ms)) {
    return BadTime();
  }
  if (!query.text.empty() && call->rights.May(Permission::kContent)) {
    GATEPOST_ANSWER_IF_ERROR(Write(*call, Kind::kSearch, "", "", {}));
  }
  if (!query.text.empty() && KeyOf(*call) != nullptr && call->rights.May(Permission::kContent)) {
    GATEPOST_ASSIGN_OR_ANSWER(const Json found, SearchSealed(*call, query));
    return Response::Of(found);
  }
  GATEPOST_ASSIGN_OR_ANSWER(const record::HeldPage page, table_.List(query));
  Json rows = Json::array();
  for (const record::HeldRow& row : page.rows) {
    rows.push_back(RowJson(row));
    rows.back()["wrongly"] = IsWrongly(row.id);
  }
  return Response::Of({{"total", page.total}, {"before", page.before}, {"rows", rows}});
}

// Sealed subjects stand in no index, so that they are opened one after the other, newest first:
// kMostSearched of them at most in one answer.
Result<Json> App::SearchSealed(const Call& call, record::HeldQuery query) {
  const std::string text = std::exchange(query.text, "");
  const uint32_t wanted = query.limit;
  query.limit = 500;
  Json rows = Json::array();
  size_t looked_at = 0;
  std::string last;
  bool more = true;
  while (more && rows.size() < wanted && looked_at < kMostSearched) {
    GATEPOST_ASSIGN_OR_RETURN(const record::HeldPage page, table_.List(query));
    for (const record::HeldRow& row : page.rows) {
      if (rows.size() == wanted || looked_at == kMostSearched) {
        break;
      }
      ++looked_at;
      last = row.id;
      std::string subject = row.subject;
      std::string from;
      const Result<record::Held> held = quarantine_->Find(row.id);
      if (held.ok() && held->sealed &&
          call.rights.MayAny(Permission::kContent, held->category, row.recipients)) {
        if (const auto words = quarantine_->ReadWords(*held, KeyOf(call)); words.ok()) {
          subject = words->subject;
          from = words->header_from;
        }
      }
      if (record::ContainsFolded(
              subject + "\n" + from + "\n" + row.id + "\n" + row.queue_id + "\n" + row.message_id,
              text)) {
        rows.push_back(RowJson(row));
        rows.back()["subject"] = subject;
        rows.back()["wrongly"] = IsWrongly(row.id);
      }
    }
    more = page.rows.size() == query.limit;
    query.after = page.rows.empty() ? "" : page.rows.back().id;
    query.before.clear();
    query.last = false;
  }
  // How many there are nobody knows without opening all of them: `more` says whether to go on behind
  // the last row, and `searched` how far this answer got.
  const bool unfinished = more || rows.size() == wanted;
  return Json{{"total", rows.size()},
              {"before", 0},
              {"rows", rows},
              {"more", unfinished},
              {"searched", looked_at},
              {"next", unfinished ? last : ""}};
}

Response App::Summary(Call* call) {
  Json held = Json::object();
  GATEPOST_ASSIGN_OR_ANSWER(const auto counts,
                            table_.Count(call->rights.Scopes(Permission::kList), "held"));
  for (const auto& [category, count] : counts) {
    held[category] = count;
  }
  return Response::Of({{"held", held}});
}

Json App::HeldJson(const Call& call, const record::Held& held) const {
  bool content = false;
  Json recipients = Json::array();
  for (const mail::Recipient& one : held.envelope.recipients) {
    const std::string address = one.address.spelling();
    if (!call.rights.May(Permission::kList, held.category, address)) {
      continue;  // somebody else's copy
    }
    content |= call.rights.May(Permission::kContent, held.category, address);
    Json entry = {{"rcpt", address},
                  {"direction", mail::ToString(one.direction)},
                  {"may_release", call.rights.May(Permission::kRelease, held.category, address)}};
    for (const record::ReleaseMark& mark : held.released) {
      if (mark.recipient == one.address) {
        entry["released_at"] = Rfc3339(mark.at_ms);
        entry["released_by"] = mark.actor;
      }
    }
    recipients.push_back(entry);
  }
  // What a key does not open says nothing, like no key at all.
  record::HeldWords words{held.subject, held.header_from};
  if (content && held.sealed && KeyOf(call) != nullptr) {
    if (Result<record::HeldWords> read = quarantine_->ReadWords(held, KeyOf(call)); read.ok()) {
      words = std::move(read).value();
    }
  }
  return {{"id", held.id},
          {"sealed", held.sealed},
          {"state", record::ToString(held.state)},
          {"category", held.category},
          {"clause", held.clause},
          {"held_at", Rfc3339(held.held_at_ms)},
          {"size", held.size},
          {"sender", held.envelope.sender.spelling()},
          {"client_ip", held.envelope.client_ip},
          {"client_name", held.envelope.client_name},
          {"auth_user", held.envelope.auth_user},
          {"queue_id", held.envelope.queue_id},
          {"message_id", held.message_id},
          {"subject", content ? words.subject : ""},
          {"header_from", content ? words.header_from : ""},
          {"rules", held.rules},
          {"score", held.score},
          {"recipients", recipients},
          {"marked", held.marked},
          {"sha256", content ? held.sha256 : ""},
          {"last_actor", held.last_actor},
          {"may_read", content}};
}

namespace {

// What the trail says of an entry, without the addresses of other units.
Json DetailsFor(const Call& call, const record::Held& held, const Json& record) {
  Json details = record.value("details", Json::object());
  const auto recipients = details.find("recipients");
  if (recipients != details.end() && recipients->is_string()) {
    std::string mine;
    const std::string all = *recipients;
    for (size_t at = 0; at < all.size();) {
      const size_t end = std::min(all.find(", ", at), all.size());
      const std::string one = all.substr(at, end - at);
      if (call.rights.May(Permission::kList, held.category, one)) {
        mine += (mine.empty() ? "" : ", ") + one;
      }
      at = end + 2;
    }
    *recipients = mine;
  }
  return details;
}

}  // namespace

Response App::HeldDetail(Call* call) {
  Response no;
  const std::string id = call->path["id"];
  const auto held = FindHeld(*call, id, Permission::kList, &no);
  if (!held.has_value()) {
    return no;
  }
  Json out = HeldJson(*call, *held);
  const bool content = out["may_read"].get<bool>();
  out["wrongly"] = IsWrongly(id);
  out["two_persons"] = quarantine_->NeedsTwo(*held);
  out["may_approve"] = false;
  for (const mail::Recipient& one : held->envelope.recipients) {
    out["may_approve"] =
        out["may_approve"].get<bool>() ||
        call->rights.May(Permission::kApprove, held->category, one.address.spelling());
  }
  out["may_release_urgently"] =
      MayBeUrgent(*held).ok() && !ChosenRecipients(*call, *held, {}).empty();
  out["requests"] = Json::array();
  for (const record::ReleaseRequest& one : held->requests) {
    Json to = Json::array();
    for (const mail::Address& address : one.recipients) {
      if (call->rights.May(Permission::kList, held->category, address.spelling())) {
        to.push_back(address.spelling());
      }
    }
    out["requests"].push_back({{"id", one.id},
                               {"state", record::ToString(one.state)},
                               {"by", one.by},
                               {"reason", one.reason},
                               {"at", Rfc3339(one.at_ms)},
                               {"expires_at", Rfc3339(one.expires_at_ms)},
                               {"expired", one.Expired(NowUnixMs())},
                               {"recipients", to},
                               {"decided_by", one.decided_by},
                               {"decision_reason", one.decision_reason}});
    if (one.countersign_by_ms > 0) {
      out["requests"].back()["countersign_by"] = Rfc3339(one.countersign_by_ms);
      out["requests"].back()["wants_countersign"] = one.WantsCountersign();
      out["requests"].back()["overdue"] =
          one.WantsCountersign() && one.countersign_by_ms < NowUnixMs();
    }
  }
  Follow();
  record::DecisionQuery query;
  query.id = id;
  query.limit = 1;
  const auto found = decisions_->Find(query);
  if (found.ok() && !found->empty()) {
    const Json& record = found->front().record;
    Json decision;
    for (const char* key :
         {"at", "node", "action", "clause", "basis", "reply", "score", "rules", "infections",
          "defects", "unscannable", "parts", "facts", "generation", "ms"}) {
      if (record.contains(key)) {
        decision[key] = record[key];
      }
    }
    Json verdicts = Json::array();
    for (const Json& one : record.value("recipients", Json::array())) {
      if (call->rights.May(Permission::kList, held->category, one.value("rcpt", ""))) {
        verdicts.push_back(one);
      }
    }
    decision["recipients"] = verdicts;
    if (!content) {
      // Names of files say what a letter is about.
      decision.erase("facts");
      for (Json& part : decision["parts"]) {
        part["path"] = "";
        part["sha256"] = "";
      }
      for (const char* list : {"infections", "unscannable"}) {
        for (Json& one : decision[list]) {
          one["path"] = "";
        }
      }
    }
    out["decision"] = decision;
  }
  Json history = Json::array();
  history.push_back({{"at", Rfc3339(held->held_at_ms)}, {"kind", "held"}, {"actor", "gatepost"}});
  GATEPOST_ANSWER_IF_ERROR(record::ReadAudit(
      trail_->folder(),
      [&](const Json& record) {
        if (record.value("held_id", "") == id) {
          history.push_back({{"at", record.value("at", "")},
                             {"kind", record.value("event", "")},
                             {"actor", record.value("actor", "")},
                             {"reason", record.value("reason", "")},
                             {"details", DetailsFor(*call, *held, record)}});
        }
        return true;
      },
      held->held_at_ms));
  out["history"] = history;
  return Response::Of(out);
}

}  // namespace gatepost::console
