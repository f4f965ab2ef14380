// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/log_tools.h"

#include <algorithm>
#include <set>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/utf8.h"
#include "src/cli/house.h"
#include "src/cli/known.h"
#include "src/cli/terminal.h"
#include "src/policy/policy.h"

namespace gatepost::cli {

namespace {

constexpr size_t kNamedPlaces = 5;

bool Holds(const Json& list, const char* key, const std::function<bool(const std::string&)>& test) {
  if (!list.is_array()) {
    return false;
  }
  return std::any_of(list.begin(), list.end(),
                     [&](const Json& one) { return test(Word(one, key)); });
}

// "a@b" matches that address, "@b" or "b" its domain.
bool AddressMatches(const std::string& pattern, const std::string& address) {
  if (pattern.find('@') != std::string::npos && pattern.front() != '@') {
    return AsciiEqualsIgnoreCase(address, pattern);
  }
  const std::string domain = pattern.front() == '@' ? pattern : "@" + pattern;
  return address.size() >= domain.size() &&
         AsciiEqualsIgnoreCase(Bytes(address).substr(address.size() - domain.size()), domain);
}

bool IsSha256(const std::string& hex) {
  return hex.size() == 64 && hex.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::set<std::string> Actions() {
  std::set<std::string> all;
  for (const policy::Action one :
       {policy::Action::kAccept, policy::Action::kTag, policy::Action::kQuarantine,
        policy::Action::kReject, policy::Action::kDefer}) {
    all.insert(policy::ToString(one));
  }
  return all;
}

}  // namespace

const Json& Member(const Json& object, const char* key) {
  static const Json kNone = Json::array();
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

std::string WithoutBrackets(std::string id) {
  if (!id.empty() && id.front() == '<') {
    id.erase(0, 1);
  }
  if (!id.empty() && id.back() == '>') {
    id.pop_back();
  }
  return id;
}

Result<LogQuestion> LogQuestion::Of(const LogOptions& options, const gateway::Config& config) {
  LogQuestion out;
  out.options_ = options;
  if (!options.since.empty()) {
    out.since_ms_ = ParseTime(options.since, NowUnixMs());
    if (out.since_ms_ < 0) {
      return Status::Invalid("--since " + options.since +
                             ": write 2026-11-23, 2026-11-23T20:45:00Z, 30d, 12h or 15m");
    }
  }
  if (!options.action.empty()) {
    if (const std::string why = WhyUnknown("action", options.action, Actions()); !why.empty()) {
      return Status::Invalid("--action: " + why);
    }
  }
  std::string& digest = out.options_.part_sha256;
  if (digest.empty()) {
    return out;
  }
  digest = AsciiLower(digest);
  if (!IsSha256(digest)) {
    return Status::Invalid("--part-sha256 " + PrintableUtf8(options.part_sha256, 100) +
                           ": is no SHA-256; write its 64 hexadecimal digits, as sha256sum does");
  }
  const Result<std::string> key = ReadFile(config.state + "/digest.key");
  if (key.ok()) {
    out.keyed_digest_ = HmacSha256Hex(*key, digest);
  } else {
    out.key_trouble_ = key.status().message();
  }
  return out;
}

bool LogQuestion::Fits(const Json& record) {
  if (Word(record, "id").empty()) {
    return false;  // an event of the log itself
  }
  const auto same = [](const std::string& wanted, const std::string& found) {
    return wanted.empty() || wanted == found;
  };
  if (since_ms_ > 0 && ParseTime(Word(record, "at"), 0) < since_ms_) {
    return false;
  }
  if (!same(options_.queue_id, Word(record, "queue_id")) ||
      !same(options_.action, Word(record, "action")) ||
      !same(WithoutBrackets(options_.message_id), WithoutBrackets(Word(record, "message_id")))) {
    return false;
  }
  if (!options_.from.empty() && !AddressMatches(options_.from, Word(record, "from"))) {
    return false;
  }
  if (!options_.to.empty() &&
      !Holds(Member(record, "recipients"), "rcpt",
             [&](const std::string& rcpt) { return AddressMatches(options_.to, rcpt); })) {
    return false;
  }
  if (!options_.rule.empty() && !Holds(Member(record, "rules"), "id", [&](const std::string& rule) {
        return rule == options_.rule;
      })) {
    return false;
  }
  if (options_.part_sha256.empty()) {
    return true;
  }
  const bool keyed = record.value("keyed", false);
  keyed_unsearched_ += keyed && keyed_digest_.empty() ? 1 : 0;
  const auto is_it = [&](const std::string& digest) {
    return !digest.empty() &&
           (digest == options_.part_sha256 || (keyed && digest == keyed_digest_));
  };
  return is_it(Word(record, "sha256")) || Holds(Member(record, "parts"), "sha256", is_it);
}

std::string LogQuestion::NotSearched() const {
  return keyed_unsearched_ == 0
             ? ""
             : std::to_string(keyed_unsearched_) +
                   " messages with a marking were not searched for the digest, which needs the "
                   "site's key: " +
                   key_trouble_;
}

void UnreadableLines::Note(const record::UnreadableLine& line) {
  if (count_++ < kNamedPlaces) {
    places_.push_back(line.segment + ":" + std::to_string(line.line));
  }
}

bool UnreadableLines::Print() {
  if (count_ == 0) {
    return false;
  }
  std::string where;
  for (const std::string& place : places_) {
    where += (where.empty() ? "" : ", ") + place;
  }
  PrintError(std::to_string(count_) + (count_ == 1 ? " record" : " records") +
             " of the decision log could not be read: " + where +
             (count_ > places_.size() ? "..." : "") +
             "; 'gatepost log verify' says what was changed");
  count_ = 0;
  places_.clear();
  return true;
}

bool ReadDecisions(const LogOptions& options, LogReading* reading) {
  reading->exit_code = kUsage;
  if (!HouseOf(options.common.config, &reading->config)) {
    return false;
  }
  const auto failed = [reading](const Status& status) {
    PrintError(status.message());
    reading->exit_code = status.code() == Code::kInvalid ? kUsage : kIncomplete;
    return false;
  };
  Result<LogQuestion> question = LogQuestion::Of(options, reading->config);
  if (!question.ok()) {
    return failed(question.status());
  }
  if (const Status there = LogIsThere(reading->config); !there.ok()) {
    return failed(there);
  }
  std::deque<Json>& found = reading->records;
  UnreadableLines unreadable;
  const Status read = record::FollowLog(
      reading->config.log, &reading->place,
      [&](const Json& record) {
        if (question->Fits(record)) {
          found.push_back(record);
          if (options.limit > 0 && found.size() > options.limit) {
            found.pop_front();
          }
        }
      },
      question->since_ms(), [&](const record::UnreadableLine& line) { unreadable.Note(line); });
  const bool whole = !unreadable.Print();
  if (!read.ok()) {
    return failed(read);
  }
  if (const std::string why = question->NotSearched(); !why.empty()) {
    PrintError(why);
  }
  reading->exit_code = whole && question->NotSearched().empty() ? kDone : kIncomplete;
  return true;
}

}  // namespace gatepost::cli
