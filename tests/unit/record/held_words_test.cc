// A dictionary searched in one pass and kept in order says what asking word by word says.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/held_words.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace gatepost::record {
namespace {

std::string Random(std::mt19937* dice, size_t most) {
  std::string out;
  for (size_t i = (*dice)() % (most + 1); i > 0; --i) {
    out.push_back("ab@.\xE1\xBB"[(*dice)() % 6]);
  }
  return out;
}

TEST(Words, ManyAddedInAnyPortionsAreFoundAndOrderedAsIfAskedOneByOne) {
  std::mt19937 dice(2026);
  Words words;
  std::set<std::string> all;
  for (int round = 0; round < 40; ++round) {
    for (size_t i = dice() % 200; i > 0; --i) {
      // Now and then one that needs a chunk of its own.
      const std::string one =
          dice() % 2000 == 0 ? std::string(1'500'000, 'b') + Random(&dice, 3) : Random(&dice, 12);
      const uint32_t number = words.Add(one);
      EXPECT_EQ(words.at(number), one);
      all.insert(one);
    }
    words.Order();
    ASSERT_EQ(words.size(), all.size());
    std::vector<uint32_t> numbers(words.size());
    for (uint32_t i = 0; i < numbers.size(); ++i) {
      numbers[words.RankOf(i)] = i;
    }
    EXPECT_TRUE(std::equal(
        numbers.begin(), numbers.end(), all.begin(), all.end(),
        [&](uint32_t number, const std::string& text) { return words.at(number) == text; }));
    for (const std::string& wanted : {std::string(), std::string("a"), std::string("@."),
                                      Random(&dice, 4), std::string("b\0b", 3)}) {
      const std::vector<bool> found = words.Containing(wanted);
      for (uint32_t i = 0; i < words.size(); ++i) {
        ASSERT_EQ(found[i], words.at(i).find(wanted) != Bytes::npos) << wanted << " in " << i;
      }
    }
  }
  words.Clear();
  EXPECT_EQ(words.size(), 0U);
  EXPECT_EQ(words.Add("again"), 0U);
}

}  // namespace
}  // namespace gatepost::record
