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

TEST(Literals, OfMatchesInAsciiAloneThereAreWordsWhereLookAlikesTookThem) {
  const auto ascii = [](const std::string& expression, bool utf8, bool* any) {
    Syntax syntax = ParseSyntax(expression, utf8, true);
    *any = KeepAscii(&syntax);
    std::vector<std::string> words;
    for (const Literal& literal : FindRequired(syntax, Fold::kLower).literals) {
      words.push_back(literal.text);
    }
    return words;
  };
  bool any = false;
  EXPECT_TRUE(WordsOf("(?:[zZ]|[\\xc2-\\xd4].)(?:e|[\\xc2-\\xd4].)b", Fold::kLower).empty());
  EXPECT_EQ(ascii("(?:[zZ]|[\\xc2-\\xd4].)(?:e|[\\xc2-\\xd4].)b", false, &any), Words({"zeb"}));
  EXPECT_TRUE(any);
  EXPECT_EQ(ascii("foo(?:\\xff|\\xfe)?bar", false, &any), Words({"foobar"}));
  EXPECT_TRUE(any);
  EXPECT_TRUE(ascii("foo(?:\\xff|\\xfe)bar", false, &any).empty());
  EXPECT_FALSE(any) << "nothing of it is ASCII";
  EXPECT_TRUE(ascii("foobar|[\\x80-\\xff]{2}", false, &any).size() == 1 && any);
  ascii("ậ", true, &any);
  EXPECT_TRUE(any) << "without regard to case it is not known which letters it is";
}

TEST(Literals, EffortTellsOneWayFromMany) {
  EXPECT_EQ(EffortOf(ParseSyntax("free\\s+money", false, true)).endless, 0U);
  EXPECT_EQ(EffortOf(ParseSyntax("free.*money", false, true)).endless, 1U);
  EXPECT_GE(EffortOf(ParseSyntax("(?:a+)+b", false, true)).endless, 2U);
  EXPECT_EQ(EffortOf(ParseSyntax("ab{2,5}", false, true)).most, 6U);
  EXPECT_EQ(EffortOf(ParseSyntax("(?:abc|d){5}e*", false, true)).positions, 21);
}

// An expression, and a text that it was made to match: random ones hardly ever meet.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  struct Made {
    std::string expression;
    std::string text;
  };

  std::string Pick(const std::vector<std::string>& from) {
    return from[static_cast<size_t>(Number(0, static_cast<int>(from.size()) - 1))];
  }
  int Number(int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random_);
  }

  Made Make() {
    const std::vector<std::string> around = {
        "(?!a)", "(?=m)", "(?<=e)", "(?<!f)", "\\b", "\\B", "^", "$", "", "", "", "", "", ""};
    const std::vector<std::string> noise = {"free", "FREE", "mon", "ey",     "v", "1",
                                            "!",    "4",    " ",   "_",      ".", "k",
                                            "s",    "7",    "ſ",   "\u212A", "ậ", "\n"};
    Made out = {Pick(around), ""};
    for (int i = Number(1, 5); i > 0; --i) {
      Made part = Repeated(Atom());
      if (Number(0, 3) == 0) {
        part = Repeated(Group(part));
      }
      out.expression += part.expression + Pick(around);
      out.text += part.text;
    }
    if (Number(0, 4) == 0) {
      const std::string again = Pick({"\\1", " \\g{1}", "x?\\1"});
      out.expression = "(" + out.expression + ")" + again;
      out.text += (again[0] == ' ' ? " " : "") + out.text;
    }
    for (int i = Number(0, 3); i > 0; --i) {
      out.text = Pick(noise) + out.text + Pick(noise);
    }
    return out;
  }

 private:
  Made Atom() {
    struct Kind {
      const char* expression;
      std::vector<std::string> texts;
    };
    static const std::vector<Kind> kinds = {
        {"free", {"free", "FREE"}},
        {"mon", {"mon", "Mon"}},
        {"ey", {"ey"}},
        {"v", {"v", "V"}},
        {"[i1!]", {"i", "1", "!"}},
        {"a", {"a", "A"}},
        {"[a4@]", {"a", "4", "@"}},
        {"g", {"g"}},
        {"\\s", {" ", "\t"}},
        {" ", {" "}},
        {"\\W", {".", "-", " "}},
        {"[_\\W]", {"_", "."}},
        {".", {"x", "ậ", "k"}},
        {"[^a-f]", {"k", "z", "é"}},
        {"k", {"k", "K", "\u212A"}},
        {"s", {"s", "S", "ſ"}},
        {"(?i:ON)", {"on", "oN"}},
        {"\\d", {"7", "0"}},
        {"[[:alpha:]]", {"q", "Z"}},
        {"\\x41", {"A"}},
        {"\\x{73}", {"s"}},
        {"(?:a|bc|)", {"a", "bc", ""}},
        {"\\Qx.y\\E", {"x.y"}},
        {"\\w", {"w", "_", "3"}},
        {"(?:fr|mo)", {"fr", "mo"}},
        {"(?:ab){2}", {"abab"}},
        {"[\\d.]", {"5", "."}},
        {"\\.", {"."}},
        {"\\h", {" "}},
        {"ậ", {"ậ"}},
        {"(ey|on)", {"ey", "on"}},
        {"(?#no)", {""}},
    };
    const Kind& kind = kinds[static_cast<size_t>(Number(0, static_cast<int>(kinds.size()) - 1))];
    return {kind.expression, Pick(kind.texts)};
  }

  Made Repeated(Made one) {
    struct Repeat {
      const char* sign;
      int least, most;
    };
    static const std::vector<Repeat> repeats = {
        {"", 1, 1},   {"", 1, 1},   {"", 1, 1},   {"", 1, 1},    {"", 1, 1},      {"", 1, 1},
        {"?", 0, 1},  {"*", 0, 3},  {"+", 1, 3},  {"{2}", 2, 2}, {"{0,2}", 0, 2}, {"{1,3}", 1, 3},
        {"*?", 0, 3}, {"++", 1, 3}, {"+?", 1, 3}, {"{2,}", 2, 4}};
    const Repeat& repeat =
        repeats[static_cast<size_t>(Number(0, static_cast<int>(repeats.size()) - 1))];
    if (one.expression == "(?#no)") {
      return one;
    }
    Made out = {one.expression + repeat.sign, ""};
    for (int i = Number(repeat.least, repeat.most); i > 0; --i) {
      out.text += one.text;
    }
    return out;
  }

  Made Group(const Made& one) {
    const Made other = Atom();
    return {Pick({"(?:", "(?>", "(", "(?|"}) + one.expression + "|" + other.expression + ")",
            Number(0, 1) == 0 ? one.text : other.text};
  }

  std::mt19937 random_;
};

TEST(Literals, NearEveryMatchOfAGeneratedExpressionStandsARequiredWord) {
  Generator generator(20261126);
  size_t compared = 0;
  size_t words = 0;
  for (int round = 0; round < 30'000; ++round) {
    const Generator::Made made = generator.Make();
    const bool utf8 = generator.Number(0, 1) == 0;
    const bool caseless = generator.Number(0, 1) == 0;
    const WordsVerdict verdict = CheckWords(made.expression, utf8, caseless, made.text);
    ASSERT_EQ(verdict.problem, "") << made.expression << (utf8 ? " utf8" : " bytes")
                                   << (caseless ? " caseless" : "") << "\nin '" << made.text << "'";
    compared += verdict.compared ? 1 : 0;
    words += verdict.had_words ? 1 : 0;
  }
  EXPECT_GT(compared, 5'000U) << "the comparison must compare something";
  EXPECT_GT(words, 1'000U);
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
