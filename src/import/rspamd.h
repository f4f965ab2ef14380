// Rspamd's multimap configurations, with their map files, to rules.
// LIMITS: 10,000 lines a configuration, maps as ruleset/ limits lists; nothing is fetched.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/import/spam_assassin.h"

namespace gatepost::import {

// `paths`: multimap.conf files, or folders that hold one (or local.d/multimap.conf). Maps with a
// relative path, ${CONFDIR} or $LOCAL_CONFDIR are looked for beside the configuration.
Result<Imported> ImportRspamd(const std::vector<std::string>& paths, Diagnostics* diagnostics);

}  // namespace gatepost::import
