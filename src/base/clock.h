// Time. Wall clock for records, steady clock for deadlines; RFC 3339 for people and files.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatepost {

int64_t NowUnixMs();
int64_t SteadyMs();
// "2026-11-23T20:45:12.345Z"
std::string Rfc3339(int64_t unix_ms);
// The same, also to the second or minute and with another offset ("2026-11-23T10:00:00+07:00"; none
// is UTC); or "2026-11-23"; or "30d", "12h", "15m" before now_ms. -1: not a time.
int64_t ParseTime(std::string_view text, int64_t now_ms);
// "3 days"; hours below two days, minutes below two hours: "0 days" explains nothing.
std::string AgeInWords(int64_t seconds);

}  // namespace gatepost
