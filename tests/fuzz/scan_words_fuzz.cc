// The words that an expression is found by, held against PCRE2. First byte: UTF-8 and caseless;
// then the expression up to a line end; the rest is the text. SPDX-License-Identifier:
// GPL-2.0-or-later
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/unit/scan/words_oracle.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kMostText = 2'000;
  constexpr size_t kMostExpression = 200;
  if (size < 2) {
    return 0;
  }
  const std::string all(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t end = all.find('\n');
  if (end == std::string::npos || end > kMostExpression) {
    return 0;
  }
  const std::string expression = all.substr(0, end);
  const gatepost::scan::WordsVerdict verdict = gatepost::scan::CheckWords(
      expression, (data[0] & 1U) != 0, (data[0] & 2U) != 0, all.substr(end + 1, kMostText));
  if (!verdict.problem.empty()) {
    std::fprintf(stderr, "%s: %s\n", expression.c_str(), verdict.problem.c_str());
    std::abort();
  }
  return 0;
}
