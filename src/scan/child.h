// Work of unknown length in child processes with a limit on their CPU time: Hyperscan may take
// minutes over one expression and cannot be interrupted.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gatepost::scan {

struct ChildAnswer {
  enum class Outcome { kDone, kTooSlow, kFailed } outcome = Outcome::kFailed;
  std::string bytes;  // what the job returned
  double cpu_ms = 0;
};

// Runs every job in a child of its own, as many at a time as there are cores, and waits for all.
// Answers stand in the order of the jobs. A job that needs more CPU than cpu_ms is kTooSlow; one
// whose child could not be started or died is kFailed.
std::vector<ChildAnswer> RunInChildren(const std::vector<std::function<std::string()>>& jobs,
                                       int64_t cpu_ms);

}  // namespace gatepost::scan
