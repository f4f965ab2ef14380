// The plugin ReplaceTags: `<A>` in an expression stands for what `replace_tag A` says.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/import/settings.h"

namespace gatepost::import {

// `expression` is the whole of "/.../i". At most 6 passes, as the plugin makes.
// LIMITS: 64 KB; what is longer comes back empty.
std::string ReplaceTags(const CfSettings& settings, const std::string& expression);

}  // namespace gatepost::import
