// What an import says about each rule that it read: taken, taken with a caveat, or why not.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/diagnostic.h"

namespace gatepost::import {

// kOff: the source itself does not run it (score 0, a plugin that is not loaded).
enum class Outcome { kConverted, kCaveat, kOff, kNot };
const char* ToString(Outcome outcome);  // "converted", "caveat", "off", "not-converted"

struct Entry {
  std::string name;  // of the rule, or of the directive
  std::string kind;  // "body", "meta", "header eval", "setting"...
  Outcome outcome = Outcome::kConverted;
  std::string reason;  // of a caveat, of being off, of not being converted
  Place place;
};

// Of what was converted: adds to its caveats.
void AddCaveat(const std::string& reason, Entry* entry);

struct Report {
  std::string source;  // "SpamAssassin", "Rspamd"
  std::vector<Entry> entries;
  std::vector<std::string> written;  // files, below the output folder

  size_t Count(Outcome outcome) const;
  // Rules whose test is no Perl function: the share of them that was converted, 0 to 1; those that
  // the source switches off are left out.
  double ShareWithoutEval() const;
  std::string ToText() const;  // lines of at most 100 columns, the reasons grouped
  std::string ToJson() const;
};

}  // namespace gatepost::import
