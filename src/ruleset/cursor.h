// Where a reader stands in an expression, and the pieces of syntax that it takes from there. Of a
// broken expression it takes what is there: it always comes to the end.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatepost::ruleset {

// How often an atom stands there.
struct Repeat {
  static constexpr uint64_t kMost = 1'000'000'000'000;  // counts stop there
  static constexpr uint64_t kNoEnd = UINT64_MAX;
  uint64_t least = 1;
  uint64_t most = 1;
  bool given = false;
};

class Cursor {
 public:
  // `text` must outlive it.
  explicit Cursor(std::string_view text) : text_(text) {}

  bool done() const { return at_ >= text_.size(); }
  bool AtLast() const { return at_ + 1 == text_.size(); }
  // What stands so far ahead; '\0' behind the end.
  char Peek(size_t ahead = 0) const {
    return ahead < text_.size() - at_ ? text_[at_ + ahead] : '\0';
  }
  void Skip(size_t bytes) { at_ += std::min(bytes, text_.size() - at_); }
  // One character as it stands there. REQUIRES: !done().
  char32_t Take();
  // `*`, `{2,}`, lazy and possessive ones included; not given: none stands here.
  Repeat TakeRepeat();
  // What stands behind `\x`.
  char32_t TakeHex();
  // What stands behind `\p`.
  void SkipProperty();
  // What stands behind `\k` and `\g`.
  void SkipReference();
  void SkipDigits();
  // One member of a class; nullopt: a set of its own (\w, [:alpha:]). REQUIRES: !done().
  std::optional<char32_t> TakeMember();

  enum class Opening {
    kGroup,
    kAside,    // looks around: takes no text of its own
    kOptions,  // no group: options for what follows
  };
  // "(" and what says of which kind the group is.
  Opening TakeOpening();

 private:
  // To behind the next `sign`; where there is none, to the end.
  void SkipPast(char sign, size_t from);

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace gatepost::ruleset
