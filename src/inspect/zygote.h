// The zygote of one generation, forked from the stem: single-threaded, loads rules and compiled
// databases, forks workers on request and reaps them. Reads no mail. Its answers travel over one
// socket to the daemon.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/virus/engine.h"

namespace gatepost::inspect {

// What the stem has loaded already.
struct Signatures {
  const virus::Engine* engine = nullptr;  // null: none
  std::string scratch;                    // where libclamav puts its files
};

// options: InspectorOptions as JSON. sources_fd: a ruleset::Sources; closed. Returns the exit
// status when the daemon has closed its end.
int RunZygote(int control, std::string options, int sources_fd, Signatures signatures);

}  // namespace gatepost::inspect
