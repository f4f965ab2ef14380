// The decision log by queue id, message id, address and time, and its sums by the hour: an SQLite
// file beside the log that can be thrown away at any time. It keeps where a record stands, not the
// record.
// LIMITS: a record is found once it was followed (Follow); sums are by the hour in UTC.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"

namespace gatepost::record {

// Empty fields do not restrict; at least one of the first five, or a time, is best given.
struct DecisionQuery {
  std::string id;  // of the decision or of the held entry
  std::string queue_id, message_id;
  std::string address;  // sender or recipient: whole, or "@domain"
  std::string rule;
  std::string action, category;
  int64_t since_ms = 0, until_ms = 0;
  int64_t before = 0;  // a row number: go on behind the last page
  uint32_t limit = 50;
};

struct DecisionRow {
  int64_t row = 0;
  Json record;  // as in the log
};

struct HourSum {
  int64_t hour_ms = 0;
  std::string kind;  // "action", "category", "rule", "defect", "latency", "bytes"
  std::string key;   // "accept"; a rule id; for latency the upper edge in ms ("50")
  int64_t count = 0;
};

// Thread-safe. One process at a time follows; others may ask.
class DecisionIndex {
 public:
  ~DecisionIndex();
  // path: the index's file; made anew when it is damaged or of an older layout. log: as
  // DecisionLog::Options::path.
  static Result<std::unique_ptr<DecisionIndex>> Open(const std::string& path,
                                                     const std::string& log);
  // Takes in what has come, at most `most` records (0: all). *behind: there is more.
  Status Follow(uint64_t most, bool* behind);
  // Newest first.
  Result<std::vector<DecisionRow>> Find(const DecisionQuery& query);
  // Sums over hours of [since, until).
  Result<std::vector<HourSum>> Sums(int64_t since_ms, int64_t until_ms);

 private:
  struct Store;
  explicit DecisionIndex(std::unique_ptr<Store> store);
  std::unique_ptr<Store> store_;
};

}  // namespace gatepost::record
