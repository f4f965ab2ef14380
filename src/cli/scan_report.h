// What `gatepost scan` says to a person: the verdict, and for each rule the reason in one sentence and
// the line in which it stands. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/json.h"

namespace gatepost::cli {

struct ReportStyle {
  bool vietnamese = false;
  bool colour = false;     // a terminal that takes colours
  bool show_text = false;  // matched words in clear, where the rule allows them at all
  int columns = 100;
};

// `report` is one of gateway::ScanReport. Lines end in '\n'.
std::string ScanReportText(const Json& report, const ReportStyle& style);

}  // namespace gatepost::cli
