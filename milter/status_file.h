// How the daemon is, as a file for `gatepost status` and `gatepost reload`: STATE/gatepostd.json.
// It is there while the daemon runs; whether it is alive says its process id, how fresh it is `at`.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "milter/server.h"
#include "src/base/json.h"

namespace gatepost::milter {

// Replaces the file as a whole; not fsynced, for it means nothing after a crash. Adds `pid`, `at`,
// `messages`, `open_messages` and `spooled_bytes` to the gateway's state. Failures are the
// journal's.
void WriteStatusFile(const std::string& path, Json state, const OpenMessages& messages,
                     uint64_t spooled_bytes);

}  // namespace gatepost::milter
