// The decision log: JSON Lines, one writer, chained (seq, prev, hash), daily segments, durable on
// return with group commit, a preallocated reserve for the day the disk is full, signed heads. The
// audit trail is the same mechanism under another name (audit_trail.h).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/record/heads.h"

namespace gatepost::record {

// Thread-safe.
class DecisionLog {
 public:
  ~DecisionLog();
  struct Options {
    std::string path;  // folder of segments (made when missing), or one file *.jsonl
    uint64_t reserve_bytes = 4U << 20;
    int group_commit_us = 0;         // how long a commit may wait for company
    std::string name = "decisions";  // of the chain: its segments' first word
    bool wait = false;          // several writers take turns: for ever, and the group may write
    int lock_wait_ms = 10'000;  // else how long for the writer before, who may be leaving
    std::string node;           // in heads
    const Signer* signer = nullptr;  // no heads without; must outlive the log
  };
  // Sets a torn last line aside and records that; kUnavailable when another process writes here and
  // goes on doing so.
  static Result<std::unique_ptr<DecisionLog>> Open(const Options& options);
  // Adds v, seq, prev, hash; fsynced on return. Falls back to the reserve when the disk is full.
  Status Append(Json record);
  // True while the reserve is being eaten: hold what must be held is then 451.
  bool on_reserve() const;
  // Signs what no head covers yet. Done by itself every second or thousand records while records
  // come, and at the end; to be called now and then for a log that has fallen silent.
  Status SignHeads();

 private:
  struct Writer;
  explicit DecisionLog(std::unique_ptr<Writer> writer);
  std::unique_ptr<Writer> writer_;
};

// Newest last. Stops when visit returns false. Torn lines are skipped, and segments of days that
// ended before since_ms. Events of the log itself ("event": ...) are records too.
// `name`: of the chain, as in Options.
Status ReadLog(const std::string& path, const std::function<bool(const Json& record)>& visit,
               int64_t since_ms = 0, std::string_view name = "decisions");
// Where a reader who follows the log stands; an empty one stands before its beginning.
struct LogPlace {
  std::string segment;
  uint64_t offset = 0;
  uint64_t lines = 0;  // of the segment, before offset
};
// A line that is no record.
struct UnreadableLine {
  std::string segment;  // its name, without the folder
  uint64_t line = 0;
};
// What has come since *place, which then stands behind it: a line that is being written is read
// when it is whole. Reads nothing twice. `unreadable` (may be null) is told of whole lines that are
// no JSON object, of too long ones, and of the cut end of a segment that another has followed.
Status FollowLog(const std::string& path, LogPlace* place,
                 const std::function<void(const Json& record)>& visit, int64_t since_ms = 0,
                 const std::function<void(const UnreadableLine& line)>& unreadable = nullptr);
struct ChainReport {
  uint64_t records = 0;
  bool whole = false;
  uint64_t first_seq = 0;  // above 1: older segments were pruned, with signed summaries
  uint64_t last_seq = 0;
  std::string last_hash;
  uint64_t heads = 0;                        // signed heads that were checked and fit
  uint64_t signed_seq = 0;                   // the last record that one of them covers
  uint64_t pruned = 0;                       // segments taken away, with their summaries
  std::vector<std::string> pruned_segments;  // their names
  uint64_t problem_seq = 0;   // the first record that was changed, removed, inserted or cut off
  std::string first_problem;  // "decisions-2026-11-23.jsonl:17: record 17 ..." ; "" none
};
struct VerifyOptions {
  std::string name = "decisions";
  std::string public_key;  // hex; "": heads and summaries are checked against the key they name
  // Heads that were kept elsewhere, as files: whoever rewrites the whole log here cannot change
  // them.
  std::vector<std::string> head_files;
};
// Every record, every head beside the segments, every head of the files given.
Result<ChainReport> VerifyLog(const std::string& path, const VerifyOptions& options = {});

}  // namespace gatepost::record
