// Everything decided: tracking, statistics; rules and generations; who did what, who may do what.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <charconv>

#include "src/base/clock.h"
#include "src/console/answer.h"
#include "src/console/app.h"

namespace gatepost::console {

namespace {

constexpr uint32_t kTrackedAtOnce = 500;
constexpr size_t kMostTracked = 20'000;

bool TakeTimes(const Request& request, int64_t* since, int64_t* until) {
  for (const auto& [name, out] : {std::pair("since", since), std::pair("until", until)}) {
    const std::string text = request.Query(name);
    if (!text.empty() && (*out = ParseTime(text, NowUnixMs())) < 0) {
      return false;
    }
  }
  return true;
}

Response BadTime() {
  return Response::Error(400, "bad-time", "times are 2026-11-23, 2026-11-23T10:00:00Z, 30d or 12h");
}

// A decision with those of its recipients that the scopes hold; null: with none.
Json Tracked(const std::vector<record::HeldScope>& scopes, const record::DecisionRow& row) {
  const std::string category = row.record.value("category", "");
  Json recipients = Json::array();
  for (const Json& to : row.record.value("recipients", Json::array())) {
    // Mail that passed has no category: a unit's clerk sees that unit's, whatever it was.
    if (std::any_of(scopes.begin(), scopes.end(), [&](const record::HeldScope& scope) {
          return (category.empty() || scope.categories.empty() ||
                  std::find(scope.categories.begin(), scope.categories.end(), category) !=
                      scope.categories.end()) &&
                 record::InRecipients(scope.recipients, AsciiLower(to.value("rcpt", "")));
        })) {
      recipients.push_back(to);
    }
  }
  if (recipients.empty()) {
    return {};
  }
  Json entry;
  for (const char* key :
       {"id", "at", "node", "queue_id", "message_id", "client_ip", "auth_user", "from", "size",
        "action", "clause", "category", "reply", "score", "rules", "held_id", "generation", "ms"}) {
    if (row.record.contains(key)) {
      entry[key] = row.record[key];
    }
  }
  entry["recipients"] = recipients;
  return entry;
}

}  // namespace

Response App::Decisions(Call* call) {
  const Request& request = call->request;
  Follow();
  record::DecisionQuery query;
  if (!TakeTimes(request, &query.since_ms, &query.until_ms)) {
    return BadTime();
  }
  query.action = request.Query("action");
  query.category = request.Query("category");
  query.rule = request.Query("rule");
  const std::string before = request.Query("before");
  std::from_chars(before.data(), before.data() + before.size(), query.before);
  // One field for whatever the person has in hand.
  const std::string what = request.Query("q");
  std::vector<record::DecisionQuery> tries(1, query);
  if (what.rfind("GP-", 0) == 0) {
    tries[0].id = what;
  } else if (!what.empty() && what.front() == '<') {
    tries[0].message_id = what;
  } else if (what.find('@') != std::string::npos) {
    tries[0].address = what;
    if (what.front() != '@') {
      tries.push_back(query);
      tries[1].message_id = "<" + what + ">";
    }
  } else if (what.find('.') != std::string::npos) {
    tries[0].address = "@" + what;
  } else if (!what.empty()) {
    tries[0].queue_id = what;
  }
  const std::vector<record::HeldScope> scopes = call->rights.Scopes(Permission::kTrack);
  const size_t wanted = query.limit;
  Json rows = Json::array();
  int64_t next = 0;
  for (record::DecisionQuery& one : tries) {
    // What somebody may not see does not count: for a unit, as many rows of the house are looked at as
    // it takes, within kMostTracked of them; `next` goes on from there.
    one.limit = call->rights.MayEverywhere(Permission::kTrack) ? query.limit : kTrackedAtOnce;
    for (size_t looked_at = 0; looked_at < kMostTracked;) {
      GATEPOST_ASSIGN_OR_ANSWER(const auto found, decisions_->Find(one));
      for (const record::DecisionRow& row : found) {
        ++looked_at;
        one.before = row.row;
        if (Json entry = Tracked(scopes, row); !entry.is_null()) {
          rows.push_back(std::move(entry));
          if (rows.size() == wanted) {
            break;
          }
        }
      }
      const bool all = found.size() < one.limit && rows.size() < wanted;
      next = all || found.empty() ? 0 : one.before;
      if (all || found.empty() || rows.size() == wanted) {
        break;
      }
    }
    if (!rows.empty()) {
      break;
    }
  }
  return Response::Of({{"rows", rows}, {"next", next}});
}

Response App::Statistics(Call* call) {
  Follow();
  const int64_t now = NowUnixMs();
  int64_t since = now - 7 * 86'400'000LL;
  int64_t until = now + 1;
  if (!TakeTimes(call->request, &since, &until)) {
    return BadTime();
  }
  if (until - since > 400 * 86'400'000LL) {
    return Response::Error(400, "bad-time", "at most 400 days");
  }
  GATEPOST_ASSIGN_OR_ANSWER(const auto sums, decisions_->Sums(since, until));
  std::map<int64_t, Json> hours;
  std::map<std::string, std::map<std::string, int64_t>> totals;
  for (const record::HourSum& one : sums) {
    totals[one.kind][one.key] += one.count;
    if (one.kind == "action") {
      hours[one.hour_ms][one.key] = one.count;
    }
  }
  Json series = Json::array();
  for (const auto& [hour, actions] : hours) {
    series.push_back({{"at", Rfc3339(hour)}, {"actions", actions}});
  }
  std::vector<std::pair<int64_t, std::string>> rules;
  for (const auto& [rule, count] : totals["rule"]) {
    rules.emplace_back(count, rule);
  }
  std::sort(rules.rbegin(), rules.rend());
  Json top = Json::array();
  for (size_t i = 0; i < std::min<size_t>(rules.size(), 20); ++i) {
    top.push_back({{"rule", rules[i].second}, {"count", rules[i].first}});
  }
  size_t wrongly = 0;
  {
    const std::lock_guard<std::mutex> lock(kept_mutex_);
    wrongly = wrongly_.size();
  }
  return Response::Of({{"since", Rfc3339(since)},
                       {"until", Rfc3339(until)},
                       {"hours", series},
                       {"actions", totals["action"]},
                       {"categories", totals["category"]},
                       {"latency", totals["latency"]},
                       {"bytes", totals["bytes"][""]},
                       {"rules", top},
                       {"wrongly", wrongly}});
}

Response App::Rules(Call* /*call*/) {
  GATEPOST_ASSIGN_OR_ANSWER(const Json answer, house_.ask({{"do", "rules"}}, -1));
  return Response::Of(answer);
}

Response App::Generations(Call* /*call*/) {
  GATEPOST_ASSIGN_OR_ANSWER(const Json state, house_.ask({{"do", "status"}}, -1));
  return Response::Of({{"status", state}});
}

Response App::Audit(Call* call) {
  const Request& request = call->request;
  int64_t since = NowUnixMs() - 30 * 86'400'000LL;
  int64_t until = NowUnixMs() + 60'000;
  if (!TakeTimes(request, &since, &until)) {
    return BadTime();
  }
  const std::string kind = request.Query("kind");
  const std::string actor = request.Query("actor");
  const std::string id = request.Query("held_id");
  constexpr size_t kMost = 500;
  std::vector<Json> found;
  GATEPOST_ANSWER_IF_ERROR(record::ReadAudit(
      trail_->folder(),
      [&](const Json& record) {
        const int64_t at = ParseTime(record.value("at", ""), 0);
        if (at >= since && at < until && (kind.empty() || record.value("event", "") == kind) &&
            (actor.empty() || record.value("actor", "") == actor) &&
            (id.empty() || record.value("held_id", "") == id)) {
          Json shown = {{"kind", record.value("event", "")}};
          for (const char* key : {"at", "node", "actor", "on_behalf", "via", "reason", "held_id",
                                  "client_ip", "details", "seq"}) {
            if (record.contains(key)) {
              shown[key] = record[key];
            }
          }
          found.push_back(std::move(shown));
          if (found.size() > 4 * kMost) {
            found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(kMost));
          }
        }
        return true;
      },
      since));
  Json rows = Json::array();
  for (auto one = found.rbegin(); one != found.rend() && rows.size() < kMost; ++one) {
    rows.push_back(*one);
  }
  return Response::Of({{"rows", rows}, {"more", found.size() > kMost}});
}

Response App::Access(Call* /*call*/) {
  GATEPOST_ASSIGN_OR_ANSWER(const std::vector<Account> all, accounts_.All());
  Json accounts = Json::array();
  for (const Account& account : all) {
    Json one = ToJson(account);
    one["second_factor"] = !account.totp.empty();
    one.erase("password");
    one.erase("totp");
    one.erase("epoch");
    accounts.push_back(one);
  }
  Json units = Json::object();
  for (const auto& [name, list] : options_.units) {
    units[name] = list;
  }
  return Response::Of({{"accounts", accounts}, {"units", units}});
}

}  // namespace gatepost::console
