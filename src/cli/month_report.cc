// `gatepost report`: the figures of a month.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/month_report.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/cli/actor.h"
#include "src/cli/house.h"
#include "src/cli/incidents.h"
#include "src/cli/terminal.h"
#include "src/console/options.h"
#include "src/record/audit_trail.h"
#include "src/record/decision_log.h"
#include "src/record/held_table.h"

namespace gatepost::cli {

namespace {

constexpr int64_t kDayMs = 86'400'000;
// Clauses of ours for what could not be finished: the sender heard 451 for no fault of theirs.
constexpr const char* kOwnFaults[] = {
    "inspection-unfinished", "hold-unfinished", "log-unfinished", "spool-full", "no-memory",
    "antivirus-not-ready"};

const Json& Member(const Json& object, const char* key) {
  static const Json kNone = Json::array();
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

// The first moment of a month (from 0) of this machine's zone.
int64_t MonthStart(int year, int month) {
  std::tm local{};
  local.tm_year = year - 1900;
  local.tm_mon = month;
  local.tm_mday = 1;
  local.tm_isdst = -1;
  return static_cast<int64_t>(mktime(&local)) * 1'000;
}

int DayOf(int64_t ms) {
  const std::time_t seconds = ms / 1'000;
  std::tm local{};
  localtime_r(&seconds, &local);
  return local.tm_mday;
}

Status SetMonth(const std::string& month, int64_t now_ms, MonthFigures* out) {
  const std::time_t seconds = now_ms / 1'000;
  std::tm local{};
  localtime_r(&seconds, &local);
  int year = local.tm_year + 1900;
  int number = local.tm_mon;  // the one before, counted from 1
  if (!month.empty()) {
    int read = 0;
    if (month.size() != 7 || std::sscanf(month.c_str(), "%4d-%2d%n", &year, &number, &read) != 2 ||
        read != 7 || year < 2000 || year > 9999 || number < 1 || number > 12) {
      return Status::Invalid("--month " + month + ": write 2026-11");
    }
  } else if (number == 0) {
    number = 12;
    --year;
  }
  out->from_ms = MonthStart(year, number - 1);
  out->until_ms = MonthStart(year, number);
  char name[16];
  std::snprintf(name, sizeof name, "%04d-%02d", year, number);
  out->month = name;
  if (out->from_ms > now_ms) {
    return Status::Invalid("--month " + out->month + ": has not begun");
  }
  return {};
}

struct HeldMail {
  std::string clause, category;
  int64_t at_ms = 0;
  bool in_month = false;
  std::set<std::string> units;
  bool released = false, wrongly = false;
};

HoldTimes TimesOf(std::vector<int64_t>* all) {
  HoldTimes out;
  if (all->empty()) {
    return out;
  }
  std::sort(all->begin(), all->end());
  const auto at = [&](size_t percent) {
    return (*all)[std::min(all->size() - 1, all->size() * percent / 100)];
  };
  out.count = all->size();
  out.median_ms = at(50);
  out.p95_ms = at(95);
  out.longest_ms = all->back();
  return out;
}

// GP-20261126-204512-...: the time of holding stands in the id.
int64_t TimeInId(const std::string& id) {
  if (id.size() < 18) {
    return 0;
  }
  const std::string text = id.substr(3, 4) + "-" + id.substr(7, 2) + "-" + id.substr(9, 2) + "T" +
                           id.substr(12, 2) + ":" + id.substr(14, 2) + ":" + id.substr(16, 2) + "Z";
  return std::max<int64_t>(0, ParseTime(text, 0));
}

class Counting {
 public:
  Counting(MonthFigures* figures, const console::Units& units) : out_(figures), units_(units) {
    for (const auto& [name, list] : units) {
      out_->units[name];
    }
  }

  // All units that an address is in; {""} when none.
  std::vector<std::string> UnitsOf(const std::string& address) {
    const std::string key = AsciiLower(address);
    const auto known = unit_of_.find(key);
    if (known != unit_of_.end()) {
      return known->second;
    }
    std::vector<std::string> names;
    for (const auto& [name, list] : units_) {
      if (!list.empty() && record::InRecipients(list, key)) {
        names.push_back(name);
      }
    }
    if (names.empty()) {
      names.emplace_back();
    }
    constexpr size_t kMostRemembered = 200'000;
    if (unit_of_.size() < kMostRemembered) {
      unit_of_[key] = names;
    }
    return names;
  }

  void Decision(const Json& record, int64_t at) {
    const std::string held_id = Word(record, "held_id");
    if (!held_id.empty()) {
      HeldMail& held = held_[held_id];
      held.clause = Word(record, "clause");
      held.category = Word(record, "category");
      held.in_month = at >= out_->from_ms && at < out_->until_ms;
      held.at_ms = held.at_ms == 0 ? at : std::min(held.at_ms, at);  // a retry finds the first
      for (const Json& one : Member(record, "recipients")) {
        if (Word(one, "action") == "quarantine") {
          for (const std::string& unit : UnitsOf(Word(one, "rcpt"))) {
            held.units.insert(unit);
          }
        }
      }
    }
    if (at < out_->from_ms || at >= out_->until_ms) {
      return;
    }
    ++out_->messages;
    const std::string action = Word(record, "action");
    ++out_->actions[action];
    if (const std::string category = Word(record, "category");
        !category.empty() && action != "accept") {
      ++out_->categories[category];
    }
    if (const auto size = record.find("size"); size != record.end() && size->is_number_unsigned()) {
      out_->bytes += size->get<uint64_t>();
    }
    const auto day = static_cast<size_t>(DayOf(at));
    out_->days.resize(std::max(out_->days.size(), day));
    ++out_->days[day - 1][action];
    const std::string clause = Word(record, "clause");
    out_->own_faults +=
        action == "defer" && std::any_of(std::begin(kOwnFaults), std::end(kOwnFaults),
                                         [&](const char* one) { return clause == one; })
            ? 1
            : 0;
    if (last_at_ > 0 && at - last_at_ > out_->longest_silence_ms) {
      out_->longest_silence_ms = at - last_at_;
      out_->silence_from_ms = last_at_;
    }
    last_at_ = std::max(last_at_, at);
    for (const Json& one : Member(record, "recipients")) {
      const std::string direction = Word(one, "direction");
      const std::string its_action = Word(one, "action");
      ++out_->directions[direction];
      if (direction == "inbound" || direction == "internal") {
        for (const std::string& unit : UnitsOf(Word(one, "rcpt"))) {
          ++out_->units[unit].actions[its_action];
        }
      }
      if (direction == "outbound" || direction == "internal") {
        const bool kept_back = its_action == "quarantine" || its_action == "reject";
        for (const std::string& unit : UnitsOf(Word(record, "from"))) {
          ++out_->units[unit].sent;
          out_->units[unit].sent_kept_back += kept_back ? 1 : 0;
        }
      }
    }
  }

  void Audit(const Json& record, int64_t at) {
    const std::string event = Word(record, "event");
    const std::string held_id = Word(record, "held_id");
    const bool within = at >= out_->from_ms && at < out_->until_ms;
    const Json& details = Member(record, "details");
    const bool released = record::TellsOfRelease(record);
    if (released) {
      held_[held_id].released = true;
    } else if (event == "wrongly-held") {
      held_[held_id].wrongly = true;
    }
    if (!within) {
      return;
    }
    if (released) {
      HeldMail& held = held_[held_id];
      const int64_t since = held.at_ms > 0 ? held.at_ms : TimeInId(held_id);
      if (since > 0 && at >= since && times_of_.insert(held_id).second) {
        times_.push_back(at - since);
        times_by_[held.category.empty() ? "-" : held.category].push_back(at - since);
      }
    }
    PersonFigures person;
    person.views = event == "view" ? 1 : 0;
    person.exports = event == "export" ? 1 : 0;
    person.searches = event == "search" ? 1 : 0;
    person.releases = released ? 1 : 0;
    person.deletes = event == "delete" ? 1 : 0;
    if (person.views + person.exports + person.searches + person.releases + person.deletes > 0) {
      PersonFigures& mine = out_->opened[Word(record, "actor")];
      mine.views += person.views;
      mine.exports += person.exports;
      mine.searches += person.searches;
      mine.releases += person.releases;
      mine.deletes += person.deletes;
      if (person.views + person.exports > 0 && !held_id.empty()) {
        mine.mails.insert(held_id);
      }
    }
    const bool added = details.is_object() && Word(details, "what") == "add";
    out_->exceptions += event == "exception" && added ? 1 : 0;
    out_->blocks += event == "block" && added ? 1 : 0;
    out_->alerts +=
        event == "alert" && details.is_object() && Word(details, "what") == "alert" ? 1 : 0;
  }

  void Finish(int64_t now_ms) {
    const int64_t until = std::min(out_->until_ms, now_ms);
    out_->span_ms = until - out_->from_ms;
    if (last_at_ > 0 && until - last_at_ > out_->longest_silence_ms) {
      out_->longest_silence_ms = until - last_at_;
      out_->silence_from_ms = last_at_;
    }
    const auto count = [](const HeldMail& held, MonthFigures::Wrong* into) {
      ++into->held;
      into->released += held.released ? 1 : 0;
      into->wrongly += held.wrongly ? 1 : 0;
      into->either += held.released || held.wrongly ? 1 : 0;
    };
    for (const auto& [id, held] : held_) {
      if (!held.in_month) {
        continue;
      }
      count(held, &out_->wrong);
      count(held, &out_->clauses[held.clause]);
      for (const std::string& unit : held.units) {
        out_->units[unit].released += held.released ? 1 : 0;
        out_->units[unit].wrongly += held.wrongly ? 1 : 0;
      }
    }
    out_->holds = TimesOf(&times_);
    for (auto& [category, times] : times_by_) {
      out_->holds_by_category[category] = TimesOf(&times);
    }
    // Outages may overlap: what counts is the time in which one was open.
    std::vector<std::pair<int64_t, int64_t>> spans;
    for (const record::Outage& one : out_->outages) {
      spans.emplace_back(std::max(one.start_ms, out_->from_ms),
                         std::min(one.open() ? until : one.end_ms, until));
    }
    std::sort(spans.begin(), spans.end());
    int64_t counted_to = 0;
    for (const auto& [from, to] : spans) {
      const int64_t begin = std::max(from, counted_to);
      out_->outage_ms += std::max<int64_t>(0, to - begin);
      counted_to = std::max(counted_to, to);
    }
  }

 private:
  MonthFigures* const out_;
  const console::Units& units_;
  std::map<std::string, std::vector<std::string>> unit_of_;
  std::map<std::string, HeldMail> held_;
  std::set<std::string> times_of_;
  std::vector<int64_t> times_;
  std::map<std::string, std::vector<int64_t>> times_by_;
  int64_t last_at_ = 0;
};

Json ToJson(const HoldTimes& times) {
  return {{"count", times.count},
          {"median_ms", times.median_ms},
          {"p95_ms", times.p95_ms},
          {"longest_ms", times.longest_ms}};
}

Json ToJson(const MonthFigures::Wrong& wrong) {
  return {{"held", wrong.held},
          {"released", wrong.released},
          {"marked_wrongly", wrong.wrongly},
          {"wrong", wrong.either}};
}

}  // namespace

Result<MonthFigures> CountMonth(const gateway::Config& config, const console::Units& units,
                                const std::string& month, int64_t now_ms) {
  MonthFigures out;
  GATEPOST_RETURN_IF_ERROR(SetMonth(month, now_ms, &out));
  out.node = config.node;
  out.made_ms = now_ms;
  Counting counting(&out, units);
  // Held mail that is released this month was held up to half a year ago.
  const int64_t since = out.from_ms - 180 * kDayMs;
  GATEPOST_RETURN_IF_ERROR(record::ReadLog(
      config.log,
      [&](const Json& record) {
        if (!Word(record, "id").empty()) {
          counting.Decision(record, ParseTime(Word(record, "at"), 0));
        }
        return true;
      },
      since));
  const Status trail = record::ReadAudit(
      record::AuditFolder(config.state),
      [&](const Json& record) {
        counting.Audit(record, ParseTime(Word(record, "at"), 0));
        return true;
      },
      since);
  if (!trail.ok() && trail.code() != Code::kNotFound) {
    return trail;
  }
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<record::Outage> outages,
                            record::ReadOutages(record::OutagesFile(config.state)));
  for (const record::Outage& one : outages) {
    if (one.start_ms < out.until_ms && (one.open() || one.end_ms > out.from_ms)) {
      out.outages.push_back(one);
    }
  }
  counting.Finish(now_ms);
  return out;
}

Json ToJson(const MonthFigures& figures) {
  Json units = Json::array();
  for (const auto& [name, one] : figures.units) {
    units.push_back({{"unit", name},
                     {"received", one.in()},
                     {"actions", one.actions},
                     {"sent", one.sent},
                     {"sent_kept_back", one.sent_kept_back},
                     {"released", one.released},
                     {"marked_wrongly", one.wrongly}});
  }
  Json wrong = ToJson(figures.wrong);
  wrong["clauses"] = Json::object();
  for (const auto& [clause, one] : figures.clauses) {
    wrong["clauses"][clause] = ToJson(one);
  }
  Json holds = ToJson(figures.holds);
  holds["categories"] = Json::object();
  for (const auto& [category, one] : figures.holds_by_category) {
    holds["categories"][category] = ToJson(one);
  }
  Json outages = Json::array();
  for (const record::Outage& one : figures.outages) {
    outages.push_back(record::ToJson(one));
  }
  Json opened = Json::array();
  for (const auto& [actor, one] : figures.opened) {
    opened.push_back({{"actor", actor},
                      {"views", one.views},
                      {"exports", one.exports},
                      {"searches", one.searches},
                      {"releases", one.releases},
                      {"deletes", one.deletes},
                      {"mails", one.mails.size()}});
  }
  return {{"month", figures.month},
          {"node", figures.node},
          {"from", Rfc3339(figures.from_ms)},
          {"until", Rfc3339(figures.until_ms)},
          {"made_at", Rfc3339(figures.made_ms)},
          {"messages", figures.messages},
          {"bytes", figures.bytes},
          {"actions", figures.actions},
          {"directions", figures.directions},
          {"categories", figures.categories},
          {"days", figures.days},
          {"units", units},
          {"wrong_blocks", wrong},
          {"exceptions_added", figures.exceptions},
          {"blocks_added", figures.blocks},
          {"outbreaks", figures.alerts},
          {"hold_times", holds},
          {"availability",
           {{"available", figures.available()},
            {"outage_ms", figures.outage_ms},
            {"span_ms", figures.span_ms},
            {"deferred_by_our_fault", figures.own_faults},
            {"longest_silence_ms", figures.longest_silence_ms},
            {"outages", outages}}},
          {"opened", opened}};
}

int Report(const ReportOptions& options) {
  gateway::Config config;
  if (!ConfigOf(options.common.config, &config)) {
    return kUsage;
  }
  Diagnostics diagnostics;
  console::Units units;
  if (!config.file.empty()) {
    const Result<console::Options> console = console::LoadOptions(config.file, &diagnostics);
    if (!console.ok()) {
      PrintError(console.status().message());
      return kUsage;
    }
    units = console->units;
  }
  const Result<MonthFigures> figures = CountMonth(config, units, options.month, NowUnixMs());
  if (!figures.ok()) {
    PrintError(figures.status().message());
    return figures.status().code() == Code::kInvalid ? kUsage : kIncomplete;
  }
  if (const Status told = TellTrail(config, record::AuditKind::kReport, "",
                                    {{"month", figures->month}, {"out", options.out}});
      !told.ok()) {
    PrintError("no report: " + told.message());
    return kIncomplete;
  }
  const bool vi = options.lang.empty() ? Vietnamese() : options.lang == "vi";
  const std::string text =
      options.common.json ? DumpJson(ToJson(*figures)) + "\n" : MonthPage(*figures, vi);
  if (options.out.empty()) {
    std::fputs(text.c_str(), stdout);
    return kDone;
  }
  if (const Status written = WriteFileDurably(options.out, text); !written.ok()) {
    PrintError(written.message());
    return kIncomplete;
  }
  PrintLine(options.out + ": " + figures->month + ", " + std::to_string(figures->messages) +
            " messages");
  return kDone;
}

}  // namespace gatepost::cli
