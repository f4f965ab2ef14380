// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "src/ruleset/condition.h"
#include "src/ruleset/expression.h"
#include "src/ruleset/list.h"
#include "src/ruleset/rule_set.h"

namespace gatepost::ruleset {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHead = "pack: t\ntitle: {en: T, vi: T}\n";

// Folders of files that leave with the test.
class RuleSetLoad : public testing::Test {
 protected:
  RuleSetLoad() {
    std::string name = (fs::temp_directory_path() / "gatepost-rules-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~RuleSetLoad() override { fs::remove_all(root_); }

  void Write(const std::string& path, const std::string& content) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << content;
  }
  std::string Folder(const std::string& name) const { return (root_ / name).string(); }
  Result<std::shared_ptr<const RuleSet>> Load(const std::vector<std::string>& names) {
    diagnostics_ = Diagnostics();
    std::vector<std::string> folders;
    for (const std::string& name : names) {
      folders.push_back(Folder(name));
    }
    return RuleSet::Load(folders, &diagnostics_);
  }
  // One file with this content; what is said about it, without the folder.
  std::string Said(const std::string& content) {
    Write("one/a.yaml", content);
    const auto unused = Load({"one"});
    std::string said;
    for (const Diagnostic& diagnostic : diagnostics_.all()) {
      std::string line = diagnostic.ToString();
      for (size_t at = line.find(Folder("one")); at != std::string::npos;
           at = line.find(Folder("one"))) {
        line.erase(at, Folder("one").size() + 1);
      }
      said += line + "\n";
    }
    return said;
  }

  fs::path root_;
  Diagnostics diagnostics_;
};

std::string TextRule(const std::string& id, const std::string& match,
                     const std::string& more = "") {
  return "  - id: " + id + "\n    title: {en: R, vi: R}\n    zones: [body]\n    match: '" + match +
         "'\n" + more + "    examples: {match: [a, b, c], no_match: [x, y, z]}\n";
}
std::string Condition(const std::string& id, const std::string& when) {
  return "  - id: " + id + "\n    title: {en: R, vi: R}\n    when: " + when +
         "\n    examples: {match: [{rules: [A-1]}], no_match: [{rules: []}]}\n";
}
bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(RuleSetLoad, MacroNamesAndEscapesAreNoCapitals) {
  const auto said = [this](const std::string& match) {
    return Said(
        "rules:\n  - id: A-1\n    title: {en: E, vi: V}\n    why: w\n    zones: [body]\n"
        "    form: fold\n    match: '" +
        match + "'\n    examples: {match: [a], no_match: [x]}\n");
  };
  EXPECT_FALSE(Contains(said("<B>mat<E>"), "is lower case"));
  EXPECT_FALSE(Contains(said("a\\x2F\\x{4FF}b\\S"), "is lower case"));
  EXPECT_TRUE(Contains(said("<B>Mat<E>"), "form fold never has 'M' (U+004D): write 'm'"));
}

TEST_F(RuleSetLoad, ReadsARuleWithAllItsKeys) {
  Write("one/x.yaml", std::string(kHead) +
                          "rules:\n  - id: A-1\n    title: {en: E, vi: V}\n    why: w\n"
                          "    zones: [subject, 'header:X-Label']\n    form: fold\n"
                          "    match: ['<B>mat<E>', '^b$']\n    mask: 'c'\n    unless: 'd'\n"
                          "    first_lines: 7\n    caseless: true\n    level: from-match\n"
                          "    score: 1.5\n    severity: high\n    group: g\n    basis: law\n"
                          "    log: {snippet: false}\n    mode: shadow\n"
                          "    examples:\n      match: [a, {zone: subject, text: b}, c]\n"
                          "      no_match: [x, y, z]\n");
  const auto rules = Load({"one"});
  ASSERT_TRUE(rules.ok()) << rules.status().message();
  const Rule* rule = (*rules)->Find("A-1");
  ASSERT_NE(rule, nullptr);
  EXPECT_EQ(rule->title_vi, "V");
  EXPECT_EQ(rule->zones, (std::vector<text::Zone>{"subject", "header:x-label"}));
  EXPECT_EQ(rule->form, text::Form::kFold);
  ASSERT_EQ(rule->match.size(), 2U);
  EXPECT_FALSE(rule->match[0].line_anchored) << "<B> and <E> do not anchor";
  EXPECT_TRUE(rule->match[1].line_anchored);
  EXPECT_EQ(rule->first_lines, 7U);
  EXPECT_EQ(rule->level, Level::kFromMatch);
  EXPECT_EQ(rule->score, 1.5);
  EXPECT_EQ(rule->severity, Severity::kHigh);
  EXPECT_FALSE(rule->log_snippet);
  EXPECT_EQ(rule->mode, Mode::kShadow);
  EXPECT_EQ(rule->examples.size(), 6U);
  EXPECT_TRUE((*rules)->wanted().Wants("header:x-label", text::Form::kFold));
  EXPECT_FALSE((*rules)->wanted().Wants("body", text::Form::kFold));
}

TEST_F(RuleSetLoad, AListOfRulesOrOneRuleIsAPackCalledAfterItsFile) {
  constexpr const char* kAlone =
      "{id: A-1, zones: [body], match: x, examples: {match: [x], no_match: [y]}}";
  Write("list/mine.yaml", std::string("- ") + kAlone + "\n");
  Write("single/other.yaml", std::string(kAlone) + "\n");
  const auto list = Load({"list"});
  ASSERT_TRUE(list.ok()) << list.status().message();
  EXPECT_EQ((*list)->Find("A-1")->pack, "mine");
  const auto single = Load({"single"});
  ASSERT_TRUE(single.ok()) << single.status().message();
  EXPECT_EQ((*single)->Find("A-1")->pack, "other");
  EXPECT_NE(Said(std::string(kAlone)).find("warning: rule A-1 has no title"), std::string::npos);
}

TEST_F(RuleSetLoad, ABrokenRuleRefusesTheWholeSetAndEveryBrokenRuleIsNamed) {
  const std::string said =
      Said(std::string(kHead) + "rules:\n" + TextRule("A-1", "a", "    patern: b\n") +
           TextRule("A-2", "(?R)b") + TextRule("A-3", "a", "    severity: hgih\n"));
  EXPECT_TRUE(Contains(said, "a.yaml:8:5: error: unknown key 'patern' in a rule")) << said;
  EXPECT_TRUE(Contains(said, "'(?R' is not supported")) << said;
  EXPECT_TRUE(Contains(said, "'hgih' is no severity")) << said;
  EXPECT_FALSE(Load({"one"}).ok());
}

TEST_F(RuleSetLoad, AKeyGivenTwiceIsAnError) {
  EXPECT_TRUE(Contains(Said(std::string(kHead) + "rules:\n" +
                            TextRule("A-1", "a", "    mode: shadow\n    mode: enforce\n")),
                       "key 'mode' is given twice"));
}

TEST_F(RuleSetLoad, ExamplesAreRequiredAndFewerThanThreeAreAWarning) {
  const std::string rule =
      "rules:\n  - {id: A-1, title: {en: a, vi: b}, zones: [body], match: a, examples: ";
  EXPECT_TRUE(Contains(Said(kHead + rule + "{match: [a]}}\n"), "error: rule A-1 has no examples"));
  EXPECT_TRUE(
      Contains(Said(kHead + rule + "{no_match: [b]}}\n"), "error: rule A-1 has no examples"));
  EXPECT_TRUE(Contains(Said(kHead + rule + "{match: [a], no_match: [b]}}\n"),
                       "warning: rule A-1 has fewer than three"));
  EXPECT_TRUE(Load({"one"}).ok());
}

TEST_F(RuleSetLoad, UnknownZonesFormsAndListsAreNamedWithTheNearest) {
  EXPECT_TRUE(
      Contains(Said(std::string(kHead) + "rules:\n  - {id: A, title: {en: a, vi: b}, zones: "
                                         "[subjcet], match: a, examples: {match: [a], "
                                         "no_match: [b]}}\n"),
               "unknown zone 'subjcet', did you mean 'subject'?"));
  EXPECT_TRUE(Contains(Said(std::string(kHead) + "lists: {freemail: [a.example]}\nrules:\n" +
                            TextRule("A", "a", "    lists: [fremail]\n")),
                       "no list is called 'fremail', did you mean 'freemail'?"));
}

TEST_F(RuleSetLoad, LaterFoldersOverrideAndTheSameFolderMayNot) {
  Write("one/a.yaml", std::string(kHead) + "rules:\n" + TextRule("A-1", "a"));
  Write("two/b.yaml", std::string(kHead) + "rules:\n" + TextRule("A-1", "b"));
  const auto both = Load({"one", "two"});
  ASSERT_TRUE(both.ok()) << both.status().message();
  ASSERT_EQ((*both)->rules().size(), 1U);
  EXPECT_EQ((*both)->rules()[0].match[0].written, "b");
  EXPECT_TRUE(Contains((*both)->rules()[0].overrides, "one/a.yaml:4"));
  Write("one/c.yaml", std::string(kHead) + "rules:\n" + TextRule("A-1", "c"));
  EXPECT_FALSE(Load({"one"}).ok());
  EXPECT_TRUE(Contains(diagnostics_.ToStatus().message(), "already defined"));
}

TEST_F(RuleSetLoad, APackThatIsOffIsInShadowUntilASwitchFileTurnsItOn) {
  Write("one/a.yaml", "pack: p\ntitle: {en: a, vi: b}\ndefault: off\nrules:\n" +
                          TextRule("A-1", "a", "    mode: enforce\n"));
  auto rules = Load({"one"});
  ASSERT_TRUE(rules.ok()) << rules.status().message();
  EXPECT_EQ((*rules)->rules()[0].mode, Mode::kShadow);
  EXPECT_FALSE((*rules)->packs()[0].on);
  Write("two/on.yaml", "pack: p\ndefault: on\n");
  rules = Load({"one", "two"});
  ASSERT_TRUE(rules.ok()) << rules.status().message();
  EXPECT_EQ((*rules)->rules()[0].mode, Mode::kEnforce);
  EXPECT_TRUE((*rules)->packs()[0].on);
}

TEST_F(RuleSetLoad, MacrosAndListsExpandAndAListOfWordsIsQuoted) {
  Write("one/words.txt", "# comment\nmật khẩu\na.b  # another\n\n");
  Write("one/a.yaml",
        std::string(kHead) +
            "macros: {<OUTER>: '<INNER>x', INNER: [i, j]}\nlists: {WORDS: words.txt}\n"
            "rules:\n" +
            TextRule("A-1", "<OUTER>@WORDS\\@WORDS"));
  const auto rules = Load({"one"});
  ASSERT_TRUE(rules.ok()) << rules.status().message();
  EXPECT_EQ((*rules)->rules()[0].match[0].expanded, R"((?:i|j)x(?:mật khẩu|a\.b)\@WORDS)");
  EXPECT_TRUE((*rules)->rules()[0].match[0].utf8);
}

TEST_F(RuleSetLoad, MacrosThatUseThemselvesEndAndBombsAreRefused) {
  EXPECT_TRUE(Contains(
      Said(std::string(kHead) + "macros: {LOOP: '<LOOP>a'}\nrules:\n" + TextRule("A", "<LOOP>")),
      "nested deeper than 8 levels"));
  std::string bomb = "macros:\n  M0: aaaaaaaaaaaaaaaa\n";
  for (int i = 1; i < 8; ++i) {
    const std::string inner = "<M" + std::to_string(i - 1) + ">";
    bomb += "  M" + std::to_string(i) + ": '" + inner + inner + inner + inner + inner + inner +
            inner + inner + "'\n";
  }
  EXPECT_TRUE(
      Contains(Said(kHead + bomb + "rules:\n" + TextRule("A", "<M7>")), "longer than 64 KB"));
  EXPECT_TRUE(Contains(Said(std::string(kHead) + "rules:\n" + TextRule("A", "<UNKNOWN>")),
                       "unknown macro '<UNKNOWN>'"));
}

TEST_F(RuleSetLoad, AnExpressionOfMoreThan64KBIsRefusedAtOnceAndOneOfJustSoMuchIsNot) {
  const std::string said =
      Said(std::string(kHead) + "rules:\n" + TextRule("A", std::string(65'537, 'a')));
  EXPECT_TRUE(Contains(said, "a.yaml:7:12: error: the expression is longer than 64 KB: split it"))
      << said;
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << "nothing else is looked at";
  EXPECT_FALSE(
      Contains(Said(std::string(kHead) + "rules:\n" + TextRule("A", std::string(65'536, 'a'))),
               "longer than 64 KB"));
}

TEST_F(RuleSetLoad, MoreRulesThanMayBeAreSaidOnce) {
  std::string rules = std::string(kHead) + "rules:\n";
  for (int i = 0; i < 20'003; ++i) {
    rules += TextRule("A-" + std::to_string(i), "abcd");
  }
  std::string said = Said(rules);
  EXPECT_TRUE(Contains(said,
                       "a.yaml:100004:5: error: more than 20,000 rules: nothing from here on is "
                       "read; put what only lists words or domains into 'lists:'"))
      << said.substr(0, 1'000);
  EXPECT_EQ(said.find("20,000 rules"), said.rfind("20,000 rules"));
}

TEST_F(RuleSetLoad, ALinkToAFolderThatWasReadIsNotFollowedAndSaid) {
  Write("one/sub/a.yaml", std::string(kHead) + "rules:\n" + TextRule("A-1", "abcd"));
  fs::create_directory_symlink("..", root_ / "one" / "sub" / "back");
  fs::create_directory_symlink(".", root_ / "one" / "self");
  const auto rules = Load({"one"});
  ASSERT_TRUE(rules.ok()) << rules.status().message();
  EXPECT_EQ((*rules)->rules().size(), 1U);
  std::vector<std::string> said;
  for (const Diagnostic& one : diagnostics_.all()) {
    if (Contains(one.message,
                 "leads to a folder that was read already, and is not followed: remove the link")) {
      said.push_back(one.place.file);
    }
  }
  std::sort(said.begin(), said.end());
  EXPECT_EQ(said, (std::vector<std::string>{Folder("one/self"), Folder("one/sub/back")}));
  // What is really there keeps its name, wherever a link to it stands.
  fs::create_directories(root_ / "one" / "first");
  fs::create_directory_symlink("../sub", root_ / "one" / "first" / "link");
  const auto again = Load({"one"});
  ASSERT_TRUE(again.ok()) << again.status().message();
  EXPECT_EQ((*again)->Find("A-1")->place.file, Folder("one/sub/a.yaml"));
  EXPECT_EQ((*again)->version(), (*rules)->version());
  // A link that leads elsewhere is followed.
  Write("elsewhere/b.yaml", "pack: u\ntitle: {en: U, vi: U}\nrules:\n" + TextRule("B-1", "abcd"));
  fs::create_directory_symlink(root_ / "elsewhere", root_ / "one" / "other");
  const auto more = Load({"one"});
  ASSERT_TRUE(more.ok()) << more.status().message();
  EXPECT_NE((*more)->Find("B-1"), nullptr);
}

TEST_F(RuleSetLoad, AListOutsideOfTheFolderIsRefused) {
  Write("secret.txt", "a\n");
  EXPECT_TRUE(Contains(
      Said(std::string(kHead) + "lists: {L: ../secret.txt}\nrules:\n" + TextRule("A", "a")),
      "must be below the rules folder"));
}

TEST_F(RuleSetLoad, ConditionsMayNotNameWhatIsNotThereNorEachOtherInACircle) {
  const std::string base = std::string(kHead) + "rules:\n" + TextRule("A-1", "a");
  EXPECT_TRUE(Contains(Said(base + Condition("C-1", "{rule: A-2}")),
                       "no rule is called 'A-2', did you mean 'A-1'?"));
  EXPECT_TRUE(Contains(Said(base + Condition("C-1", "{group: gone}")), "no rule is in a group"));
  EXPECT_TRUE(Contains(Said(base + Condition("C-1", "{list: gone, of: client.ip}")),
                       "no list is called 'gone'"));
  EXPECT_TRUE(Contains(
      Said(base + Condition("C-1", "{rule: C-2}") + Condition("C-2", "{not: {rule: C-1}}")),
      "wait for each other: C-1, C-2"));
  EXPECT_TRUE(Contains(Said(base + Condition("C-1", "{rule: 'C-*'}")), "wait for each other"));
  EXPECT_TRUE(Contains(Said(base + Condition("C-1", "{rule: A-1, group: g}")), "takes one of"));
  EXPECT_TRUE(Contains(Said(base + Condition("C-1", "{all: [{rule: A-1}], within_lines: 3}")),
                       "at least two conditions on text rules"));
  EXPECT_TRUE(Contains(Said(base + Condition("C-1", "{fact: document.macro}")),
                       "error: nothing sets the fact 'document.macro', did you mean"));
  EXPECT_TRUE(Contains(Said(base + Condition("C-1", "{fact: sender.oursx}")),
                       "error: nothing sets the fact 'sender.oursx', did you mean"));
  EXPECT_EQ(
      Said(base + Condition("C-2", "{any: [C-1, {fact: sender.ours}]}") + Condition("C-1", "A-1"))
          .find("error"),
      std::string::npos);
  const auto rules = Load({"one"});
  ASSERT_TRUE(rules.ok());
  EXPECT_EQ((*rules)->condition_order(),
            (std::vector<size_t>{static_cast<size_t>((*rules)->IndexOf("C-1")),
                                 static_cast<size_t>((*rules)->IndexOf("C-2"))}));
}

TEST_F(RuleSetLoad, ARuleNeedsWhatItsConditionAsksForAndWhatThatAsksFor) {
  Write("one/a.yaml",
        std::string(kHead) + "rules:\n" + TextRule("A-1", "a") + TextRule("A-2", "a") +
            TextRule("B-1", "b", "    group: g\n") + TextRule("B-2", "b", "    group: g\n") +
            TextRule("Z-1", "z") + Condition("C-1", "{any: [{not: C-2}, {fact: sender.ours}]}") +
            Condition("C-2", "{all: ['A-*', {group: g}]}") + Condition("C-3", "{rule: Z-1}") +
            Condition("C-4", "{calc: 'A-1 + 2 * Z-1 > 1'}"));
  const auto rules = Load({"one"});
  ASSERT_TRUE(rules.ok()) << diagnostics_.ToStatus().message();
  const auto needed = [&](const std::string& id) {
    return WithThoseAskedFor(**rules, [&id](const Rule& rule) { return rule.id == id; });
  };
  using Ids = std::set<std::string>;
  EXPECT_EQ(needed("C-1"), (Ids{"C-1", "C-2", "A-1", "A-2", "B-1", "B-2"}));
  EXPECT_EQ(needed("C-4"), (Ids{"C-4", "A-1", "Z-1"}));
  EXPECT_EQ(needed("A-1"), Ids{"A-1"});
  EXPECT_EQ(needed("none"), Ids());
}

TEST_F(RuleSetLoad, TheVersionIsThatOfTheSourcesWhereverTheyStand) {
  const std::string content =
      std::string(kHead) + "lists: {L: l.txt}\nrules:\n" + TextRule("A", "a");
  Write("one/a.yaml", content);
  Write("one/l.txt", "x\n");
  Write("two/a.yaml", content);
  Write("two/l.txt", "x\n");
  const std::string version = (*Load({"one"}))->version();
  EXPECT_EQ(version.size(), 64U);
  EXPECT_EQ((*Load({"two"}))->version(), version);
  Write("two/l.txt", "y\n");
  EXPECT_NE((*Load({"two"}))->version(), version);
}

TEST(Expressions, WhatTheEnginesWouldReadDifferentlyIsRefused) {
  for (const char* bad : {"(?R)", "\\Ka", "(*SKIP)a", "(?(1)a)", "\\g<n>", "(?x)a", "[a", "a\\", "",
                          "\\x{110000}", "(?#c)a", "\\Qa\\E", "\\012", "[\\1]", "\\Ga"}) {
    EXPECT_FALSE(Examine(bad).errors.empty()) << bad;
  }
  for (const char* good : {"a(?:b|c)*", "a{2,3}?", "(?i:a)", "[^]a]", "\\x{1EAD}", "a\\+\\+",
                           "[[:alpha:]]+", "(?<n>a)", "x{y}"}) {
    EXPECT_TRUE(Examine(good).errors.empty()) << good;
    EXPECT_FALSE(Examine(good).beyond_hyperscan) << good;
  }
}

TEST(Expressions, WhatOnlyPcre2KnowsIsTakenAndSaid) {
  for (const char* slow : {"a(?!b)", "(?<=a)b", "(a)\\1", "a*+", "(?>a)", "\\Aa", "a\\z",
                           "(?<n>a)\\k<n>", "(?|a|b)"}) {
    const Anatomy anatomy = Examine(slow);
    EXPECT_TRUE(anatomy.errors.empty()) << slow;
    EXPECT_TRUE(anatomy.beyond_hyperscan) << slow;
    EXPECT_FALSE(anatomy.warnings.empty()) << slow;
  }
  EXPECT_TRUE(Examine("\\Aa").anchored);
}

TEST(Expressions, AreUtf8WhereACharacterOutsideAsciiCounts) {
  for (const char* utf8 : {"mật", "\\x{200B}", "\\p{L}", "a.b", "[^a]{2}", "\\xE1"}) {
    EXPECT_TRUE(Examine(utf8).utf8) << utf8;
  }
  for (const char* bytes : {"abc", "a.*b", "[^<]*<", "[a-z]{3}", "\\x41", "\\."}) {
    EXPECT_FALSE(Examine(bytes).utf8) << bytes;
  }
}

TEST(Lists, KnowAddressesDomainsSuffixesAndGlobs) {
  Diagnostics diagnostics;
  WordList list;
  list.AddFile("l.txt",
               "Gmail.com\n.gov.vn  # below\nboss@example.org\nyahoo.*\n@hotmail.com\n.exe\n",
               &diagnostics);
  EXPECT_FALSE(diagnostics.has_errors());
  EXPECT_TRUE(list.Contains("gmail.com"));
  EXPECT_TRUE(list.Contains("GMAIL.COM."));
  EXPECT_TRUE(list.Contains("someone@gmail.com"));
  EXPECT_FALSE(list.Contains("mail.gmail.com")) << "a domain is itself only";
  EXPECT_TRUE(list.Contains("a.b.gov.vn"));
  EXPECT_FALSE(list.Contains("gov.vn")) << "a suffix is what is below it";
  EXPECT_TRUE(list.Contains("Boss@Example.org"));
  EXPECT_FALSE(list.Contains("other@example.org"));
  EXPECT_TRUE(list.Contains("x@yahoo.com.vn"));
  EXPECT_TRUE(list.Contains("x@hotmail.com"));
  EXPECT_TRUE(list.Contains("setup.EXE"));
  EXPECT_TRUE(list.Contains("user%gmail.com@example.org")) << "the percent hack goes to gmail.com";
  EXPECT_FALSE(list.Contains(""));
}

TEST(Lists, FindDomainsWithLettersBeyondAsciiHoweverMailSpellsThem) {
  Diagnostics diagnostics;
  WordList list;
  list.AddFile("l.txt", "Bücher.example\n.mật.example\nan+x@thư.example\n", &diagnostics);
  EXPECT_FALSE(diagnostics.has_errors());
  for (const char* key :
       {"a@xn--bcher-kva.example", "a@BÜCHER.example", "xn--bcher-kva.example", "Bücher.example",
        "b.MẬT.example", "x@b.mật.example", "an+x@thư.example"}) {
    EXPECT_TRUE(list.Contains(key)) << key;
  }
  for (const char* key : {"bucher.example", "mật.example", "an@thư.example", "mua.bán", "é."}) {
    EXPECT_FALSE(list.Contains(key)) << key;
  }
}

TEST(Globs, AreNotQuadraticTraps) {
  EXPECT_TRUE(GlobMatches("VNS-0*", "VNS-012"));
  EXPECT_FALSE(GlobMatches("VNS-0*", "VNS-12"));
  EXPECT_TRUE(GlobMatches("*a*b*", "xxaxxbxx"));
  EXPECT_TRUE(GlobMatches("", ""));
  EXPECT_FALSE(GlobMatches("?", ""));
  const std::string many_stars = "*a*a*a*a*a*a*a*a*a*b";
  EXPECT_FALSE(GlobMatches(many_stars, std::string(20'000, 'a')));
}

}  // namespace
}  // namespace gatepost::ruleset
