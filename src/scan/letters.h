// An expression whose matches are one or two bytes ("e", or whatever looks like one), as a table:
// such rules count how often a letter stands, and a search for each is most of what they cost.
// Exact: PCRE2 fills the table. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "src/base/bytes.h"
#include "src/scan/pcre2.h"
#include "src/scan/syntax.h"

namespace gatepost::scan {

class Letters {
 public:
  // Null: it is none of those (a longer match, look-around, an edge of a word or line), or is
  // made of more than 64 different bytes, two at a time. `pattern` is the expression's, of bytes.
  static std::unique_ptr<Letters> Of(const Syntax& syntax, const Pattern& pattern,
                                     Matcher* matcher);

  // The first match from *at, which becomes its begin; its length, 0: none.
  uint32_t Find(Bytes text, size_t* at) const {
    for (; *at < text.size(); ++*at) {
      const uint8_t row = rows_[static_cast<unsigned char>(text[*at])];
      if (row == 0) {
        continue;
      }
      const size_t next = *at + 1 < text.size() ? static_cast<unsigned char>(text[*at + 1]) : kEnd;
      const uint8_t length = lengths_[row * kWidth + next];
      if (length != 0) {
        return length;
      }
    }
    return 0;
  }

 private:
  static constexpr size_t kEnd = 256;  // in place of a second byte
  static constexpr size_t kWidth = kEnd + 1;
  std::array<uint8_t, 256> rows_ = {};  // per first byte; 0: no match begins so
  std::vector<uint8_t> lengths_;
};

}  // namespace gatepost::scan
