// What a scan took, where somebody asked: of each rule what it costs by itself, of what many rules
// share (a sieve of words, a Hyperscan database) the whole. Wall clock, in ns.
// LIMITS: the clock is read where one rule ends and the next begins, not around each search, so
// that measuring costs some tens of nanoseconds a rule and view. A mask that several rules have is
// booked to the first of them; sorting the candidates to nobody. SPDX-License-Identifier:
// GPL-2.0-or-later
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "src/text/view.h"

namespace gatepost::scan {

// What many rules share. Groups are numbered from 1 within a form; those beyond count as the last.
struct Shared {
  enum class Finder : uint8_t { kWords, kLines, kParagraphs };
  static constexpr auto kLastFinder = static_cast<uint8_t>(Finder::kParagraphs);
  static constexpr uint8_t kMostGroups = 32;
  text::Form form = text::Form::kRaw;
  uint8_t group = 1;
  Finder finder = Finder::kWords;
  // NOLINTNEXTLINE(modernize-use-nullptr): what the compiler makes of it compares with 0.
  auto operator<=>(const Shared&) const = default;
};
// "nfc 1, lines", as `rules explain` names a database.
std::string NameOf(const Shared& shared);

struct Times {
  // Per rule: PCRE2 where it was asked, words of lists, the rule's condition.
  std::vector<uint64_t> rules;
  std::map<Shared, uint64_t> shared;
};

class Stopwatch {
 public:
  // ns since the last call, the first since the beginning.
  uint64_t Lap() {
    const auto now = std::chrono::steady_clock::now();
    const auto passed = std::chrono::duration_cast<std::chrono::nanoseconds>(now - last_);
    last_ = now;
    return static_cast<uint64_t>(passed.count());
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace gatepost::scan
