// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/policy/describe.h"

namespace gatepost::policy {

// Parents stand before children, so pieces are ready from the end.
std::string Describe(const std::vector<Test>& tests, const std::vector<std::string>& notes,
                     int root) {
  std::string text;
  std::vector<std::string> pieces(tests.size());
  for (int i = static_cast<int>(tests.size()) - 1; i >= root; --i) {
    const auto at = static_cast<size_t>(i);
    const Test& test = tests[at];
    std::string mine = notes[at];
    if (test.kind == Test::Kind::kAll || test.kind == Test::Kind::kAny ||
        test.kind == Test::Kind::kNot) {
      mine = pieces[at].empty() ? "always" : pieces[at];
      if (!notes[at].empty()) {
        mine = notes[at] + "(" + mine + ")";
      }
    }
    if (test.parent < 0) {
      text = mine;
      continue;
    }
    const auto parent = static_cast<size_t>(test.parent);
    const bool or_word = tests[parent].kind != Test::Kind::kAll;
    std::string& above = pieces[parent];
    above = above.empty() ? mine : mine + (or_word ? " or " : " and ") + above;
  }
  return text;
}

}  // namespace gatepost::policy
