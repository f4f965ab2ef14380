// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/trial.h"

#include <algorithm>
#include <string>

namespace gatepost::scan {

namespace {

constexpr int kDeepestTrial = 100;
constexpr size_t kMostNodes = 20'000;  // of one expression
// Of a repeat, written out: nodes of the rounds that must be there, and of those that may be.
constexpr uint32_t kMostRequired = 5'000;
constexpr uint32_t kMostOptional = 64;

}  // namespace

// Builds from the end, so that each part knows what comes behind it.
class TrialBuilder {
 public:
  TrialBuilder(const Syntax& syntax, uint32_t owner, Trial* out)
      : syntax_(syntax), owner_(owner), most_(out->nodes_.size() + kMostNodes), out_(out) {}

  // False: too large or too deep.
  bool Build(uint32_t* begin) {
    for (const SyntaxNode& node : syntax_.nodes) {
      uint32_t size = 1;
      for (const uint32_t child : node.children) {
        size = AddWidths(size, sizes_[child]);
      }
      if (node.kind == Kind::kRepeat) {
        size = AddWidths(size, MultiplyWidth(sizes_[node.children[0]], RoundsOf(node)));
      }
      sizes_.push_back(size);
    }
    const uint32_t accept = Add({Node::Kind::kAccept, owner_, 0, Trial::kNowhere, Trial::kNowhere});
    return Of(static_cast<uint32_t>(syntax_.nodes.size()) - 1, accept, 0, begin);
  }

 private:
  using Node = Trial::Node;
  using Kind = SyntaxNode::Kind;

  // Of those of a repeat that must be there: how many are written out.
  uint32_t RoundsOf(const SyntaxNode& node) const {
    return std::min(node.least, std::max(1U, kMostRequired / sizes_[node.children[0]]));
  }

  uint32_t Add(const Node& node) {
    out_->nodes_.push_back(node);
    return static_cast<uint32_t>(out_->nodes_.size()) - 1;
  }
  uint32_t Chars(const std::bitset<256>& bytes, uint32_t next) {
    return Add({Node::Kind::kChars, owner_, out_->SetOf(bytes), next, Trial::kNowhere});
  }
  uint32_t Split(uint32_t next, uint32_t other) {
    return Add({Node::Kind::kSplit, owner_, 0, next, other});
  }

  // *begin: where the part is entered that goes on at `next`.
  // NOLINTNEXTLINE(misc-no-recursion): kDeepestTrial bounds it.
  bool Of(uint32_t index, uint32_t next, int depth, uint32_t* begin) {
    if (depth > kDeepestTrial || out_->nodes_.size() > most_) {
      return false;
    }
    const SyntaxNode& node = syntax_.nodes[index];
    *begin = next;
    switch (node.kind) {
      case Kind::kEmpty:
        return true;
      case Kind::kChars:
        *begin = OfChars(node.chars, next);
        return true;
      case Kind::kConcat:
        for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) {
          if (!Of(*child, *begin, depth + 1, begin)) {
            return false;
          }
        }
        return true;
      case Kind::kAlternate:
        return OfAlternate(node, next, depth, begin);
      case Kind::kRepeat:
        return node.most == 0 || OfRepeat(node, next, depth, begin);
    }
    return false;
  }

  // NOLINTNEXTLINE(misc-no-recursion): as above.
  bool OfAlternate(const SyntaxNode& node, uint32_t next, int depth, uint32_t* begin) {
    bool first = true;
    for (const uint32_t child : node.children) {
      uint32_t one = 0;
      if (!Of(child, next, depth + 1, &one)) {
        return false;
      }
      *begin = first ? one : Split(one, *begin);
      first = false;
    }
    return true;
  }

  // A character of several bytes: any number of them from 80 up.
  uint32_t OfChars(const CharSet& chars, uint32_t next) {
    if (!chars.wide) {
      return Chars(chars.bytes, next);
    }
    std::bitset<256> beyond;
    for (size_t byte = 0x80; byte < beyond.size(); ++byte) {
      beyond.set(byte);
    }
    const uint32_t loop = Split(Trial::kNowhere, next);
    const uint32_t inside = Chars(beyond, loop);
    out_->nodes_[loop].next = inside;
    return Chars(chars.bytes | beyond, loop);
  }

  // NOLINTNEXTLINE(misc-no-recursion): as above.
  bool OfRepeat(const SyntaxNode& node, uint32_t next, int depth, uint32_t* begin) {
    const uint32_t child = node.children[0];
    const uint32_t least = RoundsOf(node);
    const uint32_t optional = node.most == kEndless ? kEndless : node.most - node.least;
    if (least == node.least && MultiplyWidth(optional, sizes_[child]) <= kMostOptional) {
      for (uint32_t i = 0; i < optional; ++i) {
        uint32_t one = 0;
        if (!Of(child, *begin, depth + 1, &one)) {
          return false;
        }
        *begin = Split(one, next);
      }
    } else {
      const uint32_t loop = Split(Trial::kNowhere, next);
      uint32_t one = 0;
      if (!Of(child, loop, depth + 1, &one)) {
        return false;
      }
      out_->nodes_[loop].next = one;
      *begin = loop;
    }
    for (uint32_t i = 0; i < least; ++i) {
      if (!Of(child, *begin, depth + 1, begin)) {
        return false;
      }
    }
    return true;
  }

  const Syntax& syntax_;
  const uint32_t owner_;
  const size_t most_;
  Trial* const out_;
  std::vector<uint32_t> sizes_;  // per node of syntax_: how many it takes, about
};

bool Trial::Add(const Syntax& syntax, uint32_t id) {
  if (!syntax.understood || syntax.nodes.empty()) {
    return false;
  }
  const size_t before = nodes_.size();
  uint32_t begin = 0;
  State state;
  bool good = TrialBuilder(syntax, static_cast<uint32_t>(ids_.size()), this).Build(&begin);
  if (good) {
    seen_.resize(nodes_.size(), 0);
    ++closure_;
    Close(begin, &state);
    good = state.tells.empty();  // else it may be empty, so it begins everywhere
  }
  if (!good) {
    nodes_.resize(before);
    seen_.resize(before);
    return false;
  }
  begin_.nodes.insert(begin_.nodes.end(), state.nodes.begin(), state.nodes.end());
  ids_.push_back(id);
  return true;
}

void Trial::Expect(const Starts& starts) {
  if (threes_.empty()) {
    threes_.assign(kThrees * kThrees * kThrees / 64, 0);
    for (size_t byte = 0; byte < ascii_.size(); ++byte) {
      ascii_[byte] = static_cast<uint8_t>(
          std::min<uint32_t>(Starts::ClassOf(static_cast<unsigned char>(byte)), kOther));
    }
  }
  for (uint32_t a = 0; a < kThrees; ++a) {
    for (uint32_t b = 0; b < kThrees; ++b) {
      const uint64_t thirds = a == kOther || b == kOther
                                  ? UINT32_MAX
                                  : (starts.Thirds(a, b) & UINT32_MAX) | uint64_t{1} << kOther;
      threes_[(a * kThrees + b) / 2] |= thirds << (b % 2 * kThrees);
    }
  }
}

uint32_t Trial::SetOf(const std::bitset<256>& bytes) {
  const std::bitset<256> any_case = InAnyCase(bytes);
  const auto [at, fresh] =
      number_of_set_.emplace(any_case.to_string(), static_cast<uint32_t>(sets_.size()));
  if (fresh) {
    sets_.push_back(any_case);
  }
  return at->second;
}

void Trial::Finish() {
  number_of_set_.clear();
  // Each set parts the classes that there are.
  std::fill(classes_.begin(), classes_.end(), 0);
  uint32_t count = 1;
  for (const std::bitset<256>& set : sets_) {
    std::array<uint32_t, 256> inside;
    std::array<bool, 256> outside = {};
    inside.fill(UINT32_MAX);
    for (size_t byte = 0; byte < classes_.size(); ++byte) {
      outside[classes_[byte]] = outside[classes_[byte]] || !set.test(byte);
    }
    for (size_t byte = 0; byte < classes_.size(); ++byte) {
      const uint8_t of = classes_[byte];
      if (set.test(byte) && outside[of]) {
        if (inside[of] == UINT32_MAX) {
          inside[of] = count++;
        }
        classes_[byte] = static_cast<uint8_t>(inside[of]);
      }
    }
  }
  examples_.assign(count, 0);
  for (size_t byte = 0; byte < classes_.size(); ++byte) {
    examples_[classes_[byte]] = static_cast<uint8_t>(byte);
  }
  std::sort(begin_.nodes.begin(), begin_.nodes.end());
  for (const uint32_t node : begin_.nodes) {
    first_ |= sets_[nodes_[node].set];
  }
  Forget();
}

void Trial::Forget() {
  states_.assign(2, State());
  states_[1] = begin_;
  number_of_.clear();
  number_of_.emplace(begin_, 1);
  steps_.assign(2 * examples_.size(), kUnknown);
  std::fill(seen_.begin(), seen_.end(), 0);  // before closure_ can wrap
  closure_ = 0;
}

// Adds what is reached from `node` without a byte.
void Trial::Close(uint32_t node, State* out) {
  stack_.push_back(node);
  while (!stack_.empty()) {
    const uint32_t at = stack_.back();
    stack_.pop_back();
    if (at == kNowhere || seen_[at] == closure_) {
      continue;
    }
    seen_[at] = closure_;
    const Node& one = nodes_[at];
    switch (one.kind) {
      case Node::Kind::kAccept:
        out->tells.push_back(one.owner);
        break;
      case Node::Kind::kChars:
        out->nodes.push_back(at);
        break;
      case Node::Kind::kSplit:
        stack_.push_back(one.next);
        stack_.push_back(one.other);
        break;
    }
  }
}

uint16_t Trial::Step(uint32_t state, uint32_t of_class, Budget* budget) {
  const size_t visits = states_[state].nodes.size();
  if (visits > budget->visits) {
    budget->full = true;
    return kFull;
  }
  budget->visits -= visits;
  ++closure_;
  State next;
  for (const uint32_t at : states_[state].nodes) {
    if (sets_[nodes_[at].set].test(examples_[of_class])) {
      Close(nodes_[at].next, &next);
    }
  }
  if (!next.tells.empty()) {  // who has matched is asked no more
    std::sort(next.tells.begin(), next.tells.end());
    next.nodes.erase(std::remove_if(next.nodes.begin(), next.nodes.end(),
                                    [&](uint32_t at) {
                                      return std::binary_search(next.tells.begin(),
                                                                next.tells.end(), nodes_[at].owner);
                                    }),
                     next.nodes.end());
  }
  std::sort(next.nodes.begin(), next.nodes.end());
  budget->visits -= std::min(budget->visits, next.nodes.size());
  const uint16_t number = NumberOf(&next, budget);
  steps_[state * examples_.size() + of_class] = number;
  return number;
}

uint16_t Trial::NumberOf(State* state, Budget* budget) {
  if (state->nodes.empty() && state->tells.empty()) {
    return kDead;
  }
  const uint16_t tells = state->tells.empty() ? 0 : kTells;
  const auto known = number_of_.find(*state);
  if (known != number_of_.end()) {
    return known->second | tells;
  }
  constexpr size_t kOfNodes = 200;  // of the map and the vectors
  const size_t bytes = 2 * sizeof(uint32_t) * (state->nodes.size() + state->tells.size()) +
                       sizeof(uint16_t) * examples_.size() + kOfNodes;
  if (bytes > budget->bytes || states_.size() >= kMostStates) {
    budget->full = true;
    return kFull;
  }
  budget->bytes -= bytes;
  const auto number = static_cast<uint16_t>(states_.size());
  number_of_.emplace(*state, number);
  states_.push_back(std::move(*state));
  steps_.resize(states_.size() * examples_.size(), kUnknown);
  return number | tells;
}

std::vector<uint32_t> Trial::OwnersIn(uint32_t state) const {
  std::vector<uint32_t> out;
  for (const uint32_t at : states_[state].nodes) {
    out.push_back(nodes_[at].owner);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace gatepost::scan
