// The commands of bad days: blocks, outbreaks, outages; and the monthly report that counts them.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/cli/commands.h"
#include "src/gateway/config.h"
#include "src/gateway/outbreak_desk.h"
#include "src/record/audit_trail.h"

namespace gatepost::cli {

struct BlockOptions {
  Common common;
  std::vector<std::string> ids;
  std::string sha256, file, from, auth_user, lasts, reason, owner;
  bool expired = false;
};
int BlockAdd(const BlockOptions& options);
int BlockList(const BlockOptions& options);
int BlockRemove(const BlockOptions& options);

struct OutbreakCommand {
  Common common;
  std::string id;
  bool all = false;
};
// Those that are known; or the one of that id, with everybody whom it has touched by now
// (kNotFound: there is none).
Result<std::vector<gateway::OutbreakCase>> FindOutbreaks(const std::string& state,
                                                         const std::string& log,
                                                         const std::string& id);
int OutbreakList(const OutbreakCommand& options);
int OutbreakShow(const OutbreakCommand& options);

struct OutageOptions {
  Common common;
  std::string id, cause, parts, expected, at, lang;
};
int OutageStart(const OutageOptions& options);
int OutageUpdate(const OutageOptions& options);
int OutageEnd(const OutageOptions& options);
int OutageList(const OutageOptions& options);

struct ReportOptions {
  Common common;
  std::string month, lang, out;
};
int Report(const ReportOptions& options);

// Lines for `gatepost status`: what is blocked, what spreads, what is out of order. An outage file
// that cannot be read is a line as well.
std::vector<std::string> IncidentNotes(const Json& state, const std::string& state_folder);

}  // namespace gatepost::cli
