// The decision log: JSON Lines, one writer, chained (seq, prev, hash), daily segments, durable on
// return with group commit, a preallocated reserve for the day the disk is full.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/base/json.h"
#include "src/base/result.h"

namespace gatepost::record {

// Thread-safe.
class DecisionLog {
 public:
  ~DecisionLog();
  struct Options {
    std::string path;  // folder of segments (made when missing), or one file *.jsonl
    uint64_t reserve_bytes = 4U << 20;
    int group_commit_us = 0;  // how long a commit may wait for company
  };
  // Sets a torn last line aside and records that; kUnavailable when another process writes here.
  static Result<std::unique_ptr<DecisionLog>> Open(const Options& options);
  // Adds v, seq, prev, hash; fsynced on return. Falls back to the reserve when the disk is full.
  Status Append(Json record);
  // True while the reserve is being eaten: hold what must be held is then 451.
  bool on_reserve() const;

 private:
  struct Writer;
  explicit DecisionLog(std::unique_ptr<Writer> writer);
  std::unique_ptr<Writer> writer_;
};

// Newest last. Stops when visit returns false. Torn lines are skipped, and segments of days that
// ended before since_ms. Events of the log itself ("event": ...) are records too.
Status ReadLog(const std::string& path, const std::function<bool(const Json& record)>& visit,
               int64_t since_ms = 0);
// Where a reader who follows the log stands; an empty one stands before its beginning.
struct LogPlace {
  std::string segment;
  uint64_t offset = 0;
};
// What has come since *place, which then stands behind it: a line that is being written is read
// when it is whole. Reads nothing twice.
Status FollowLog(const std::string& path, LogPlace* place,
                 const std::function<void(const Json& record)>& visit, int64_t since_ms = 0);
struct ChainReport {
  uint64_t records = 0;
  bool whole = false;
  uint64_t first_seq = 0;  // above 1: older segments were taken away
  uint64_t last_seq = 0;
  std::string last_hash;  // keep it elsewhere: whoever rewrites the whole log cannot change that
  std::string first_problem;  // "decisions-2026-11-23.jsonl:17: ..." ; "" none
};
Result<ChainReport> VerifyLog(const std::string& path);

}  // namespace gatepost::record
