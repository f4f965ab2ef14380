// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/outages.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/base/quantity.h"
#include "src/base/utf8.h"
#include "src/record/standing.h"

namespace gatepost::record {

namespace {

constexpr size_t kMostOutages = 5'000;
constexpr const char* kName = "outages";
constexpr const char* kAdvice = "move the file away; the audit trail keeps what was said";

Result<Outage> FromJson(const std::string& where, const Json& json) {
  Outage one;
  GATEPOST_RETURN_IF_ERROR(
      EachText(where, json, [&one](const std::string& key, const std::string& text) {
        std::string* const field = key == "id"      ? &one.id
                                   : key == "cause" ? &one.cause
                                   : key == "parts" ? &one.parts
                                   : key == "by"    ? &one.by
                                                    : nullptr;
        if (field != nullptr) {
          *field = text;
          return true;
        }
        int64_t* const at = key == "start"      ? &one.start_ms
                            : key == "expected" ? &one.expected_ms
                            : key == "end"      ? &one.end_ms
                            : key == "updated"  ? &one.updated_ms
                                                : nullptr;
        if (at != nullptr && !text.empty()) {
          *at = ParseTime(text, 0);
        }
        return at != nullptr && *at >= 0;
      }));
  if (one.id.empty()) {
    return Status::Invalid(where + ": 'id' is missing");
  }
  if (const Status checked = CheckOutage(one); !checked.ok()) {
    return Status::Invalid(where + ": " + checked.message());
  }
  return one;
}

// "1 giờ 45 phút"
std::string Lasting(int64_t ms, bool vietnamese) {
  const int64_t minutes = std::max<int64_t>(1, (ms + 30'000) / 60'000);
  const std::string hours = std::to_string(minutes / 60);
  const std::string rest = std::to_string(minutes % 60);
  std::string out = minutes < 60 ? "" : hours + (vietnamese ? " giờ" : " h");
  if (minutes % 60 != 0) {
    out += (out.empty() ? "" : " ") + rest + (vietnamese ? " phút" : " min");
  }
  return out;
}

}  // namespace

std::string OutagesFile(const std::string& state_folder) { return state_folder + "/outages.json"; }

Json ToJson(const Outage& outage) {
  const auto time = [](int64_t ms) { return ms > 0 ? Rfc3339(ms) : std::string(); };
  return {{"id", outage.id},
          {"start", time(outage.start_ms)},
          {"expected", time(outage.expected_ms)},
          {"end", time(outage.end_ms)},
          {"cause", outage.cause},
          {"parts", outage.parts},
          {"by", outage.by},
          {"updated", time(outage.updated_ms)}};
}

Status CheckOutage(const Outage& outage) {
  if (outage.cause.empty() || !IsPersonsText(outage.cause)) {
    return Status::Invalid("an outage needs a cause of at most 500 bytes; 'not known yet' is one");
  }
  if (!IsPersonsText(outage.parts) || !IsPersonsText(outage.by)) {
    return Status::Invalid("'parts' must be a text of at most 500 bytes");
  }
  if (outage.start_ms <= 0) {
    return Status::Invalid("an outage has a beginning");
  }
  if (outage.expected_ms != 0 && outage.expected_ms <= outage.start_ms) {
    return Status::Invalid("the expected recovery must lie behind the beginning");
  }
  if (outage.end_ms != 0 && outage.end_ms < outage.start_ms) {
    return Status::Invalid("the end must not lie before the beginning");
  }
  return {};
}

Result<int64_t> OutageTimeAhead(const std::string& text, int64_t now_ms) {
  uint64_t ms = 0;
  if (text.empty()) {
    return int64_t{0};
  }
  constexpr uint64_t kMostMs = 366ULL * 86'400'000;
  const bool lasting = ParseDuration(text, &ms);
  const int64_t at = !lasting        ? ParseTime(text, now_ms)
                     : ms <= kMostMs ? now_ms + static_cast<int64_t>(ms)
                                     : 0;
  if (at <= 0) {
    return Status::Invalid(PrintableUtf8(text, 60) + ": write 2h, 90m or 2026-11-26T20:45:00Z");
  }
  return at;
}

Result<int64_t> OutageTimeBehind(const std::string& text, int64_t now_ms) {
  constexpr int64_t kSkewMs = 60'000;
  const int64_t at = text.empty() ? now_ms : ParseTime(text, now_ms);
  if (at <= 0 || at > now_ms + kSkewMs) {
    return Status::Invalid(PrintableUtf8(text, 60) +
                           ": write 20m (ago), 2026-11-26T20:45:00Z; not in the future");
  }
  return at;
}

std::vector<std::pair<std::string, std::string>> OutageDetails(const std::string& what,
                                                               const Outage& outage) {
  const auto time = [](int64_t ms) { return ms > 0 ? Rfc3339(ms) : std::string(); };
  return {{"what", what},
          {"outage", outage.id},
          {"parts", outage.parts},
          {"start", time(outage.start_ms)},
          {"expected", time(outage.expected_ms)},
          {"end", time(outage.end_ms)}};
}

Result<std::vector<Outage>> ReadOutages(const std::string& file) {
  GATEPOST_ASSIGN_OR_RETURN(const std::vector<Json> list,
                            ReadStanding(file, kName, kMostOutages, kAdvice));
  std::vector<Outage> all;
  for (size_t i = 0; i < list.size(); ++i) {
    GATEPOST_ASSIGN_OR_RETURN(Outage one,
                              FromJson(file + ": outage " + std::to_string(i + 1), list[i]));
    all.push_back(std::move(one));
  }
  return all;
}

Result<Outage> PutOutage(const std::string& file, Outage outage) {
  GATEPOST_RETURN_IF_ERROR(CheckOutage(outage));
  GATEPOST_ASSIGN_OR_RETURN(const Fd lock, LockStanding(file));
  GATEPOST_ASSIGN_OR_RETURN(std::vector<Outage> all, ReadOutages(file));
  if (outage.id.empty()) {
    if (all.size() >= kMostOutages) {
      return Status::NoSpace(
          "there are 5,000 outages: move the file away, the audit trail keeps what was said");
    }
    outage.id = "OU-" + MakeId(outage.start_ms).substr(3);
    all.push_back(outage);
  } else {
    const auto known = std::find_if(all.begin(), all.end(),
                                    [&](const Outage& one) { return one.id == outage.id; });
    if (known == all.end()) {
      return Status::NotFound(outage.id + ": no such outage; 'gatepost outage list' names them");
    }
    *known = outage;
  }
  std::vector<Json> list;
  for (const Outage& one : all) {
    list.push_back(ToJson(one));
  }
  GATEPOST_RETURN_IF_ERROR(WriteStanding(file, kName, list));
  return outage;
}

std::string LocalTime(int64_t ms, bool vietnamese) {
  const std::time_t seconds = ms / 1'000;
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 80> text{};
  // The offset beside the clock: a notice is forwarded to people elsewhere.
  const size_t size =
      std::strftime(text.data(), text.size(),
                    vietnamese ? "%H:%M ngày %d/%m/%Y (UTC%z)" : "%Y-%m-%d %H:%M (UTC%z)", &local);
  return std::string(text.data(), size);
}

std::string OutageNotice(const Outage& outage, bool vietnamese) {
  const bool vi = vietnamese;
  std::string out = outage.open() ? (vi ? "THÔNG BÁO: Sự cố hệ thống thư điện tử"
                                        : "NOTICE: Fault of the electronic mail system")
                                  : (vi ? "THÔNG BÁO: Đã khắc phục sự cố hệ thống thư điện tử"
                                        : "NOTICE: The electronic mail system works again");
  out += "\n";
  const auto line = [&out](const char* name, const std::string& value) {
    out += std::string(name) + ": " + value + "\n";
  };
  line(vi ? "Bắt đầu" : "Began", LocalTime(outage.start_ms, vi));
  line(vi ? "Phạm vi ảnh hưởng" : "Affected",
       !outage.parts.empty() ? outage.parts
                             : std::string(vi ? "gửi và nhận thư" : "sending and receiving mail"));
  line(vi ? "Nguyên nhân" : "Cause", outage.cause);
  if (outage.open()) {
    line(vi ? "Thời gian khắc phục dự kiến" : "Expected to work again",
         outage.expected_ms > 0 ? LocalTime(outage.expected_ms, vi)
                                : std::string(vi ? "chưa xác định, sẽ thông báo sau"
                                                 : "not known yet, to be announced"));
    out += vi ? "Thư gửi trong thời gian này có thể đến chậm. Xin lỗi vì sự bất tiện này.\n"
              : "Mail sent meanwhile may arrive late. We apologise for the inconvenience.\n";
  } else {
    line(vi ? "Hoạt động trở lại lúc" : "Works again since", LocalTime(outage.end_ms, vi));
    line(vi ? "Thời gian gián đoạn" : "Interrupted for",
         Lasting(outage.end_ms - outage.start_ms, vi));
    out += vi ? "Xin cảm ơn sự thông cảm của quý cơ quan và các đồng chí.\n"
              : "Thank you for your patience.\n";
  }
  return out;
}

}  // namespace gatepost::record
