// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/clock.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace gatepost {

namespace {

// Exactly `digits` decimal digits at `at`, or -1.
int Digits(std::string_view text, size_t at, size_t digits) {
  if (at + digits > text.size()) {
    return -1;
  }
  int value = 0;
  const char* const end = text.data() + at + digits;
  const auto [stop, error] = std::from_chars(text.data() + at, end, value);
  return error == std::errc() && stop == end && text[at] != '-' ? value : -1;
}

// RFC 3339 time-offset, or nothing: "Z", "+07:00". False: something else.
bool TakeOffset(std::string_view text, int64_t* ms) {
  if (text.empty() || text == "Z" || text == "z") {
    return true;
  }
  const int hours = Digits(text, 1, 2);
  const int minutes = Digits(text, 4, 2);
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':' || hours < 0 ||
      hours > 23 || minutes < 0 || minutes > 59) {
    return false;
  }
  *ms = (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes) * 60'000LL;
  return true;
}

}  // namespace

int64_t NowUnixMs() {
  using std::chrono::duration_cast, std::chrono::milliseconds, std::chrono::system_clock;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

int64_t SteadyMs() {
  using std::chrono::duration_cast, std::chrono::milliseconds, std::chrono::steady_clock;
  return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

std::string Rfc3339(int64_t unix_ms) {
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> date{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::array<char, 8> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ", static_cast<int>(unix_ms % 1000));
  return std::string(date.data()) + fraction.data();
}

int64_t ParseTime(std::string_view text, int64_t now_ms) {
  if (text.size() >= 2 && text.size() <= 8) {
    const int64_t count = Digits(text, 0, text.size() - 1);
    const char unit = text.back();
    const int64_t unit_ms = unit == 'd'   ? 86'400'000
                            : unit == 'h' ? 3'600'000
                            : unit == 'm' ? 60'000
                            : unit == 's' ? 1'000
                                          : 0;
    return count >= 0 && unit_ms > 0 ? now_ms - count * unit_ms : -1;
  }
  std::tm utc{};
  utc.tm_year = Digits(text, 0, 4) - 1900;
  utc.tm_mon = Digits(text, 5, 2) - 1;
  utc.tm_mday = Digits(text, 8, 2);
  if (text.size() < 10 || text[4] != '-' || text[7] != '-' || utc.tm_year < 70 || utc.tm_mon < 0 ||
      utc.tm_mon > 11 || utc.tm_mday < 1 || utc.tm_mday > 31) {
    return -1;
  }
  int64_t ms = 0;
  int64_t offset_ms = 0;
  if (text.size() > 10) {
    utc.tm_hour = Digits(text, 11, 2);
    utc.tm_min = Digits(text, 14, 2);
    if ((text[10] != 'T' && text[10] != ' ') || utc.tm_hour < 0 || utc.tm_hour > 23 ||
        utc.tm_min < 0 || utc.tm_min > 59 || text[13] != ':') {
      return -1;
    }
    size_t at = 16;
    if (at < text.size() && text[at] == ':') {
      utc.tm_sec = Digits(text, 17, 2);
      at = 19;
      if (utc.tm_sec < 0 || utc.tm_sec > 60) {
        return -1;
      }
      if (at < text.size() && text[at] == '.') {
        ms = Digits(text, 20, 3);
        at = std::min(text.find_first_not_of("0123456789", 20), text.size());
        if (ms < 0) {
          return -1;
        }
      }
    }
    if (!TakeOffset(text.substr(at), &offset_ms)) {
      return -1;
    }
  }
  return static_cast<int64_t>(timegm(&utc)) * 1000 + ms - offset_ms;
}

std::string AgeInWords(int64_t seconds) {
  constexpr int64_t kHour = 3'600;
  constexpr int64_t kDay = 24 * kHour;
  return seconds < 2 * kHour  ? std::to_string(seconds / 60) + " minutes"
         : seconds < 2 * kDay ? std::to_string(seconds / kHour) + " hours"
                              : std::to_string(seconds / kDay) + " days";
}

}  // namespace gatepost
