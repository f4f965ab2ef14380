// Starting a program of ours as a child that speaks frames over a socket.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "src/base/result.h"

namespace gatepost::inspect {

// The descriptor under which the child finds its end of the socket.
constexpr int kChildControl = 3;
constexpr const char* kStemArgument = "--gatepost-stem";

// Runs `program` with the given argv and `control` as its descriptor 3. Signals are as a fresh
// program expects them, and ^C at a terminal does not reach it. `environment` (NAME=value) is added
// to ours, over a variable of that name.
Result<pid_t> Spawn(const std::string& program, std::vector<std::string> argv, int control,
                    const std::vector<std::string>& environment = {});

// Waits until the child has left, or kills it after `patience_ms`; reaps it.
void Reap(pid_t pid, int64_t patience_ms);

}  // namespace gatepost::inspect
