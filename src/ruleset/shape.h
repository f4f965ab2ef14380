// The shape of an expression, as far as its cost and its chances depend on it: letters that must be
// there, the least that it takes, gaps without an end. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::ruleset {

// One character that an expression names, outside or inside of a class.
struct Letter {
  char32_t c = 0;
  bool in_class = false;
};

struct Shape {
  // The longest run of characters that every match holds; "" none. As written: without regard to
  // caseless.
  std::string literal;
  size_t literal_letters = 0;  // of it, in code points
  // Where alternatives stand for it: all of them, `literal` being the shortest; else it alone.
  std::vector<std::string> literals;
  uint64_t shortest = 0;          // the least number of characters that a match takes
  bool open_gap = false;          // `.*`, `[^x]+` and the like between two parts
  bool open_edge = false;         // `.*` at the very beginning or end, where it does nothing
  bool nested_repeat = false;     // a repeat without end of something that repeats without end
  uint64_t largest_count = 0;     // of {n,m}, times those around it
  bool doubled_blank = false;     // two blanks one behind the other
  std::vector<std::string> runs;  // all runs of characters that stand together
  std::vector<Letter> letters;    // each once; classes' ranges left out
  // For each class without a range or an escape that is not negated: its members.
  std::vector<std::vector<char32_t>> classes;
};

// Of an expanded expression that Examine() found no error in. Total, linear.
Shape ShapeOf(std::string_view expression);

}  // namespace gatepost::ruleset
