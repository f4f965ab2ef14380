// The reading side of the decision log.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/stat.h>

#include "src/record/chain.h"
#include "src/record/decision_log.h"

namespace gatepost::record {

Status ReadLog(const std::string& path, const std::function<bool(const Json& record)>& visit,
               int64_t since_ms, std::string_view name) {
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<std::string> segments, ListSegments(path, name));
  bool go_on = true;
  for (const std::string& segment : segments) {
    const int64_t day = SegmentDay(segment.substr(segment.rfind('/') + 1), name);
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
                 const std::function<void(const Json& record)>& visit, int64_t since_ms,
                 const std::function<void(const UnreadableLine& line)>& unreadable) {
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
      *place = {segment, 0, 0};
    }
    const std::string name = segment.substr(segment.rfind('/') + 1);
    const bool closed = segment != segments.back();
    uint64_t end = place->offset;
    const uint64_t lines_before = place->lines;
    GATEPOST_RETURN_IF_ERROR(ReadLines(
        segment,
        [&](uint64_t number, std::string_view line, bool whole) {
          const Json record =
              whole ? Json::parse(line, nullptr, /*allow_exceptions=*/false) : Json();
          // A line that is too long comes empty, whether it has ended or not.
          const bool being_written = !whole && !line.empty() && !closed;
          if (!being_written) {
            place->offset = end;
            place->lines = lines_before + number;
          }
          if (record.is_object()) {
            visit(record);
          } else if (!being_written && unreadable != nullptr) {
            unreadable({name, lines_before + number});
          }
          return true;
        },
        place->offset, &end));
  }
  return {};
}

}  // namespace gatepost::record
