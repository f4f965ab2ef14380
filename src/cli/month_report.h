// The figures of a month, from the decision log, the audit trail and the record of outages alone,
// and the page that shows them for printing.
// LIMITS: counts only; no address of a correspondent, no word of any mail. Days and months are
// those of this machine's zone.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/console/accounts.h"
#include "src/gateway/config.h"
#include "src/record/outages.h"

namespace gatepost::cli {

// Copies: a message for three people counts three times.
struct UnitFigures {
  std::map<std::string, uint64_t> actions;  // copies that came in to this unit, by action
  uint64_t sent = 0, sent_kept_back = 0;    // copies that people of it sent
  uint64_t released = 0, wrongly = 0;       // held messages to it
  uint64_t in() const {
    uint64_t all = 0;
    for (const auto& [action, count] : actions) {
      all += count;
    }
    return all;
  }
};

struct HoldTimes {
  uint64_t count = 0;
  int64_t median_ms = 0, p95_ms = 0, longest_ms = 0;
};

struct PersonFigures {
  uint64_t views = 0, exports = 0, searches = 0, releases = 0, deletes = 0;
  std::set<std::string> mails;  // held ids whose content was opened
};

struct MonthFigures {
  std::string month, node;
  int64_t from_ms = 0, until_ms = 0, made_ms = 0;
  uint64_t messages = 0, bytes = 0;
  std::map<std::string, uint64_t> actions, directions, categories;
  std::vector<std::map<std::string, uint64_t>> days;  // messages by action
  std::map<std::string, UnitFigures> units;           // "": ours, of no unit
  // Held within the month: all, of them released, marked as wrongly held, either of these; and by
  // clause.
  struct Wrong {
    uint64_t held = 0, released = 0, wrongly = 0, either = 0;
  };
  Wrong wrong;
  std::map<std::string, Wrong> clauses;
  uint64_t exceptions = 0, blocks = 0, alerts = 0;
  HoldTimes holds;  // of what was released within the month
  std::map<std::string, HoldTimes> holds_by_category;
  // Availability: outages on record, and what was told to come again for a fault of ours.
  std::vector<record::Outage> outages;
  int64_t outage_ms = 0, span_ms = 0;  // span: of the month, up to now
  uint64_t own_faults = 0;
  int64_t longest_silence_ms = 0, silence_from_ms = 0;
  std::map<std::string, PersonFigures> opened;
  double available() const {
    return span_ms <= 0 ? 1 : 1 - static_cast<double>(outage_ms) / static_cast<double>(span_ms);
  }
};

// month: "2026-11"; "" the last whole one. kInvalid: no month, or one that has not begun.
Result<MonthFigures> CountMonth(const gateway::Config& config, const console::Units& units,
                                const std::string& month, int64_t now_ms);
Json ToJson(const MonthFigures& figures);
// One file without anything from elsewhere; print style sheet for A4.
std::string MonthPage(const MonthFigures& figures, bool vietnamese);

}  // namespace gatepost::cli
