// The reading side of the decision log.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/stat.h>

#include "src/record/chain.h"
#include "src/record/decision_log.h"

namespace gatepost::record {

Status ReadLog(const std::string& path, const std::function<bool(const Json& record)>& visit,
               int64_t since_ms) {
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> segments, ListSegments(path));
  bool go_on = true;
  for (const std::string& segment : segments) {
    const int64_t day = SegmentDay(segment.substr(segment.rfind('/') + 1));
    if (!go_on) {
      break;
    }
    if (day >= 0 && (day + 1) * kDayMs <= since_ms) {
      continue;
    }
    GATEPOST_RETURN_IF_ERROR(
        ReadLines(segment, [&](uint64_t /*number*/, std::string_view line, bool whole) {
          if (whole) {
            const Json record = Json::parse(line, nullptr, /*allow_exceptions=*/false);
            go_on = !record.is_object() || visit(record);
          }
          return go_on;
        }));
  }
  return {};
}

Status FollowLog(const std::string& path, LogPlace* place,
                 const std::function<void(const Json& record)>& visit, int64_t since_ms) {
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> segments, ListSegments(path));
  for (const std::string& segment : segments) {
    const int64_t day = SegmentDay(segment.substr(segment.rfind('/') + 1));
    if (segment < place->segment || (day >= 0 && (day + 1) * kDayMs <= since_ms)) {
      continue;
    }
    struct stat info {};
    const bool there = stat(segment.c_str(), &info) == 0;
    // Another segment, or a single file that was renamed away and began anew.
    if (segment != place->segment ||
        (there && static_cast<uint64_t>(info.st_size) < place->offset)) {
      *place = {segment, 0};
    }
    uint64_t end = place->offset;
    GATEPOST_RETURN_IF_ERROR(ReadLines(
        segment,
        [&](uint64_t /*number*/, std::string_view line, bool whole) {
          if (whole) {
            place->offset = end;
            const Json record = Json::parse(line, nullptr, /*allow_exceptions=*/false);
            if (record.is_object()) {
              visit(record);
            }
          }
          return true;
        },
        place->offset, &end));
  }
  return {};
}

Result<ChainReport> VerifyLog(const std::string& path) {
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> segments, ListSegments(path));
  ChainReport report;
  const auto problem = [&](const std::string& segment, uint64_t number, const std::string& what) {
    report.first_problem =
        segment.substr(segment.rfind('/') + 1) + ":" + std::to_string(number) + ": " + what;
  };
  for (size_t i = 0; i < segments.size() && report.first_problem.empty(); ++i) {
    const std::string& segment = segments[i];
    GATEPOST_RETURN_IF_ERROR(
        ReadLines(segment, [&](uint64_t number, std::string_view line, bool whole) {
          Link link;
          if (!whole && i + 1 == segments.size() && !line.empty()) {
            return true;  // being written, or torn: the writer sets it aside when it starts
          }
          if (!whole || !ReadLink(line, &link)) {
            problem(segment, number, "is no record (damaged, or cut)");
          } else if (!link.hash_fits) {
            problem(segment, number, "was changed: its hash does not fit");
          } else if (report.records > 0 && link.seq != report.last_seq + 1) {
            problem(segment, number,
                    "record " + std::to_string(link.seq) + " follows record " +
                        std::to_string(report.last_seq) + ": records are missing or out of order");
          } else if (report.records > 0 && link.prev != report.last_hash) {
            problem(segment, number, "does not continue the record before it");
          } else if (report.records == 0 && link.seq == 1 && link.prev != ChainStart()) {
            problem(segment, number, "is the first record but continues another");
          }
          if (!report.first_problem.empty()) {
            return false;
          }
          if (report.records == 0) {
            report.first_seq = link.seq;
          }
          ++report.records;
          report.last_seq = link.seq;
          report.last_hash = link.hash;
          return true;
        }));
  }
  report.whole = report.first_problem.empty();
  return report;
}

}  // namespace gatepost::record
