// As much of UCL, the language of Rspamd's configuration, as multimap.conf is written in: sections,
// values, arrays, comments. `.include` and the like are named, not followed.
// LIMITS: sections 16 deep, 100,000 values.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/diagnostic.h"

namespace gatepost::import {

struct UclSection {
  std::string name;
  int depth = 0;  // 0: of the file
  Place place;
  std::vector<std::pair<std::string, std::vector<std::string>>> values;  // an array: several
  // Null: no such key.
  const std::vector<std::string>* Find(std::string_view key) const;
  std::string Text(std::string_view key) const;  // the first value, or ""
};

// Sections in the order of their beginnings, the file itself first.
std::vector<UclSection> ReadUcl(const std::string& file, std::string_view text,
                                Diagnostics* diagnostics);

}  // namespace gatepost::import
