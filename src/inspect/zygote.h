// The zygote: single-threaded, holds rules, compiled databases and signatures, forks workers on
// request and reaps them. Reads no mail. Its answers travel over one socket to the daemon.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace gatepost::inspect {

constexpr const char* kZygoteArgument = "--gatepost-zygote";

// The main loop; returns the exit status when the daemon has closed its end.
int RunZygote(int control);

}  // namespace gatepost::inspect
