// Where exceptions are kept: STATE/exceptions.json, one file, which acts at once. A change is whole
// or not at all, durable on return, and made under a lock. Format in README.md.
// LIMITS: 5,000 exceptions; each at most 366 days; texts of at most 500 bytes.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/policy/exception.h"
#include "src/record/quarantine.h"
#include "src/record/standing.h"

namespace gatepost::record {

constexpr int64_t kLongestExceptionMs = 366LL * 86'400'000;

std::string ExceptionsFile(const std::string& state_folder);

// One object a line of the file: id, sender, sha256, rules, owner, reason, created, expires.
Json ToJson(const policy::Exception& exception);

// What is not one, with the reason: nothing that it fits, no owner, no reason, an end that is too
// far away, a digest that is none...
Status CheckException(const policy::Exception& exception);

// Empty when there is no file. kInvalid: the file was edited into something that is not understood;
// the message names it.
Result<policy::Exceptions> ReadExceptions(const std::string& file);

// Exceptions (without owner, reason and time) that would let mail like this held one pass: its
// sender, or by_file each of its attachments, with the rules that hit. log: the folder of the
// decision log. kInvalid: such mail never passes by an exception; the message says why.
Result<policy::Exceptions> ExceptionsLike(const Held& held, const std::string& log, bool by_file);

// With a new id. REQUIRES: created_ms and expires_ms are set.
Result<policy::Exception> AddException(const std::string& file, policy::Exception exception);

// Takes away those that `which` says. Returns them.
Result<policy::Exceptions> RemoveExceptions(
    const std::string& file, const std::function<bool(const policy::Exception&)>& which);

// The present exceptions. While the file cannot be understood there are none, because doubt holds.
class ExceptionsWatch : public StandingWatch<policy::Exceptions> {
 public:
  explicit ExceptionsWatch(const std::string& state_folder)
      : StandingWatch(ExceptionsFile(state_folder), ReadExceptions, OnDamage::kNothing) {}
};

}  // namespace gatepost::record
