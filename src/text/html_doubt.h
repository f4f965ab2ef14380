// Stretches of the visible text of which nobody can say whether a reader sees them: a word around
// them is read without them, too.
// LIMITS: 5,000 stretches, 1 MB of readings, 4 causes taken apart in one line.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/text/html_sink.h"

namespace gatepost::text {

class Doubts {
 public:
  // [begin, end) of the visible text; `blank`: behind a blank that counts as its own.
  void Add(size_t begin, size_t end, bool blank, uint64_t cause);
  // A block begins or ends at `at`, where the text has a line end already: when that is only there
  // for the last stretch, one stays without it.
  void BlockEnd(size_t at) {
    if (!list_.empty() && list_.back().end == at) {
      list_.back().breaks = true;
    }
  }

  struct Readings {
    std::string text;  // lines
    std::vector<MapPiece> pieces;
  };
  // The lines of `visible` that have such a stretch between words, as they stand without it.
  Readings Read(const Sink& visible);

 private:
  struct Stretch {
    size_t begin = 0;
    size_t end = 0;
    uint64_t cause = 0;
    bool blank = false;
    bool breaks = false;
  };
  void ReadLine(const Sink& visible, size_t from, size_t to, size_t line, size_t line_end,
                const uint64_t* cause, Readings* out);
  std::vector<Stretch> list_;
};

}  // namespace gatepost::text
