// What several commands need of exceptions.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/gateway/config.h"
#include "src/policy/exception.h"
#include "src/record/quarantine.h"

namespace gatepost::cli {

// "7d", "12h", "30m" in milliseconds; at most what an exception may last.
bool ParseLasting(const std::string& text, int64_t* out);

// Told in the audit trail, then durable. `id`: the held message that it is for, "" none.
Result<policy::Exception> AddTold(const gateway::Config& config, const policy::Exception& exception,
                                  const std::string& id);

// One line for each exception of that state folder that has expired, or for a file that cannot be
// read.
std::vector<std::string> ExpiredExceptions(const std::string& state);

}  // namespace gatepost::cli
