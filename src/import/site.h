// What a site told SpamAssassin besides rules: whom it welcomes and blocks, at which score it acts.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/import/pack_writer.h"
#include "src/import/report.h"
#include "src/import/settings.h"

namespace gatepost::import {

struct Site {
  NewPack pack;        // rules over lists; empty when there is nothing to say
  std::string policy;  // lines for policy.yaml, "" none
  std::vector<Entry> entries;
};

// Each directive that is no rule ends up in entries: converted, or why not. Directives that only
// tune plugins, languages and reports are left out.
Site ReadSite(const CfSettings& settings);

}  // namespace gatepost::import
