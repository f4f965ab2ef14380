// The chain of the decision log and of the audit trail: how a line is sealed and checked, and how
// segments are named. Private to the room. Format in src/record/README.md. LIMITS: a line is at
// most 4 MiB; a longer one counts as torn. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"

namespace gatepost::record {

constexpr size_t kMaxLine = 4U << 20;
// prev of the very first record: 64 zeros.
std::string ChainStart();

// `record`: one JSON object as text, with no seq, prev, hash of its own. Returns the whole line
// with '\n'; *hash becomes the record's.
std::string SealLine(std::string_view record, uint64_t seq, const std::string& prev,
                     std::string* hash);

struct Link {
  uint64_t seq = 0;
  std::string prev, hash;
  Json record;
  bool hash_fits = false;  // the line hashes to `hash`
};
// False: the line is no record (torn, not JSON, or without seq, prev, hash).
bool ReadLink(std::string_view line, Link* out);

// Which log a folder's segments belong to; each is a chain of its own.
constexpr const char* kDecisions = "decisions";
constexpr const char* kAudit = "audit";
// "decisions-2026-11-23.jsonl"; day: days since the epoch, UTC.
std::string SegmentName(int64_t day, std::string_view log = kDecisions);
// -1: not the name of one of this log's segments.
int64_t SegmentDay(std::string_view name, std::string_view log = kDecisions);
constexpr int64_t kDayMs = 86'400'000;

// Is `path` one file (as opposed to a folder of segments)?
bool IsSingleFile(const std::string& path);
// Full paths, oldest first.
Result<std::vector<std::string>> ListSegments(const std::string& path,
                                              std::string_view log = kDecisions);

// Each line without its '\n'; the last one of a file that does not end in '\n' comes with
// whole = false, as does one above kMaxLine (empty then). Stops when visit returns false. `start`:
// where a line begins. *end, where wanted: where the line that is being visited ends, '\n'
// included.
Status ReadLines(
    const std::string& file,
    const std::function<bool(uint64_t number, std::string_view line, bool whole)>& visit,
    uint64_t start = 0, uint64_t* end = nullptr);

// The last line of a segment that is a record, whether it hashes or not, and where that line ends.
// Read from the back: a segment of a busy day has hundreds of megabytes, and mail waits.
struct LastLine {
  uint64_t seq = 0;  // 0: there is none
  std::string hash;
  uint64_t end = 0;
};
Result<LastLine> FindLastRecord(const std::string& file);
// The hashes of the last records of a segment from record `seq` on, oldest first. Read from the
// back, too; at most `most` of them, the newest.
Result<std::vector<std::string>> HashesSince(const std::string& file, uint64_t seq, size_t most);

}  // namespace gatepost::record
