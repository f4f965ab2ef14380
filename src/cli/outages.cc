// `gatepost outbreak list | show` and `gatepost outage start | update | end | list`.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/outages.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "src/base/clock.h"
#include "src/base/utf8.h"
#include "src/cli/actor.h"
#include "src/cli/house.h"
#include "src/cli/incidents.h"
#include "src/cli/terminal.h"
#include "src/gateway/outbreak_desk.h"
#include "src/gateway/outbreak_words.h"

namespace gatepost::cli {

namespace {

// False: printed why not.
bool Take(const std::string& option, const Result<int64_t>& time, int64_t* out) {
  if (!time.ok()) {
    PrintError(option + " " + time.status().message());
    return false;
  }
  *out = *time;
  return true;
}

// "" leaves *out.
bool TimeAhead(const std::string& option, const std::string& text, int64_t now, int64_t* out) {
  return text.empty() || Take(option, record::OutageTimeAhead(text, now), out);
}

bool TimeBehind(const std::string& option, const std::string& text, int64_t now, int64_t* out) {
  return Take(option, record::OutageTimeBehind(text, now), out);
}

void Print(const OutageOptions& options, const record::Outage& one) {
  const bool both = options.lang.empty();
  const std::string vi = record::OutageNotice(one, true);
  const std::string en = record::OutageNotice(one, false);
  if (options.common.json) {
    Json out = record::ToJson(one);
    out["open"] = one.open();
    out["notice"] = {{"vi", vi}, {"en", en}};
    PrintLine(DumpJson(out));
    return;
  }
  PrintLine(one.id + "  " + (one.open() ? "open" : "ended") + "; the notice to publish:\n");
  if (both || options.lang == "vi") {
    PrintLine(vi);
  }
  if (both || options.lang == "en") {
    PrintLine(en);
  }
}

// Told, then kept, then printed.
int Put(const OutageOptions& options, const gateway::Config& config, const std::string& what,
        record::Outage one) {
  Status status = record::CheckOutage(one);
  if (status.ok()) {
    status =
        TellTrail(config, record::AuditKind::kOutage, one.cause, record::OutageDetails(what, one));
  }
  const Result<record::Outage> put = status.ok()
                                         ? record::PutOutage(record::OutagesFile(config.state), one)
                                         : Result<record::Outage>(status);
  if (!put.ok()) {
    PrintError(put.status().message());
    return put.status().code() == Code::kInvalid ? kUsage : kIncomplete;
  }
  Print(options, *put);
  return kDone;
}

// The one that was named, or the only one that is open. False: printed why not.
bool Find(const gateway::Config& config, const std::string& id, record::Outage* out) {
  const Result<std::vector<record::Outage>> all =
      record::ReadOutages(record::OutagesFile(config.state));
  if (!all.ok()) {
    PrintError(all.status().message());
    return false;
  }
  std::vector<record::Outage> fitting;
  std::copy_if(all->begin(), all->end(), std::back_inserter(fitting),
               [&](const record::Outage& one) { return id.empty() ? one.open() : one.id == id; });
  if (fitting.size() != 1) {
    PrintError(!id.empty()       ? id + ": no such outage; 'gatepost outage list' names them"
               : fitting.empty() ? "no outage is open; 'gatepost outage list' names those of before"
                                 : "several outages are open: name one of 'gatepost outage list'");
    return false;
  }
  *out = fitting.front();
  return true;
}

}  // namespace

int OutageStart(const OutageOptions& options) {
  gateway::Config config;
  int exit_code = kDone;
  if (!StateOf(options.common.config, &config, &exit_code)) {
    return exit_code;
  }
  const int64_t now = NowUnixMs();
  record::Outage one;
  one.cause = options.cause;
  one.parts = options.parts;
  one.by = Actor();
  one.updated_ms = now;
  if (!TimeBehind("--at", options.at, now, &one.start_ms) ||
      !TimeAhead("--expected", options.expected, now, &one.expected_ms)) {
    return kUsage;
  }
  return Put(options, config, "start", one);
}

int OutageUpdate(const OutageOptions& options) {
  gateway::Config config;
  int exit_code = kDone;
  if (!StateOf(options.common.config, &config, &exit_code)) {
    return exit_code;
  }
  record::Outage one;
  if (!Find(config, options.id, &one)) {
    return kIncomplete;
  }
  const int64_t now = NowUnixMs();
  one.cause = options.cause.empty() ? one.cause : options.cause;
  one.parts = options.parts.empty() ? one.parts : options.parts;
  one.updated_ms = now;
  if (!TimeAhead("--expected", options.expected, now, &one.expected_ms)) {
    return kUsage;
  }
  return Put(options, config, "update", one);
}

int OutageEnd(const OutageOptions& options) {
  gateway::Config config;
  int exit_code = kDone;
  if (!StateOf(options.common.config, &config, &exit_code)) {
    return exit_code;
  }
  record::Outage one;
  if (!Find(config, options.id, &one)) {
    return kIncomplete;
  }
  const int64_t now = NowUnixMs();
  one.cause = options.cause.empty() ? one.cause : options.cause;
  one.updated_ms = now;
  if (!TimeBehind("--at", options.at, now, &one.end_ms)) {
    return kUsage;
  }
  return Put(options, config, "end", one);
}

int OutageList(const OutageOptions& options) {
  gateway::Config config;
  int exit_code = kDone;
  if (!StateOf(options.common.config, &config, &exit_code)) {
    return exit_code;
  }
  const Result<std::vector<record::Outage>> all =
      record::ReadOutages(record::OutagesFile(config.state));
  if (!all.ok()) {
    PrintError(all.status().message());
    return kIncomplete;
  }
  Table table({"id", "start", "expected", "end", "parts", "cause"}, 5);
  const auto time = [](int64_t ms) {
    return ms > 0 ? Rfc3339(ms).substr(0, 16) + "Z" : std::string("-");
  };
  for (const record::Outage& one : *all) {
    if (options.common.json) {
      Json out = record::ToJson(one);
      out["open"] = one.open();
      PrintLine(DumpJson(out));
    } else {
      table.Add({one.id, time(one.start_ms), time(one.expected_ms),
                 one.open() ? "open" : time(one.end_ms), one.parts.empty() ? "mail" : one.parts,
                 one.cause});
    }
  }
  if (!options.common.json) {
    std::fputs(table.empty() ? "no outage is on record\n" : table.ToString().c_str(), stdout);
  }
  return kDone;
}

Result<std::vector<gateway::OutbreakCase>> FindOutbreaks(const std::string& state,
                                                         const std::string& log,
                                                         const std::string& id) {
  GATEPOST_ASSIGN_OR_RETURN(std::vector<gateway::OutbreakCase> all,
                            gateway::ReadOutbreaks(gateway::OutbreaksFile(state)));
  if (id.empty()) {
    return all;
  }
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&id](const gateway::OutbreakCase& one) { return one.id == id; });
  if (found == all.end()) {
    return Status::NotFound(id + ": no such outbreak; 'gatepost outbreak list' names them");
  }
  std::vector<gateway::OutbreakCase> one(1, *found);
  GATEPOST_RETURN_IF_ERROR(gateway::FillIn(log, &one.front()));
  return one;
}

int OutbreakList(const OutbreakCommand& options) {
  gateway::Config config;
  int exit_code = kDone;
  if (!StateOf(options.common.config, &config, &exit_code)) {
    return exit_code;
  }
  const Result<std::vector<gateway::OutbreakCase>> all =
      FindOutbreaks(config.state, config.log, "");
  if (!all.ok()) {
    PrintError(all.status().message());
    return kIncomplete;
  }
  Table table({"id", "what", "noticed", "last", "messages", "recipients", "told", "content"}, 7);
  for (const gateway::OutbreakCase& one : *all) {
    if (options.common.json) {
      PrintLine(DumpJson(gateway::ToJson(one, /*brief=*/true)));
      continue;
    }
    table.Add({one.id, gateway::ToString(one.kind), Rfc3339(one.begun_ms).substr(0, 16) + "Z",
               one.over ? "over" : Rfc3339(one.seen_ms).substr(11, 5) + "Z",
               std::to_string(one.messages), std::to_string(one.recipients.size()),
               std::to_string(one.tellings) + (one.trouble.empty() ? "" : "!"),
               one.file.empty() ? one.what : one.file});
  }
  if (!options.common.json) {
    std::fputs(table.empty() ? "no outbreak is known\n" : table.ToString().c_str(), stdout);
  }
  return kDone;
}

int OutbreakShow(const OutbreakCommand& options) {
  gateway::Config config;
  int exit_code = kDone;
  if (!StateOf(options.common.config, &config, &exit_code)) {
    return exit_code;
  }
  const Result<std::vector<gateway::OutbreakCase>> found =
      FindOutbreaks(config.state, config.log, options.id);
  if (!found.ok()) {
    PrintError(found.status().message());
    return kIncomplete;
  }
  const gateway::OutbreakCase& one = found->front();
  if (options.common.json) {
    PrintLine(DumpJson(gateway::ToJson(one, /*brief=*/true)));
    return kDone;
  }
  const bool vi = Vietnamese();
  PrintLine(gateway::DescribeOutbreak(one, vi, config.node).body);
  if (!one.trouble.empty()) {
    PrintError("the IT desk could not be told: " + one.trouble);
  }
  return kDone;
}

std::vector<std::string> IncidentNotes(const Json& state, const std::string& state_folder) {
  std::vector<std::string> out;
  if (const Json blocks = state.value("blocks", Json::object());
      blocks.value("active", 0) + blocks.value("expired", 0) > 0) {
    out.push_back("  blocks      " + std::to_string(blocks.value("active", 0)) + " active, " +
                  std::to_string(blocks.value("expired", 0)) + " expired (gatepost block list)");
  }
  for (const Json& one : state.value("outbreaks", Json::array())) {
    out.push_back("  outbreak    " + one.value("id", "") + ": " + one.value("kind", "") + ", " +
                  std::to_string(one.value("messages", 0)) + " messages since " +
                  one.value("begun", "").substr(0, 16) + "Z (gatepost outbreak show)");
  }
  const Result<std::vector<record::Outage>> outages =
      record::ReadOutages(record::OutagesFile(state_folder));
  if (!outages.ok()) {
    out.push_back("  outage      " + outages.status().message());
    return out;
  }
  for (const record::Outage& one : *outages) {
    if (one.open()) {
      out.push_back("  outage      " + one.id + " since " + Rfc3339(one.start_ms).substr(0, 16) +
                    "Z: " + one.cause + "; expected to end " +
                    (one.expected_ms > 0 ? Rfc3339(one.expected_ms).substr(0, 16) + "Z"
                                         : "at a time not known yet"));
    }
  }
  return out;
}

}  // namespace gatepost::cli
