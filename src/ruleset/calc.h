// `calc:` in a condition: arithmetic over how often rules hit, as SpamAssassin's metas have it.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "src/ruleset/rule_set.h"

namespace gatepost::ruleset {

// Reads rule ids, decimal numbers, ( ) ! * / + - > >= < <= == != && ||, which bind in this order.
// A '-' within an id is part of it: one that subtracts stands between blanks. Fills out->steps and
// one kRule child for each id. False: *problem says what is wrong, *at where (bytes).
bool ReadCalc(std::string_view text, Condition* out, std::string* problem, size_t* at);

// The value, the children's values being given: `a && b` is b where a is not 0, `a || b` is a where
// a is not 0, comparisons and `!` are 1 or 0, what is divided by 0 is 0. `stack`: room to work in, so
// that a row of calculations allocates once.
double Calculate(const std::vector<CalcStep>& steps, const std::vector<double>& values,
                 std::vector<double>* stack);
inline double Calculate(const std::vector<CalcStep>& steps, const std::vector<double>& values) {
  std::vector<double> stack;
  return Calculate(steps, values, &stack);
}

}  // namespace gatepost::ruleset
