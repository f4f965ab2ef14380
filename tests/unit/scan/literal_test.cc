// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/literal.h"

#include <gtest/gtest.h>

#include <random>

#include "src/scan/sieve.h"
#include "tests/unit/scan/words_oracle.h"

namespace gatepost::scan {
namespace {

std::vector<std::string> WordsOf(const std::string& expression, Fold fold, bool utf8 = false,
                                 bool caseless = true) {
  std::vector<std::string> words;
  for (const Literal& literal :
       FindRequired(ParseSyntax(expression, utf8, caseless), fold).literals) {
    words.push_back(literal.text);
  }
  return words;
}

using Words = std::vector<std::string>;

TEST(Literals, AreWhatEveryMatchContains) {
  EXPECT_EQ(WordsOf("\\bviagra\\b", Fold::kLower), Words({"viagra"}));
  EXPECT_EQ(WordsOf("free\\smoney", Fold::kLower), Words({"free money"}));
  EXPECT_EQ(WordsOf("(?:cheap|free) pills", Fold::kLower), Words({"cheap pills", "free pills"}));
  EXPECT_EQ(WordsOf("\\d+ Quartz(?= clock)", Fold::kLower), Words({" quartz"}));
  EXPECT_EQ(WordsOf("colou?r chart", Fold::kLower), Words({"color chart", "colour chart"}));
  EXPECT_TRUE(WordsOf("(?:foobar)?", Fold::kLower).empty());
  EXPECT_TRUE(WordsOf("foobar|[a-z]+", Fold::kLower).empty());
  EXPECT_TRUE(WordsOf("(?!foobar)[a-z]{4}", Fold::kLower).empty());
}

TEST(Literals, ObfuscatedWordsHaveThemInACompactText) {
  EXPECT_TRUE(WordsOf("q[_\\W]?u[_\\W]?[a4][_\\W]?r[_\\W]?t[_\\W]?z", Fold::kLower).empty());
  EXPECT_EQ(WordsOf("q[_\\W]?u[_\\W]?[a4][_\\W]?r[_\\W]?t[_\\W]?z", Fold::kCompact),
            Words({"quartz"}));
  EXPECT_EQ(WordsOf("v\\W*[i1!|]\\W*z\\W*z\\W*[o0]", Fold::kCompact), Words({"vizzo", "vzzo"}));
}

TEST(Literals, ALetterThatIsAlsoAnotherOneWithoutRegardToCaseIsNoPartOfThem) {
  EXPECT_EQ(WordsOf("maskwort\\x{1EAD}", Fold::kLower, true, false).size(), 1U);
  for (const std::string& word : WordsOf("maskwort\\x{1EAD}", Fold::kLower, true, true)) {
    EXPECT_EQ(word.find_first_of("sk"), std::string::npos) << "long s, Kelvin: " << word;
  }
}

TEST(Literals, EffortTellsOneWayFromMany) {
  EXPECT_EQ(EffortOf(ParseSyntax("free\\s+money", false, true)).endless, 0U);
  EXPECT_EQ(EffortOf(ParseSyntax("free.*money", false, true)).endless, 1U);
  EXPECT_GE(EffortOf(ParseSyntax("(?:a+)+b", false, true)).endless, 2U);
  EXPECT_EQ(EffortOf(ParseSyntax("ab{2,5}", false, true)).most, 6U);
}

// Expressions and texts of the same few pieces, so that they meet.
TEST(Literals, NearEveryMatchOfAGeneratedExpressionStandsARequiredWord) {
  std::mt19937 random(20261126);
  const auto pick = [&](const std::vector<std::string>& from) {
    return from[std::uniform_int_distribution<size_t>(0, from.size() - 1)(random)];
  };
  const std::vector<std::string> atoms = {
      "free",      "mon",       "ey",      "v",         "[i1!]",       "a",      "[a4@]",
      "g",         "\\s",       " ",       "\\W",       "[_\\W]",      ".",      "[^a-f]",
      "k",         "s",         "(?i:ON)", "\\d",       "[[:alpha:]]", "\\x41",  "\\x{73}",
      "(?:a|bc|)", "\\Qx.y\\E", "\\w",     "(?:fr|mo)", "(?:ab){2}",   "[\\d.]", "\\.",
      "\\h",       "ậ",         "(ey|on)", "(?#no)"};
  const std::vector<std::string> repeats = {"",  "",    "",      "",      "",   "",   "?",  "*",
                                            "+", "{2}", "{0,2}", "{1,3}", "*?", "++", "+?", "{2,}"};
  const std::vector<std::string> around = {"(?!a)", "(?=m)", "(?<=e)", "(?<!f)", "\\b", "\\B",
                                           "^",     "$",     "",       "",       "",    ""};
  const std::vector<std::string> pieces = {"free", "FREE", "mon", "Mon", "ey", "v", "i",  "1",
                                           "!",    "a",    "4",   "@",   "g",  " ", "  ", "_",
                                           ".",    "-",    "k",   "s",   "on", "A", "7",  "x.y",
                                           "ab",   "bc",   "ſ",   "K",   "ậ",  "é", "\n", "m"};
  size_t compared = 0;
  size_t words = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string expression = pick(around);
    const int length = std::uniform_int_distribution<int>(1, 5)(random);
    for (int i = 0; i < length; ++i) {
      std::string part = pick(atoms) + pick(repeats) + pick(around);
      if (pick({"", "", "", "group"}) == "group") {
        part = pick({"(?:", "(?>", "(", "(?|"}) + part + "|" + pick(atoms) + ")" + pick(repeats);
      }
      expression += part;
    }
    if (pick({"", "", "", "", "back"}) == "back") {
      expression = "(" + expression + ")" + pick({"\\1", " \\g{1}", "x?\\1"});
    }
    std::string text;
    for (int i = 0; i < 14; ++i) {
      text += pick(pieces);
    }
    const bool utf8 = pick({"u", "b"}) == "u";
    const bool caseless = pick({"i", "c"}) == "i";
    const WordsVerdict verdict = CheckWords(expression, utf8, caseless, text);
    ASSERT_EQ(verdict.problem, "") << expression << (utf8 ? " utf8" : " bytes")
                                   << (caseless ? " caseless" : "") << "\nin '" << text << "'";
    compared += verdict.compared ? 1 : 0;
    words += verdict.had_words ? 1 : 0;
  }
  EXPECT_GT(compared, 2'000U) << "the comparison must compare something";
  EXPECT_GT(words, 100U);
}

TEST(Sieves, FindEveryWordWhereverItStands) {
  std::mt19937 random(7);
  const auto letter = [&] {
    return static_cast<char>('a' + std::uniform_int_distribution<int>(0, 3)(random));
  };
  for (int round = 0; round < 50; ++round) {
    std::vector<Sieve::Word> words;
    for (uint32_t id = 0; id < 20; ++id) {
      std::string word;
      const int length = std::uniform_int_distribution<int>(3, 7)(random);
      for (int i = 0; i < length; ++i) {
        word += letter();
      }
      words.push_back({word, id});
    }
    std::string text;
    for (int i = 0; i < 200 + round; ++i) {
      text += letter();
    }
    std::vector<std::pair<uint32_t, uint32_t>> found;
    Sieve(words).Scan(text, [&](uint32_t id, uint32_t at) { found.emplace_back(id, at); });
    std::vector<std::pair<uint32_t, uint32_t>> expected;
    for (const Sieve::Word& word : words) {
      for (size_t at = text.find(word.text); at != std::string::npos;
           at = text.find(word.text, at + 1)) {
        expected.emplace_back(word.id, static_cast<uint32_t>(at));
      }
    }
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    ASSERT_EQ(found, expected) << text;
  }
}

}  // namespace
}  // namespace gatepost::scan
