// What `gatepost log` and `gatepost explain` share: reading the decision log straight from its
// segments, choosing records, and saying what could not be read.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/cli/commands.h"
#include "src/gateway/config.h"
#include "src/record/decision_log.h"

namespace gatepost::cli {

// The member, or an empty list.
const Json& Member(const Json& object, const char* key);
// Angle brackets of a Message-ID are optional for the asker.
std::string WithoutBrackets(std::string id);

// Which records fit the options. Digests of marked mail are keyed in the log (README of record), so
// a digest is looked for under the site's key as well.
class LogQuestion {
 public:
  // kInvalid: a time, digest or action that is none; says what is.
  static Result<LogQuestion> Of(const LogOptions& options, const gateway::Config& config);
  bool Fits(const Json& record);
  int64_t since_ms() const { return since_ms_; }
  // "": nothing. Otherwise why marked mail could not be searched for the digest.
  std::string NotSearched() const;

 private:
  LogOptions options_;
  int64_t since_ms_ = 0;
  std::string keyed_digest_;  // "" where the key cannot be read
  std::string key_trouble_;
  uint64_t keyed_unsearched_ = 0;
};

// Lines of the log that are no records: how many, and where the first are.
class UnreadableLines {
 public:
  void Note(const record::UnreadableLine& line);
  // On stderr, once for those since the last time. True: there were some.
  bool Print();

 private:
  uint64_t count_ = 0;
  std::vector<std::string> places_;
};

// What was read of the log.
struct LogReading {
  gateway::Config config;
  std::deque<Json> records;  // newest last
  record::LogPlace place;    // behind what was read
  int exit_code = 0;         // kIncomplete: some lines could not be read
};

// Loads the configuration and collects the records that fit, at most options.limit of the newest
// (0: all). Prints what is wrong; false: *exit_code of `reading` says which.
bool ReadDecisions(const LogOptions& options, LogReading* reading);

}  // namespace gatepost::cli
