// What an expression costs: for `rules explain` and for warnings. Each is compiled alone, in a
// child with a limit, so it is for people and not for the way of mail. SPDX-License-Identifier:
// GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/ruleset/rule_set.h"

namespace gatepost::scan {

struct ExpressionCost {
  std::string literal;  // what every match holds, alternatives with "|" between them; "" none of
                        // three characters or more
  bool prefiltered = false;     // Hyperscan takes it in a simpler form only; PCRE2 decides
  std::string refused;          // by Hyperscan altogether: why
  double compile_ms = 0;        // CPU
  uint64_t database_bytes = 0;  // of Hyperscan's program for it alone
  // How it is searched, in a few words.
  std::string Engine() const;
};

// Of the rule's `match`, in their order.
std::vector<ExpressionCost> CostOf(const ruleset::Rule& rule);

}  // namespace gatepost::scan
