// How much work a search may become, told from the tree.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cmath>

#include "src/scan/literal.h"

namespace gatepost::scan {

namespace {

using Kind = SyntaxNode::Kind;

// What a node may begin with, and whether it may be nothing.
struct Beginning {
  CharSet first;
  bool nullable = false;
};

void Join(const CharSet& other, CharSet* set) {
  set->bytes |= other.bytes;
  set->wide = set->wide || other.wide;
}

bool Disjoint(const CharSet& a, const CharSet& b) {
  return (a.bytes & b.bytes).none() && !(a.wide && b.wide);
}

std::vector<Beginning> BeginningsOf(const Syntax& syntax) {
  std::vector<Beginning> out;
  for (const SyntaxNode& node : syntax.nodes) {
    Beginning one;
    switch (node.kind) {
      case Kind::kEmpty:
        one.nullable = true;
        break;
      case Kind::kChars:
        one.first = node.chars;
        break;
      case Kind::kConcat:
        one.nullable = true;
        for (const uint32_t child : node.children) {
          Join(out[child].first, &one.first);
          if (!out[child].nullable) {
            one.nullable = false;
            break;
          }
        }
        break;
      case Kind::kAlternate:
        for (const uint32_t child : node.children) {
          Join(out[child].first, &one.first);
          one.nullable = one.nullable || out[child].nullable;
        }
        break;
      case Kind::kRepeat:
        one = out[node.children[0]];
        one.nullable = one.nullable || node.least == 0;
        break;
    }
    out.push_back(one);
  }
  return out;
}

}  // namespace

Effort EffortOf(const Syntax& syntax) {
  const std::vector<Beginning> beginnings = BeginningsOf(syntax);
  std::vector<Effort> efforts;
  for (const SyntaxNode& node : syntax.nodes) {
    Effort effort;
    const size_t count = node.children.size();
    for (size_t i = 0; i < count; ++i) {
      const Effort& below = efforts[node.children[i]];
      if (node.kind == Kind::kAlternate) {
        effort.endless = std::max(effort.endless, below.endless);
        effort.most = std::max(effort.most, below.most);
        effort.steps += below.steps;
        effort.positions += below.positions;
        continue;
      }
      effort.positions += below.positions;
      effort.most = AddWidths(effort.most, below.most);
      // A run of characters that what follows cannot begin with ends in one place only.
      const SyntaxNode& child = syntax.nodes[node.children[i]];
      if (node.kind == Kind::kConcat && child.kind == Kind::kRepeat &&
          syntax.nodes[child.children[0]].kind == Kind::kChars) {
        CharSet next;
        bool open = true;
        for (size_t j = i + 1; j < count && open; ++j) {
          Join(beginnings[node.children[j]].first, &next);
          open = beginnings[node.children[j]].nullable;
        }
        if (!open && Disjoint(syntax.nodes[child.children[0]].chars, next)) {
          continue;
        }
      }
      effort.endless += below.endless;
      effort.steps *= below.steps;
    }
    if (node.kind == Kind::kChars) {
      effort.most = node.chars.wide ? 4 : 1;
      effort.positions = 1;
    }
    if (node.kind == Kind::kRepeat) {
      effort.most = MultiplyWidth(effort.most, node.most);
      effort.positions *= std::max<uint32_t>(node.most == kEndless ? node.least : node.most, 1);
      const bool one = syntax.nodes[node.children[0]].kind == Kind::kChars;
      if (node.most == kEndless) {
        effort.endless += one ? 1 : 2;
      } else if (node.most != node.least || !one) {
        // A choice at every round of a group, the end alone for a character.
        const double rounds = node.most - (one ? node.least : 0);
        effort.steps = one ? rounds + 1 : std::pow(effort.steps + 1, std::min(rounds, 60.0));
      }
    }
    effort.steps = std::min(effort.steps, 1e15);
    effort.positions = std::min(effort.positions, 1e15);
    efforts.push_back(effort);
  }
  return efforts.empty() ? Effort() : efforts.back();
}

}  // namespace gatepost::scan
