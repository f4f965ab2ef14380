// SpamAssassin's rules to ours: which of them, how, and why not.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/result.h"
#include "src/import/cf_reader.h"
#include "src/import/pack_writer.h"
#include "src/import/report.h"

namespace gatepost::import {

struct Imported {
  std::vector<NewPack> packs;
  Report report;
  std::string policy;  // lines for policy.yaml, "" none
};

// `paths`: folders with *.cf and *.pre (and single files), SpamAssassin's own first, the site's
// behind. An error when nothing can be read; what cannot be converted is in the report.
Result<Imported> ImportSpamAssassin(const std::vector<std::string>& paths,
                                    Diagnostics* diagnostics);

// The same of what was read already. Total: any files become rules that load, and a report.
Imported ConvertSpamAssassin(const CfFiles& files);

}  // namespace gatepost::import
