// Can a match begin here? An automaton over any number of expressions that is built as texts ask
// for it answers in a few nanoseconds where PCRE2 takes hundreds: of the places that words name,
// most are none. It says yes too often (look-around is nothing to it, high counts are "or more"),
// never no where PCRE2 says yes. One thread: it grows while it is asked.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/base/bytes.h"
#include "src/scan/starts.h"
#include "src/scan/syntax.h"

namespace gatepost::scan {

class Trial {
 public:
  // What all trials of a program may take together, of memory and of the work of learning. When it
  // is used up, they say yes to what they do not know, until Forget.
  struct Budget {
    size_t bytes = size_t{16} << 20;
    size_t visits = 20'000'000;  // of nodes: some tenths of a second
    bool full = false;
  };

  // False: nothing can be said of the expression (it may be empty, has more than 20,000 nodes with
  // its repeats written out, or is nested more than 100 deep), so it is left out.
  bool Add(const Syntax& syntax, uint32_t id);
  // For RunAll: `starts` of each that was added.
  void Expect(const Starts& starts);
  // After the last Add.
  void Finish();
  bool empty() const { return ids_.empty(); }

  // Calls found(id), once each, for the expressions of which a match may begin at `at`, of `text`
  // or any that goes on as it does and ends where it ends. How many bytes it has read, kLongest at
  // most.
  template <typename Found>
  size_t Run(Bytes text, size_t at, Budget* budget, Found found);

  // found(id, begin) for all places, in the order of the text.
  template <typename Found>
  void RunAll(Bytes text, Budget* budget, Found found);

  // The first place from `at` to `last` where any may begin, or where it has read so much that a
  // search is cheaper; last + 1: none.
  size_t FirstBegin(Bytes text, size_t at, size_t last, Budget* budget);

  // What it has learned of texts.
  void Forget();

 private:
  friend class TrialBuilder;
  static constexpr size_t kLongest = 64;
  static constexpr uint32_t kNowhere = UINT32_MAX;
  // What a step leads to: a state, to which kTells is added where expressions are known to match.
  static constexpr uint16_t kDead = 0;
  static constexpr uint16_t kTells = 0x8000;
  static constexpr uint16_t kFull = 0xFFFE;  // all that are still possible
  static constexpr uint16_t kUnknown = 0xFFFF;
  static constexpr size_t kMostStates = 0x7FFE;

  // Of an automaton that may be in many at once.
  struct Node {
    enum class Kind : uint8_t { kChars, kSplit, kAccept };
    Kind kind = Kind::kAccept;
    uint32_t owner = 0;         // which of ids_
    uint32_t set = 0;           // kChars: which of sets_
    uint32_t next = kNowhere;   // kChars, kSplit
    uint32_t other = kNowhere;  // kSplit
  };
  struct State {
    std::vector<uint32_t> nodes;  // kChars, sorted
    std::vector<uint32_t> tells;  // owners that have matched with the last step, and are in no node
    bool operator<(const State& other) const {
      return nodes != other.nodes ? nodes < other.nodes : tells < other.tells;
    }
  };

  uint32_t SetOf(const std::bitset<256>& bytes);
  void Close(uint32_t node, State* out);
  uint16_t Step(uint32_t state, uint32_t of_class, Budget* budget);
  uint16_t NumberOf(State* state, Budget* budget);
  std::vector<uint32_t> OwnersIn(uint32_t state) const;

  std::vector<uint32_t> ids_;
  std::vector<Node> nodes_;
  std::vector<std::bitset<256>> sets_;
  std::map<std::string, uint32_t> number_of_set_;
  State begin_;

  std::array<uint8_t, 256> classes_ = {};  // bytes that no set tells apart
  std::vector<uint8_t> examples_;          // per class: one of its bytes
  std::bitset<256> first_;                 // what a match may begin with

  // For RunAll: three bytes in a row that a match may begin with, in 31 of Starts' classes, those
  // of ASCII, and one of all other bytes, of which nothing is known.
  static constexpr uint32_t kThrees = 32;
  static constexpr uint8_t kOther = 31;
  std::array<uint8_t, 256> ascii_ = {};
  std::vector<uint64_t> threes_;

  std::vector<State> states_;  // the first is nowhere, the second the beginning
  std::map<State, uint16_t> number_of_;
  std::vector<uint16_t> steps_;  // per state and class
  std::vector<uint32_t> seen_;   // per node: in which closure last
  uint32_t closure_ = 0;
  std::vector<uint32_t> stack_;
};

template <typename Found>
size_t Trial::Run(Bytes text, size_t at, Budget* budget, Found found) {
  if (at >= text.size()) {
    return 0;
  }
  const size_t end = text.size() - at > kLongest ? at + kLongest : text.size();
  const size_t width = examples_.size();
  uint32_t state = 1;
  for (size_t i = at; i < end; ++i) {
    const uint32_t of_class = classes_[static_cast<unsigned char>(text[i])];
    uint16_t next = steps_[state * width + of_class];
    if (next == kUnknown) {
      next = Step(state, of_class, budget);
    }
    if (next == kDead) {
      return i - at;
    }
    if (next >= kTells) {
      if (next == kFull) {
        break;
      }
      next &= static_cast<uint16_t>(~kTells);
      for (const uint32_t owner : states_[next].tells) {
        found(ids_[owner]);
      }
      if (states_[next].nodes.empty()) {
        return i - at;
      }
    }
    state = next;
    if (i + 1 == text.size()) {
      return i - at;  // the text ends before a match does
    }
  }
  for (const uint32_t owner : OwnersIn(state)) {
    found(ids_[owner]);
  }
  return end - at;
}

template <typename Found>
void Trial::RunAll(Bytes text, Budget* budget, Found found) {
  if (threes_.empty()) {
    return;
  }
  // Places by the hundred, without a branch for each: which letters begin a match nobody can
  // foresee.
  constexpr size_t kAtOnce = 256;
  std::array<uint32_t, kAtOnce> places;
  const size_t size = text.size();
  const auto class_at = [&](size_t at) {
    return at < size ? ascii_[static_cast<unsigned char>(text[at])] : kOther;
  };
  uint32_t key = class_at(0) * kThrees + class_at(1);
  for (size_t begin = 0; begin < size; begin += kAtOnce) {
    const size_t end = std::min(size, begin + kAtOnce);
    size_t count = 0;
    for (size_t at = begin; at < end; ++at) {
      key = (key * kThrees + class_at(at + 2)) & (kThrees * kThrees * kThrees - 1);
      places[count] = static_cast<uint32_t>(at);
      count += threes_[key / 64] >> (key % 64) & 1;
    }
    for (size_t i = 0; i < count; ++i) {
      Run(text, places[i], budget, [&](uint32_t id) { found(id, places[i]); });
    }
  }
}

inline size_t Trial::FirstBegin(Bytes text, size_t at, size_t last, Budget* budget) {
  constexpr size_t kMostRead = 4'000;
  size_t read = 0;
  for (; at <= last && at < text.size(); ++at) {
    if (first_.test(static_cast<unsigned char>(text[at]))) {
      bool any = false;
      read += Run(text, at, budget, [&any](uint32_t) { any = true; });
      if (any || read > kMostRead) {
        return at;
      }
    }
  }
  return last + 1;
}

}  // namespace gatepost::scan
