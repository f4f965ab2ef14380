// The record of outages (464-QD/TU article 11.8: faults are published and mended at once, and the
// notice states when things will work again): STATE/outages.json. Written by people, also while
// gatepostd is down. What was said and changed when is in the audit trail.
// LIMITS: 5,000 outages; texts of at most 500 bytes.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"

namespace gatepost::record {

struct Outage {
  std::string id;     // "OU-20261126-204512-7F3K9QZ2"
  std::string cause;  // as people may read it
  std::string parts;  // what does not work; "": mail as a whole
  std::string by;     // who began the record
  // Milliseconds since the epoch, UTC; 0: not known, or not yet.
  int64_t start_ms = 0, expected_ms = 0, end_ms = 0, updated_ms = 0;
  bool open() const { return end_ms == 0; }
};

std::string OutagesFile(const std::string& state_folder);
Json ToJson(const Outage& outage);
Status CheckOutage(const Outage& outage);
// What a person writes: "2h" from now on, or a time; "20m" ago, or a time that is not to come. ""
// is 0, and now. kInvalid says what to write.
Result<int64_t> OutageTimeAhead(const std::string& text, int64_t now_ms);
Result<int64_t> OutageTimeBehind(const std::string& text, int64_t now_ms);
// What the trail says of one that is begun, described anew or ended (`what`).
std::vector<std::pair<std::string, std::string>> OutageDetails(const std::string& what,
                                                               const Outage& outage);
// The oldest first. Empty when there is no file.
Result<std::vector<Outage>> ReadOutages(const std::string& file);
// With a new id; or, where there is one of that id, in its place.
Result<Outage> PutOutage(const std::string& file, Outage outage);

// What is published: a title and a paragraph, in Vietnamese or English, with times of this
// machine's zone.
std::string OutageNotice(const Outage& outage, bool vietnamese);
// "26/11/2026 20:45" or "2026-11-26 20:45", with the zone behind it.
std::string LocalTime(int64_t ms, bool vietnamese);

}  // namespace gatepost::record
