// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>

#include "src/scan/compiler.h"
#include "src/scan/level.h"
#include "src/scan/pcre2.h"
#include "src/scan/scanner.h"
#include "src/scan/times.h"
#include "tests/unit/scan/fixture.h"

namespace gatepost::scan {
namespace {

namespace fs = std::filesystem;
using ruleset::Level;

TEST_F(Scan, AnchorsOfTheAuthorSeeLinesAndAllElseSeesParagraphs) {
  ASSERT_TRUE(
      Compile(Rule("L", "    match: '^STAMP$'") + Rule("P", "    match: '<B>two words<E>'")).ok());
  EXPECT_TRUE(Hits("L", "a\nSTAMP\nb"));
  EXPECT_TRUE(Hits("L", "a\nSTAMP\nb", {1, 7})) << "a line is a line even within a paragraph";
  EXPECT_FALSE(Hits("L", "a STAMP"));
  EXPECT_TRUE(Hits("P", "some two\nwords here", {8})) << "a wrap is a blank";
  EXPECT_FALSE(Hits("P", "some two\nwords here")) << "a hard line end is not";
}

TEST_F(Scan, ReportsPlacesLinesAndEvidenceWithinItsCaps) {
  ASSERT_TRUE(Compile(Rule("A", "    match: '<B>mật<E>'\n    caseless: true")).ok());
  std::string text = "x\nđây là MẬT, và mật";
  Matches matches = Run({View(text)});
  ASSERT_EQ(matches.matches.size(), 2U);
  EXPECT_EQ(Slice(text, matches.matches[0].range), "MẬT,");
  EXPECT_EQ(matches.matches[0].line, 2U);
  EXPECT_EQ(matches.counts[0], 2U);
  text.clear();
  for (int i = 0; i < 3'000; ++i) {
    text += "mật\n";
  }
  matches = Run({View(text)});
  EXPECT_EQ(matches.matches.size(), Limits().evidence_per_rule);
  EXPECT_EQ(matches.counts[0], 1'000U);
  EXPECT_EQ(matches.places.size(), 64U);
}

TEST_F(Scan, TellsWhatEachRuleTookByItselfAndWhatRulesShare) {
  ASSERT_TRUE(Compile(Rule("ABSENT", "    match: 'mandarine'") +
                      Rule("DEAR", "    match: '[a-y]+[0-9][a-y]+[0-9]zebra'") +
                      Rule("EVERYWHERE", "    match: '(?<!x)[a-c]{9}'") +
                      Rule("WORD", "    match: 'tangerine'") + When("WHEN", "{rule: WORD}"))
                  .ok());
  std::string text;
  for (int i = 0; i < 500; ++i) {
    text += "abcabcabcabc 1 tangerine2orange3zebra\n";
  }
  const std::vector<text::TextView> views = {View(text)};
  Times times;
  Matches measured = scanner_->Scan(views, Limits(), &times);
  EXPECT_EQ(times.rules[Index("WHEN")], 0U) << "its turn has not come";
  scanner_->EvaluateConditions({}, views, &measured, &times);
  ASSERT_EQ(times.rules.size(), 5U);
  EXPECT_EQ(times.rules[Index("ABSENT")], 0U) << "no word of it, nothing to confirm";
  for (const char* id : {"DEAR", "EVERYWHERE", "WORD", "WHEN"}) {
    EXPECT_GT(times.rules[Index(id)], 0U) << id;
  }
  ASSERT_FALSE(times.shared.empty());
  EXPECT_EQ(NameOf(times.shared.begin()->first), "raw 1, words");
  EXPECT_GT(times.shared.begin()->second, 0U);
  Matches plain = Run(views);
  scanner_->EvaluateConditions({}, views, &plain);
  EXPECT_EQ(measured.counts, plain.counts) << "measuring changes nothing";
  EXPECT_EQ(measured.hit, plain.hit);
  times.rules[Index("WORD")] = 1'000'000'000'000;
  scanner_->Scan(views, Limits(), &times);
  EXPECT_LT(times.rules[Index("WORD")], 1'000'000'000'000U) << "each scan begins anew";
}

TEST_F(Scan, ADatabaseIsNamedAlikeByItsTimeAndByExplain) {
  ASSERT_TRUE(Compile(Rule("H", "    match: '[a-z]{3}[0-9]{3}'")).ok());
  Times times;
  scanner_->Scan({View("abc123 and more")}, Limits(), &times);
  ASSERT_EQ(times.shared.size(), 1U);
  const std::string name = NameOf(times.shared.begin()->first);
  EXPECT_NE(scanner_->Explain(0).find("database " + name + " ("), std::string::npos)
      << name << "\n"
      << scanner_->Explain(0);
}

TEST_F(Scan, AWordWithLookAlikesIsFoundByHowItBeginsOrByItsWordsInAsciiAndElsewhereByTrying) {
  // As an import of SpamAssassin's replace_tags makes them: too long for Hyperscan.
  std::string expression;
  for (const char* letter : {"[qQ]", "[uU]", "[aA4]", "[rR]", "[tT7]", "[zZ]"}) {
    expression += "(?:" + std::string(letter);
    for (int i = 0; i < 20; ++i) {
      expression += "|[\\xc2-\\xd4][\\x80-\\xbf]";
    }
    expression += ")";
  }
  const auto imported = [](const std::string& id, const std::string& match) {
    return "  - id: " + id +
           "\n    title: {en: R, vi: R}\n    zones: ['sa:body']\n    form: bytes\n" +
           "    match: '" + match + "'\n    examples: {match: [a], no_match: [b]}\n";
  };
  ASSERT_TRUE(Compile(imported("FUZZY", expression) +
                      imported("NEVER", "\\xc3\\xa1(?:" + expression + ")?") +
                     imported("LATE", ".{3}" + expression) +
                     imported("LATE-NEVER", ".{3}\\xc3\\xa1(?:" + expression + ")?"))
                  .ok());
  const auto count = [&](const std::string& id, const std::string& text) {
    text::TextView view = View(text, {}, "sa:body");
    view.form = text::Form::kBytes;
    return Run({view}).counts[Index(id)];
  };
  EXPECT_EQ(count("FUZZY", "a quartz watch"), 1U);
  EXPECT_EQ(count("FUZZY", "a QuArTz watch, a qu4r7z watch"), 2U);
  EXPECT_EQ(count("FUZZY", "a \xd4\x9buartz watch"), 1U);
  EXPECT_EQ(count("FUZZY", "ascii\nbut \xd4\x9bu\xc3\xa1rtz here\nascii quartz"), 2U);
  EXPECT_EQ(count("FUZZY", "quartz\n\xd4\x9buartz quartz"), 3U) << "each once";
  EXPECT_EQ(count("FUZZY", "quar tz\nquar\xc3\xa9tz\nnothing"), 0U);
  EXPECT_EQ(count("NEVER", "quartz\nmore\n\xc3\xa1"), 1U);
  EXPECT_EQ(count("NEVER", "quartz\nmore"), 0U);
  EXPECT_EQ(count("LATE", "is quartz, a \xd4\x9buartz\nquartz\n\xd4\x9b in quartz"), 3U);
  EXPECT_EQ(count("LATE-NEVER", "abc\xc3\xa1\nabca"), 1U);
  EXPECT_NE(scanner_->Explain(Index("FUZZY")).find("by its beginning"), std::string::npos);
  // Those that may begin with anything:
  const std::string said = scanner_->Explain(Index("LATE"));
  EXPECT_NE(said.find("not ASCII alone; in others literal"), std::string::npos) << said;
  EXPECT_NE(scanner_->Explain(Index("LATE-NEVER")).find("nothing can match"), std::string::npos);
}

TEST_F(Scan, MaskComesBeforeUnlessAndUnlessBeforeMatch) {
  ASSERT_TRUE(Compile(Rule("M",
                           "    match: '<B>mật<E>'\n    mask: '<B>bảo mật<E>'\n    unless: "
                           "'<B>cấm|bảo'\n    caseless: true"))
                  .ok());
  EXPECT_TRUE(Hits("M", "công văn mật"));
  EXPECT_FALSE(Hits("M", "bảo mật"));
  EXPECT_TRUE(Hits("M", "BẢO MẬT và mật")) << "one innocent and one real use; unless sees the mask";
  EXPECT_FALSE(Hits("M", "cấm gửi văn bản mật"));
  EXPECT_FALSE(Hits("M", "cấm gửi văn bản\nmật", {22})) << "unless sees the paragraph";
  EXPECT_TRUE(Hits("M", "cấm gửi văn bản\nmật"));
}

TEST_F(Scan, AMatchThatOnlyTheMaskMakesPossibleIsFound) {
  ASSERT_TRUE(Compile(Rule("M", "    match: '^[ ]*mật[ ]*$'\n    mask: 'bảo mật'")).ok());
  EXPECT_TRUE(Hits("M", "bảo mật mật"));
  EXPECT_FALSE(Hits("M", "bảo mật mật x"));
}

TEST_F(Scan, FirstLinesCountsWhatTheAuthorWroteNotTheWrap) {
  ASSERT_TRUE(Compile(Rule("F", "    match: '^SECRET$'\n    first_lines: 2")).ok());
  EXPECT_TRUE(Hits("F", "a\nSECRET"));
  EXPECT_FALSE(Hits("F", "a\nb\nSECRET"));
  EXPECT_TRUE(Hits("F", "a\nb\nSECRET", {1}));
}

TEST_F(Scan, AClassThatCrossesTheLineEndInOneBufferDoesNotMatchAcrossIt) {
  ASSERT_TRUE(Compile(Rule("X", "    match: 'a[^x]*b'")).ok());
  EXPECT_FALSE(Hits("X", "a\nb"));
  EXPECT_TRUE(Hits("X", "a\nb", {1}));
  EXPECT_TRUE(Hits("X", "a\na-b"));
}

TEST_F(Scan, ListsFindAddressesDomainsAndWordsInTheText) {
  ASSERT_TRUE(
      Compile(Rule("L", "    lists: [free]"), "lists: {free: [gmail.com, .bad.example, word]}\n")
          .ok());
  EXPECT_TRUE(Hits("L", "viết cho <a.b@gmail.com>."));
  EXPECT_TRUE(Hits("L", "see https://x.bad.example/path"));
  EXPECT_TRUE(Hits("L", "(word)"));
  EXPECT_FALSE(Hits("L", "wording of gmail.community"));
}

TEST_F(Scan, TheLevelIsTheStrongestWordThatMatched) {
  ASSERT_TRUE(Compile(Rule("V",
                           "    match: '<B>(?:tuyệt mật|tối mật|mật)<E>'\n    caseless: true\n"
                           "    level: from-match"))
                  .ok());
  EXPECT_EQ(Run({View("mật")}).levels[0], Level::kMat);
  EXPECT_EQ(Run({View("mật, Tối Mật, mật")}).levels[0], Level::kToiMat);
  EXPECT_EQ(Run({View("mật\ntối mật\nTUYỆT MẬT")}).levels[0], Level::kTuyetMat);
  EXPECT_EQ(Run({View("mát")}).levels[0], Level::kNone);
}

TEST(Levels, AreReadInEverySpellingThePacksKnow) {
  for (const char* text : {"TUYỆT MẬT", "TUYÖT MËT", "tuyeät maät", "TUYŒT MÆT", "tuy®t m§t",
                           "TUYÏåT MÊÅT", "TUYªT M¤T", "Tuyá»‡t máºt", "TUYÊòT MÂòT",
                           "tuye6t5 ma6t5", "TUYEETJ MAATJ", "TUYE^.T MA^.T", "TUYỆTMẬT",
                           "TUYET-MAT", "T\u200BUYỆT MẬT", "T U Y Ệ T  M Ậ T", "mật, tuyệt mật"}) {
    EXPECT_EQ(LevelInText(text), Level::kTuyetMat) << text;
  }
  for (const char* text :
       {"TỐI MẬT", "TèI MËT", "TçI MËT", "Toái maät", "T–I MÆT", "t¯i m§t", "Töëi mêåt",
        "TÄÚI MÁÛT", "T¬I M¤T", "TÿI M†T", "to6i1 ma6t5", "Toosi maatj", "to^'i ma^.t"}) {
    EXPECT_EQ(LevelInText(text), Level::kToiMat) << text;
  }
  for (const char* text :
       {"mật", "[MẬT]", "MËT", "M‡T", "tài liệu mật", "tuyển sinh MẬT", "thời hạn mật"}) {
    EXPECT_EQ(LevelInText(text), Level::kMat) << text;
  }
  for (const char* text : {"TOP SECRET", "", "GEHEIM"}) {
    EXPECT_EQ(LevelInText(text), Level::kOther) << text;
  }
}

TEST_F(Scan, ConditionsSeeHitsGroupsFactsAndCounts) {
  ASSERT_TRUE(
      Compile(Rule("A-1", "    match: alpha\n    group: g") + Rule("A-2", "    match: beta") +
              Rule("A-3", "    match: gamma\n    mode: shadow") +
              When("C-ALL", "{all: [A-1, {not: A-2}]}") +
              When("C-COUNT", "{count: {at_least: 2, of: [{rule: 'A-*'}]}}") +
              When("C-GROUP", "{group: g}") + When("C-FACT", "{fact: auth.spf, is: [pass, none]}") +
              When("C-GLOB", "{fact: recipient.domains, matches: '*.gov.vn'}") +
              When("C-NUM", "{fact: message.size, above: 1000}") +
              When("C-ZONE", "{rule: A-1, zones: [subject]}") + When("C-NEXT", "{rule: C-ALL}"))
          .ok());
  EXPECT_TRUE(Holds("C-ALL", {View("alpha")}));
  EXPECT_TRUE(Holds("C-NEXT", {View("alpha")}));
  EXPECT_FALSE(Holds("C-ALL", {View("alpha beta")}));
  EXPECT_TRUE(Holds("C-COUNT", {View("alpha beta")}));
  EXPECT_FALSE(Holds("C-COUNT", {View("alpha gamma")})) << "a shadow rule has no effects";
  EXPECT_TRUE(Holds("C-GROUP", {View("alpha")}));
  EXPECT_TRUE(Holds("C-FACT", {}, {{"auth.spf", "PASS"}}));
  EXPECT_FALSE(Holds("C-FACT", {}, {{"auth.spf", "fail"}}));
  EXPECT_TRUE(Holds("C-GLOB", {}, {{"recipient.domains", "gmail.com a.gov.vn"}}));
  EXPECT_FALSE(Holds("C-NUM", {}, {{"message.size", "1000"}}));
  EXPECT_TRUE(Holds("C-NUM", {}, {{"message.size", "1001"}}));
  EXPECT_TRUE(Holds("C-ZONE", {View("alpha", {}, "subject")}));
  EXPECT_FALSE(Holds("C-ZONE", {View("alpha")}));
}

TEST_F(Scan, ACalcHoldsAsItsArithmeticSaysWhicheverOfItsRulesHit) {
  const std::vector<std::pair<std::string, std::function<double(double, double, double)>>> calcs = {
      {"A && B && !C", [](double a, double b, double c) { return a != 0 && b != 0 && c == 0; }},
      {"(A || B) && (A || C)",
       [](double a, double b, double c) { return (a != 0 || b != 0) && (a != 0 || c != 0); }},
      {"A * B + A * C", [](double a, double b, double c) { return a * b + a * c; }},
      {"!(A && B)", [](double a, double b, double) { return a == 0 || b == 0; }},
      {"A + B + C > 1", [](double a, double b, double c) { return a + b + c > 1; }},
      {"(A && B) - C", [](double a, double b, double c) { return (a != 0 ? b : a) - c; }},
      {"A == B", [](double a, double b, double) { return a == b; }},
      {"-A && B", [](double a, double b, double) { return a != 0 && b != 0; }}};
  std::string rules = Rule("A", "    match: alpha") + Rule("B", "    match: beta") +
                      Rule("C", "    match: gamma") + When("ALL", "{all: [A, {any: [B, C]}]}");
  for (size_t i = 0; i < calcs.size(); ++i) {
    rules += When("CALC-" + std::to_string(i), "{calc: '" + calcs[i].first + "'}");
  }
  ASSERT_TRUE(Compile(rules).ok()) << diagnostics_.ToStatus().message();
  for (int bits = 0; bits < 8; ++bits) {
    const bool a = (bits & 1) != 0;
    const bool b = (bits & 2) != 0;
    const bool c = (bits & 4) != 0;
    const std::string text =
        std::string(a ? "alpha " : "") + (b ? "beta " : "") + (c ? "gamma" : "-");
    EXPECT_EQ(Holds("ALL", {View(text)}), a && (b || c)) << text;
    for (size_t i = 0; i < calcs.size(); ++i) {
      EXPECT_EQ(Holds("CALC-" + std::to_string(i), {View(text)}), calcs[i].second(a, b, c) != 0)
          << calcs[i].first << " with " << text;
    }
  }
}

TEST_F(Scan, WithinLinesAndPlacesMeasureOneText) {
  ASSERT_TRUE(Compile(Rule("A", "    match: alpha") + Rule("B", "    match: beta") +
                      When("C-NEAR", "{all: [A, {any: [B]}], within_lines: 2}") +
                      When("C-TWO", "{rule: A, places: 2}"))
                  .ok());
  EXPECT_TRUE(Holds("C-NEAR", {View("alpha\n1\nbeta")}));
  EXPECT_TRUE(Holds("C-NEAR", {View("beta\nalpha")}));
  EXPECT_FALSE(Holds("C-NEAR", {View("alpha\n1\n2\nbeta")}));
  EXPECT_TRUE(Holds("C-NEAR", {View("alpha\n1\n2\nbeta", {7})}))
      << "a wrap does not move them apart";
  EXPECT_FALSE(Holds("C-NEAR", {View("alpha"), View("beta", {}, "subject")}));
  EXPECT_TRUE(Holds("C-TWO", {View("alpha\nalpha")}));
  EXPECT_FALSE(Holds("C-TWO", {View("alpha alpha")})) << "places are on different lines";
  EXPECT_FALSE(Holds("C-TWO", {View("alpha"), View("alpha")})) << "two readings of one part";
}

TEST_F(Scan, AnExpressionThatIsTooDearOrMatchesNothingIsNamed) {
  CompileOptions options;
  options.rule_time_ms = 10;
  const Status slow = Compile(Rule("GOOD", "    match: ok") +
                                  Rule("DEAR", "    match: '[^a-zđ]{0,90}[0-9][^a-zđ]{0,90}[0-9]'"),
                              "", options);
  EXPECT_FALSE(slow.ok());
  EXPECT_NE(slow.message().find("rule DEAR"), std::string::npos) << slow.message();
  EXPECT_EQ(slow.message().find("rule GOOD"), std::string::npos) << slow.message();
  const Status empty = Compile(Rule("EMPTY", "    match: 'a*'"));
  EXPECT_NE(empty.message().find("matches nothing at all"), std::string::npos) << empty.message();
  const Status invalid = Compile(Rule("BAD", "    match: 'a)'"));
  EXPECT_NE(invalid.message().find("rule BAD"), std::string::npos) << invalid.message();
}

TEST_F(Scan, ACachedDatabaseWithAWrongSealIsCompiledAgain) {
  CompileOptions options;
  options.cache_folder = (root_ / "cache").string();
  options.cache_key = "secret of the site";
  const std::string rules = Rule("A", "    match: '[0-9][a-z]+[0-9]'");
  ASSERT_TRUE(Compile(rules, "", options).ok());
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(options.cache_folder)) {
    ++files;
    std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(200);
    file.put('!');
  }
  EXPECT_EQ(files, 1U);
  ASSERT_TRUE(Compile(rules, "", options).ok());
  EXPECT_TRUE(Hits("A", "1alpha2"));
  const std::string sealed = SealCacheEntry("k", "n", "content");
  EXPECT_EQ(OpenCacheEntry("k", "n", sealed).value(), "content");
  EXPECT_FALSE(OpenCacheEntry("other", "n", sealed).ok());
  EXPECT_FALSE(OpenCacheEntry("k", "another", sealed).ok());
  EXPECT_FALSE(OpenCacheEntry("k", "n", "short").ok());
}

TEST_F(Scan, CompilesOnlyTheRulesThatAreAskedForAndRunsOnlyTheirExamples) {
  const std::string rules = Rule("GOOD", "    match: 'tangerine'") +
                            Rule("OTHER", "    match: 'mandarine'") +
                            Rule("BROKEN", "    match: '[z-a]pple'");
  EXPECT_FALSE(Compile(rules).ok());
  CompileOptions options;
  options.only = [](const ruleset::Rule& rule) { return rule.id == "GOOD"; };
  ASSERT_TRUE(Compile(rules, "", options).ok());
  EXPECT_TRUE(Hits("GOOD", "a tangerine"));
  EXPECT_FALSE(Hits("OTHER", "a mandarine"));
  Diagnostics all, some;
  RunExamples(*scanner_, &some, options.only);
  RunExamples(*scanner_, &all);
  EXPECT_EQ(some.all().size(), 1U) << "its example 'a' does not match";
  EXPECT_EQ(all.all().size(), 3U);
}

TEST_F(Scan, ExamplesThatFailSayWhatWasSeen) {
  ASSERT_TRUE(Compile(Rule("A", "    match: 'alpha'\n    unless: 'not'")).ok());
  RunExamples(*scanner_, &diagnostics_);
  const std::string said = diagnostics_.ToStatus().message();
  EXPECT_NE(said.find("rule A: 'a' should match and does not; the raw view is 'a'"),
            std::string::npos)
      << said;
}

TEST_F(Scan, HostileTextIsScannedInBoundedTime) {
  ASSERT_TRUE(Compile(Rule("Q",
                           "    match: '(?:email|hộp thư).*(?:đầy|khóa).*(?:hôm nay|ngay)'\n    "
                           "caseless: true") +
                      Rule("M", "    match: '<B>mật<E>'\n    mask: '<B>bảo mật<E>'"))
                  .ok());
  std::string one_line = "email đầy ngay ";
  std::string many_lines;
  for (int i = 0; i < 60'000; ++i) {
    one_line += "email đầy ";
    many_lines += "bảo mật\n";
  }
  const auto start = std::chrono::steady_clock::now();
  const Matches matches = Run({View(one_line), View(many_lines)});
  EXPECT_TRUE(matches.hit[Index("Q")]);
  EXPECT_FALSE(matches.hit[Index("M")]);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(Canaries, TheInstalledEnginesGiveTheKnownAnswers) {
  const Status status = RunCanaries();
  EXPECT_TRUE(status.ok()) << status.message();
}

// Random small expressions over random small texts: the scanner against PCRE2 on each line or
// paragraph, written down as simply as the decision reads.
TEST_F(Scan, AgreesWithALineByLineReadingByPcre2) {
  std::mt19937 random(464);
  const auto pick = [&](const std::vector<std::string>& from) {
    return from[std::uniform_int_distribution<size_t>(0, from.size() - 1)(random)];
  };
  const std::vector<std::string> atoms = {
      "a",  "b",     "ậ",  "Ậ",  ".",       "[^a]",   "[ab]",         " ",
      ".*", "[^b]*", "a+", "b?", "(?:a|ậ)", "[ -/]*", "(?:ab|ba){2}", "a.{1,2}b"};
  const std::vector<std::string> letters = {"a", "b", "ậ", "Ậ", " ", "\n", "A", "-", "ab", "ba"};
  size_t compared = 0;
  size_t hits = 0;
  for (int round = 0; round < 6; ++round) {
    std::string rules;
    const int count = 40;
    for (int r = 0; r < count; ++r) {
      std::string match = pick({"", "", "^", "<B>"});
      const int length = std::uniform_int_distribution<int>(1, 4)(random);
      for (int i = 0; i < length; ++i) {
        match += pick(atoms);
      }
      match += pick({"a", "b", "ậ"}) + pick({"", "", "$", "<E>"});
      rules +=
          Rule("R-" + std::to_string(r),
               "    match: '" + match + "'\n    caseless: " + pick({"true", "false"}) +
                   pick({"", "", "\n    mask: 'ab'"}) + pick({"", "", "\n    unless: 'bậ|ba$'"}));
    }
    CompileOptions options;
    options.few_expressions = round % 2 == 0 ? 0 : 1'000;  // by words, and by Hyperscan alone
    ASSERT_TRUE(Compile(rules, "", options).ok()) << diagnostics_.ToStatus().message();
    Matcher matcher;
    for (int t = 0; t < 25; ++t) {
      std::string text;
      std::vector<uint32_t> soft;
      const int length = std::uniform_int_distribution<int>(1, 30)(random);
      for (int i = 0; i < length; ++i) {
        const std::string letter = pick(letters);
        if (letter == "\n" && pick({"h", "s"}) == "s") {
          soft.push_back(static_cast<uint32_t>(text.size()));
        }
        text += letter;
      }
      const Matches matches = Run({View(text, soft)});
      EXPECT_TRUE(matches.failed.empty());
      std::string joined = text;
      for (const uint32_t at : soft) {
        joined[at] = ' ';
      }
      for (const ruleset::Rule& rule : scanner_->rules().rules()) {
        const auto compile = [&](const ruleset::Expression& e, bool caseless) {
          return Pattern::Compile(e.expanded, {e.utf8, caseless}).value();
        };
        const Pattern match = compile(rule.match[0], rule.caseless);
        bool expected = false;
        for (size_t begin = 0; begin <= joined.size();) {
          const size_t end = std::min(joined.find('\n', begin), joined.size());
          std::string paragraph = joined.substr(begin, end - begin);
          Range found;
          if (!rule.mask.empty()) {
            const Pattern mask = compile(rule.mask[0], true);
            size_t from = 0;
            const std::string whole = paragraph;
            while (matcher.Find(mask, whole, from, &found) == Matcher::Outcome::kMatch) {
              std::fill(paragraph.begin() + found.begin, paragraph.begin() + found.end, ' ');
              from = found.end;
            }
          }
          const bool excused = !rule.unless.empty() &&
                               matcher.Find(compile(rule.unless[0], true), paragraph, 0, &found) ==
                                   Matcher::Outcome::kMatch;
          for (size_t line = begin; !excused && line <= end;) {
            size_t line_end = end;
            if (rule.match[0].line_anchored) {
              for (const uint32_t at : soft) {
                if (at >= line && at < end) {
                  line_end = at;
                  break;
                }
              }
            }
            expected =
                expected || matcher.Find(match, paragraph.substr(line - begin, line_end - line), 0,
                                         &found) == Matcher::Outcome::kMatch;
            line = line_end + 1;
          }
          begin = end + 1;
        }
        const uint32_t index = Index(rule.id);
        EXPECT_EQ(matches.hit[index], expected)
            << rule.match[0].written << " in '" << text << "' round " << round << " text " << t;
        ++compared;
        hits += expected ? 1 : 0;
      }
    }
  }
  EXPECT_EQ(compared, 6'000U);
  EXPECT_GT(hits, 600U) << "the comparison must compare something";
}

}  // namespace
}  // namespace gatepost::scan
