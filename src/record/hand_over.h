// Heads to elsewhere, daily: to a folder, a command, addresses, or all of them. What has left this machine cannot be
// rewritten here.
// LIMITS: a command has 60 s.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/record/custody.h"
#include "src/record/heads.h"

namespace gatepost::record {

// The newest head of each of these logs ({path, name}); a log without heads is left out.
struct LogName {
  std::string path, name;
};
Result<std::vector<Head>> NewestHeads(const std::vector<LogName>& logs);
std::string HeadLines(const std::vector<Head>& heads);

// When it was last done, in STATE/heads-sent.json: due once a day (UTC).
bool HeadsDue(const std::string& state_folder, int64_t now_ms);
// What went wrong at the last try; "" nothing.
std::string HeadsTrouble(const std::string& state_folder);
// Writes FOLDER/heads-NODE-YYYY-MM-DD.jsonl (never over an older one: ".2" and so on) and runs the
// command with the lines on its standard input, and mails them. Records that it was done, or why not.
Status HandOverHeads(const CustodyOptions& options, const std::string& state_folder,
                     const std::string& node, const std::vector<Head>& heads, int64_t now_ms);

}  // namespace gatepost::record
