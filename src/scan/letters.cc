// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/letters.h"

#include <algorithm>
#include <bitset>
#include <map>
#include <string>

#include "src/scan/literal.h"

namespace gatepost::scan {

namespace {

constexpr uint32_t kMostLetters = 2;  // bytes of a match
constexpr size_t kMostRows = 64;

}  // namespace

std::unique_ptr<Letters> Letters::Of(const Syntax& syntax, const Pattern& pattern,
                                     Matcher* matcher) {
  // What looks at its surroundings is an empty node.
  const auto empty = [](const SyntaxNode& node) { return node.kind == SyntaxNode::Kind::kEmpty; };
  if (!syntax.understood || syntax.exotic || pattern.MatchesEmpty() ||
      EffortOf(syntax).most > kMostLetters ||
      std::any_of(syntax.nodes.begin(), syntax.nodes.end(), empty)) {
    return nullptr;
  }
  auto out = std::make_unique<Letters>();
  out->lengths_.assign(kWidth, 0);
  std::string text;
  const auto length = [&](size_t first, size_t second) -> uint8_t {
    text.assign(1, static_cast<char>(first));
    if (second != kEnd) {
      text += static_cast<char>(second);
    }
    Range found;
    const bool matches = matcher->Find(pattern, text, 0, &found) == Matcher::Outcome::kMatch;
    return matches && found.begin == 0 ? static_cast<uint8_t>(found.size()) : 0;
  };
  std::bitset<256> any;
  for (const SyntaxNode& node : syntax.nodes) {
    any |= InAnyCase(node.chars.bytes);
  }
  const bool pairs = EffortOf(syntax).most > 1;
  if (pairs && any.count() > kMostRows) {
    return nullptr;  // a table that costs more than it gives
  }
  std::map<std::vector<uint8_t>, uint8_t> known;
  for (size_t first = 0; first < out->rows_.size(); ++first) {
    if (!any.test(first)) {
      continue;
    }
    // A second byte that the expression does not know is as good as none.
    std::vector<uint8_t> row(kWidth, length(first, kEnd));
    for (size_t second = 0; pairs && second < any.size(); ++second) {
      if (any.test(second)) {
        row[second] = length(first, second);
      }
    }
    if (std::all_of(row.begin(), row.end(), [](uint8_t one) { return one == 0; })) {
      continue;
    }
    const auto [at, fresh] =
        known.emplace(row, static_cast<uint8_t>(out->lengths_.size() / kWidth));
    out->rows_[first] = at->second;
    if (fresh) {
      out->lengths_.insert(out->lengths_.end(), row.begin(), row.end());
    }
  }
  return out;
}

}  // namespace gatepost::scan
