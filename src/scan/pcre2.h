// The door to PCRE2: exact matches in a text that Hyperscan named, within limits.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "src/base/bytes.h"
#include "src/base/result.h"

namespace gatepost::scan {

// A compiled expression (JIT where the platform has it). Immutable, shareable.
class Pattern {
 public:
  struct Options {
    bool utf8 = false;
    bool caseless = false;
    bool captures = false;  // back-references need them
    bool from_to = false;   // Find may be told where a match has to begin
    bool line_end = false;  // `$` matches before a last line end too, as in Perl
  };
  // The message is PCRE2's, with the offset into the expression.
  static Result<Pattern> Compile(const std::string& expression, const Options& options);
  Pattern();  // none yet
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();
  // Could it match nothing at all?
  bool MatchesEmpty() const;
  // Can it match only at the begin of a subject?
  bool IsAnchored() const;
  size_t bytes() const;

 private:
  friend class Matcher;
  struct Code;
  std::unique_ptr<Code> code_;
};

// Working memory of one thread, with the limits on effort and memory.
class Matcher {
 public:
  enum class Outcome { kMatch, kNone, kLimit };
  Matcher();
  ~Matcher();
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;
  // The first match that starts at or behind `from`; `^` and `$` are the ends of `subject`.
  // REQUIRES: well-formed UTF-8 and `from` at a code point's edge, for utf8 patterns. A search
  // that takes too much effort (some tens of milliseconds) or memory is kLimit. `careful` counts
  // each step of each repeat: slower, but no search takes longer than the limit allows.
  Outcome Find(const Pattern& pattern, Bytes subject, size_t from, bool careful, Range* found);
  Outcome Find(const Pattern& pattern, Bytes subject, size_t from, Range* found) {
    return Find(pattern, subject, from, false, found);
  }
  // The same, for a match that starts at `last` at the latest. Needs Options::from_to.
  Outcome FindFromTo(const Pattern& pattern, Bytes subject, size_t from, size_t last, bool careful,
                     Range* found);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gatepost::scan
