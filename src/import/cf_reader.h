// SpamAssassin's configuration files to directives: continuation-free lines, comments taken off,
// `ifplugin`, `if`, `else`, `endif` and `lang` resolved.
// LIMITS: 10,000 files, 64 MB, conditions nested 64 deep.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/result.h"

namespace gatepost::import {

struct Directive {
  std::string lang;   // "" or "vi", "pt_BR"...
  std::string key;    // lower case
  std::string value;  // bytes as written, blanks at both ends taken off
  Place place;
};

struct CfFiles {
  std::vector<Directive> directives;
  std::vector<std::string> files;
  std::set<std::string> plugins;    // loaded: "Mail::SpamAssassin::Plugin::SPF"
  std::vector<Directive> not_read;  // what stood behind a plugin that is not loaded
};

// Every *.pre, then every *.cf of each folder (or the file itself), in the order of their names, as
// SpamAssassin reads them. Without a `loadplugin` line in any of them, the plugins that
// SpamAssassin 4.0 ships switched on count as loaded. `version` is the one that `if (version ...)`
// sees.
Result<CfFiles> ReadCf(const std::vector<std::string>& paths, double version,
                       Diagnostics* diagnostics);

// The same of one file's text, with the plugins that it or *out names; for tests.
void ReadCfText(const std::string& file, std::string_view content, double version, CfFiles* out,
                Diagnostics* diagnostics);

}  // namespace gatepost::import
