// Programs that serve pages: what each does before its first thread, and until it is told to stop.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <csignal>

#include "src/web/server.h"

namespace gatepost::cli {

// Mail passes through these processes: no core file, nobody attaches. SIGTERM and SIGINT are
// blocked for every thread to come; they are what is returned.
sigset_t PrepareToServe();

// Serves until one of `ends` comes; false: the socket failed, printed.
bool ServeUntilTold(web::Server* server, const sigset_t& ends);

}  // namespace gatepost::cli
