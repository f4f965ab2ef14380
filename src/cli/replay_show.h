// A replay's report as a table, as JSON and as a page: English or Vietnamese by locale.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/json.h"
#include "src/cli/replay_report.h"

namespace gatepost::cli {

struct ShowOptions {
  bool subjects = false;  // otherwise masked: somebody else's letters
  bool vietnamese = false;
};

// For a terminal.
std::string ReplayText(const ReplayReport& report, const ShowOptions& options);
Json ReplayJson(const ReplayReport& report, const ShowOptions& options);
// One file: no script, nothing from elsewhere, readable on a phone and on paper.
std::string ReplayHtml(const ReplayReport& report, const ShowOptions& options);

// "Họp giao ban tuần" -> "H·· g··· b·· t···"
std::string MaskSubject(const std::string& subject);
// For text and attribute values; control characters become U+FFFD.
std::string EscapeHtml(const std::string& text);

}  // namespace gatepost::cli
