// What the linter teaches: each doubtful thing has its place, a sentence that says what to do, and a
// neighbour that is right and about which nothing is said. SPDX-License-Identifier: GPL-2.0-or-later
#include "src/ruleset/lint.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "src/ruleset/rule_set.h"

namespace gatepost::ruleset {
namespace {

namespace fs = std::filesystem;

// "$R" begins a rule that is otherwise right, "$E" ends it.
std::string Expanded(std::string text) {
  const std::pair<const char*, const char*> pieces[] = {
      {"$R", "rules:\n  - id: A-1\n    title: {en: R, vi: R}\n"},
      {"$E", "    examples: {match: [a, b, c], no_match: [x, y, z]}\n"}};
  for (const auto& [name, piece] : pieces) {
    for (size_t at = text.find(name); at != std::string::npos; at = text.find(name)) {
      text.replace(at, 2, piece);
    }
  }
  return text;
}

// What is said about folders that hold these as a.yaml; their names become 1/, 2/...
std::string Said(const std::vector<std::string>& contents) {
  std::string name = (fs::temp_directory_path() / "gatepost-lint-XXXXXX").string();
  const std::string top = mkdtemp(name.data());
  std::vector<std::string> folders;
  for (size_t i = 0; i < contents.size(); ++i) {
    folders.push_back(top + "/" + std::to_string(i + 1));
    fs::create_directories(folders.back());
    std::ofstream(folders.back() + "/a.yaml") << Expanded(contents[i]);
  }
  Diagnostics diagnostics;
  const auto loaded = RuleSet::Load(folders, &diagnostics);
  std::string said = loaded.ok() ? "" : "refused\n";
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    said += diagnostic.ToString() + "\n";
  }
  for (size_t at = said.find(top); at != std::string::npos; at = said.find(top)) {
    said.erase(at, top.size() + 1);
  }
  fs::remove_all(top);
  return said;
}

struct Doubt {
  const char* what;
  const char* file;    // see Expanded
  const char* place;   // LINE:COLUMN of the warning
  const char* advice;  // what the sentence must hold
  const char* right;   // the same, as it should be: nothing is said
};

const std::vector<Doubt>& Doubts() {
  static const std::vector<Doubt> kDoubts{
      // Letters that the form never has.
      {"a letter with an accent in form fold",
       "$R    zones: [body]\n    form: fold\n    match: 'vay tiền'\n$E", "6:12",
       "form fold never has 'ề' (U+1EC1): write 'e'",
       "$R    zones: [body]\n    form: fold\n    match: 'vay tien'\n$E"},
      {"a capital in form fold", "$R    zones: [body]\n    form: fold\n    match: 'Vay tien'\n$E",
       "6:12", "never has 'V' (U+0056): write 'v'",
       "$R    zones: [body]\n    form: fold\n    caseless: true\n    match: 'Vay tien'\n$E"},
      {"a d with stroke in form fold", "$R    zones: [body]\n    form: fold\n    match: 'ưu đai'\n$E",
       "6:12", "form fold never has", "$R    zones: [body]\n    form: fold\n    match: 'uu dai'\n$E"},
      {"a digit that leet reads as a letter",
       "$R    zones: [body]\n    form: leet\n    match: 'v1agra'\n$E", "6:12",
       "form leet never has '1' (U+0031): write 'i'",
       "$R    zones: [body]\n    form: leet\n    match: 'viagra'\n$E"},
      {"a sign that leet reads as a letter",
       "$R    zones: [body]\n    form: leet\n    match: 'c@sino'\n$E", "6:12",
       "never has '@' (U+0040): write 'a'",
       "$R    zones: [body]\n    form: leet\n    match: 'casino'\n$E"},
      {"a blank in form compact", "$R    zones: [body]\n    form: compact\n    match: 'mua ngay'\n$E",
       "6:12", "never has U+0020: leave it out",
       "$R    zones: [body]\n    form: compact\n    match: 'muangay'\n$E"},
      {"a dash in form compact", "$R    zones: [body]\n    form: compact\n    match: 'e-mail'\n$E",
       "6:12", "never has '-'", "$R    zones: [body]\n    form: compact\n    match: 'email'\n$E"},
      {"a typographic quote in form nfc", "$R    zones: [body]\n    match: '“khẩn”'\n$E", "5:12",
       "form nfc never has '“' (U+201C): write '\"'",
       "$R    zones: [body]\n    match: '\"khẩn\"'\n$E"},
      {"a long dash in form nfc", "$R    zones: [body]\n    match: 'tin – khẩn'\n$E", "5:12",
       "write '-'", "$R    zones: [body]\n    match: 'tin - khẩn'\n$E"},
      {"a blank that does not break", "$R    zones: [body]\n    match: 'tin\xC2\xA0khẩn'\n$E", "5:12",
       "never has U+00A0: write ' '", "$R    zones: [body]\n    match: 'tin khẩn'\n$E"},
      {"a letter of no width", "$R    zones: [body]\n    match: 'kh\xE2\x80\x8B\x65n'\n$E", "5:12",
       "never has U+200B: leave it out", "$R    zones: [body]\n    match: 'khen'\n$E"},
      {"a tab in form nfc", "$R    zones: [body]\n    match: 'tin\\tkhẩn'\n$E", "5:12",
       "never has U+0009: write ' '", "$R    zones: [body]\n    match: 'tin[ \\t]khẩn'\n$E"},
      {"two blanks in form nfc", "$R    zones: [body]\n    match: 'tin  khẩn'\n$E", "5:12",
       "no two blanks one behind the other", "$R    zones: [body]\n    match: 'tin khẩn'\n$E"},
      {"a Cyrillic letter in form skel",
       "$R    zones: [body]\n    form: skel\n    match: 'b\xD0\xB0nk'\n$E", "6:12",
       "form skel never has 'а' (U+0430): write 'a'",
       "$R    zones: [body]\n    form: skel\n    match: 'bank'\n$E"},
      {"a class of dead letters", "$R    zones: [body]\n    form: fold\n    match: 'vay[ÀÁ]tien'\n$E",
       "6:12", "form fold never has", "$R    zones: [body]\n    form: fold\n    match: 'vay[àa]tien'\n$E"},
      {"a dead letter in unless",
       "$R    zones: [body]\n    form: fold\n    match: 'vay tien'\n    unless: ['đùa']\n$E", "7:14",
       "form fold never has", "$R    zones: [body]\n    form: fold\n    match: 'vay tien'\n    unless: "
       "['dua']\n$E"},
      // Letters that may be written in several ways.
      {"letters in pieces", "$R    zones: [body]\n    match: 'ti\xCC\x81" "ch thu'\n$E", "5:12",
       "write it with composed letters", "$R    zones: [body]\n    match: 'tích thu'\n$E"},
      {"composed letters in raw text", "$R    zones: [body]\n    form: raw\n    match: 'mật khẩu'\n$E",
       "6:12", "in pieces (NFD, or half composed", "$R    zones: [body]\n    match: 'mật khẩu'\n$E"},
      {"the old place of a tone mark alone", "$R    zones: [body]\n    match: '<B>hòa giải<E>'\n$E",
       "5:12", "'òa' is also written 'oà'",
       "$R    zones: [body]\n    match: '<B>h(?:òa|oà) giải<E>'\n$E"},
      {"the new place of a tone mark alone", "$R    zones: [body]\n    match: '<B>thuỷ lợi<E>'\n$E",
       "5:12", "write (?:uỷ|ủy)", "$R    zones: [body]\n    match: '<B>quỷ quyệt<E>'\n$E"},
      {"a word's edge beside Vietnamese", "$R    zones: [body]\n    match: '\\bđóng gói'\n$E", "5:12",
       "write <B> or <E>", "$R    zones: [body]\n    match: '<B>đóng gói'\n$E"},
      {"a word's letters", "$R    zones: [body]\n    match: 'gói \\w{2,9} thầu'\n$E", "5:12",
       "knows ASCII letters only", "$R    zones: [body]\n    match: 'gói [A-Za-zÀ-ỹ]{2,9} thầu'\n$E"},
      // What is slow.
      {"no literal", "$R    zones: [body]\n    match: '[a-z]{4}[0-9]{4}'\n$E", "5:12",
       "no run of three characters", "$R    zones: [body]\n    match: 'mã [a-z]{4}[0-9]{4}'\n$E"},
      {"an alternative without a literal", "$R    zones: [body]\n    match: '(?:khuyến mại|[0-9]{9})'\n$E",
       "5:12", "no run of three characters",
       "$R    zones: [body]\n    match: '(?:khuyến mại|số [0-9]{9})'\n$E"},
      {"a match of one letter", "$R    zones: [body]\n    match: '[0-9]+'\n$E", "5:12",
       "one or two characters", "$R    zones: [body]\n    match: 'số [0-9]+'\n$E"},
      {"a gap without end", "$R    zones: [body]\n    match: '[0-9]{4}.*[a-z]{4}'\n$E", "5:12",
       "give it an end, such as .{0,80}", "$R    zones: [body]\n    match: 'trúng.*thưởng'\n$E"},
      {"a gap of all but a few", "$R    zones: [body]\n    match: '[0-9]{4}[^.]+[a-z]{4}'\n$E", "5:12",
       "a gap without end", "$R    zones: [body]\n    match: 'trúng[^.]+thưởng'\n$E"},
      {"a gap at the beginning", "$R    zones: [body]\n    match: '.*trúng thưởng'\n$E", "5:12",
       "changes nothing and costs much", "$R    zones: [body]\n    match: 'trúng thưởng'\n$E"},
      {"a gap at the end", "$R    zones: [body]\n    match: 'trúng thưởng.*'\n$E", "5:12",
       "changes nothing and costs much", "$R    zones: [body]\n    match: 'trúng thưởng'\n$E"},
      {"a repeat in a repeat", "$R    zones: [body]\n    match: 'giảm (?:[0-9]+ *)+phần'\n$E", "5:12",
       "a repeat without end inside another one",
       "$R    zones: [body]\n    match: 'giảm (?:[0-9]{1,9} {0,9})+phần'\n$E"},
      {"a very large count", "$R    zones: [body]\n    match: 'giảm.{0,4000}giá'\n$E", "5:12",
       "count fewer", "$R    zones: [body]\n    match: 'giảm.{0,400}giá'\n$E"},
      {"a large count of a group", "$R    zones: [body]\n    match: 'giảm(?:[a-z]{60}){40}giá'\n$E",
       "5:12", "count fewer", "$R    zones: [body]\n    match: 'giảm(?:[a-z]{6}){40}giá'\n$E"},
      {"an expression that stands there twice",
       "$R    zones: [body]\n    match:\n      - trúng thưởng\n      - trúng thưởng\n$E", "7:9",
       "stands in line 6 already: remove one",
       "$R    zones: [body]\n    match:\n      - trúng thưởng\n      - trúng giải\n$E"},
      // Lists.
      {"a link in a list", "lists:\n  bad: ['http://evil.example/']\n$R    zones: [body]\n    lists: [bad]\n$E",
       "2:9", "list its host alone", "lists:\n  bad: [evil.example]\n$R    zones: [body]\n    lists: [bad]\n$E"},
      {"a network in a list", "lists:\n  bad: [192.0.2.0/24]\n$R    zones: [body]\n    lists: [bad]\n$E",
       "2:9", "is a network", "lists:\n  bad: [192.0.2.7]\n$R    zones: [body]\n    lists: [bad]\n$E"},
      {"two addresses in an entry",
       "lists:\n  bad: ['a@b.example,c@d.example']\n$R    zones: [from]\n    lists: [bad]\n$E", "2:9",
       "one entry a line", "lists:\n  bad: [a@b.example, c@d.example]\n$R    zones: [from]\n    lists: "
       "[bad]\n$E"},
      {"an address without a domain",
       "lists:\n  bad: ['sales@']\n$R    zones: [from]\n    lists: [bad]\n$E", "2:9",
       "write the domain behind it",
       "lists:\n  bad: ['sales@b.example']\n$R    zones: [from]\n    lists: [bad]\n$E"},
      {"an entry that stands there twice",
       "lists:\n  bad: [b.example, c.example, B.example]\n$R    zones: [from]\n    lists: [bad]\n$E",
       "2:31", "is in the list already",
       "lists:\n  bad: [b.example, c.example]\n$R    zones: [from]\n    lists: [bad]\n$E"},
      {"a domain with two dots",
       "lists:\n  bad: [b..example]\n$R    zones: [from]\n    lists: [bad]\n$E", "2:9",
       "two dots one behind the other",
       "lists:\n  bad: [.b.example]\n$R    zones: [from]\n    lists: [bad]\n$E"},
      {"a phrase in a list that is looked up",
       "lists:\n  bad: [mua ngay]\n$R    zones: [body]\n    lists: [bad]\n$E", "4:5",
       "use @bad in 'match'", "lists:\n  bad: [mua ngay]\n$R    zones: [body]\n    match: '@bad'\n$E"},
      // Rules as a whole.
      {"a mode that the pack overrules",
       "default: off\n$R    zones: [body]\n    match: trúng thưởng\n    mode: enforce\n$E", "7:11",
       "the pack is off", "default: off\n$R    zones: [body]\n    match: trúng thưởng\n$E"},
      {"fewer than three examples",
       "$R    zones: [body]\n    match: trúng thưởng\n    examples: {match: [a, b], no_match: [x, y, "
       "z]}\n",
       "2:5", "fewer than three examples", "$R    zones: [body]\n    match: trúng thưởng\n$E"},
      {"no title", "rules:\n  - id: A-1\n    zones: [body]\n    match: trúng thưởng\n$E", "2:5",
       "add title: {en: .., vi: ..}", "$R    zones: [body]\n    match: trúng thưởng\n$E"},
      {"a title in one language",
       "rules:\n  - id: A-1\n    title: {vi: R}\n    zones: [body]\n    match: trúng thưởng\n$E", "2:5",
       "in one language only", "$R    zones: [body]\n    match: trúng thưởng\n$E"},
  };
  return kDoubts;
}

TEST(Lint, NamesWhatIsDoubtfulWithItsPlaceAndWhatToDo) {
  for (const Doubt& doubt : Doubts()) {
    const std::string said = Said({doubt.file});
    const size_t at = said.find("1/a.yaml:" + std::string(doubt.place) + ": warning: ");
    ASSERT_NE(at, std::string::npos) << doubt.what << "\n" << said;
    // Several things may be wrong at one place.
    const std::string prefix = "1/a.yaml:" + std::string(doubt.place) + ": warning: ";
    bool found = false;
    for (size_t line = at; line != std::string::npos; line = said.find(prefix, line + 1)) {
      const std::string sentence = said.substr(line, said.find('\n', line) - line);
      found = found || sentence.find(doubt.advice) != std::string::npos;
    }
    EXPECT_TRUE(found) << doubt.what << "\n" << said;
    EXPECT_EQ(said.find("refused"), std::string::npos) << doubt.what << "\n" << said;
  }
}

TEST(Lint, SaysNothingAboutWhatIsRight) {
  for (const Doubt& doubt : Doubts()) {
    EXPECT_EQ(Said({doubt.right}), "") << doubt.what;
  }
}

const char* const kRule = "$R    zones: [body]\n    match: trúng thưởng\n    score: 3\n$E";

TEST(Lint, AnOverrideThatSaysTheSameIsPointedOut) {
  EXPECT_EQ(Said({kRule, kRule}),
            "2/a.yaml:2:5: warning: rule A-1 replaces the one in 1/a.yaml:2 and says the same: remove "
            "it, so that later corrections there take effect\n");
}

TEST(Lint, AnOverrideInShadowThatHidesAnEnforcedRuleIsPointedOut) {
  const std::string said =
      Said({kRule, "$R    zones: [body]\n    match: trúng giải\n    mode: shadow\n$E"});
  EXPECT_NE(said.find("2/a.yaml:2:5: warning: rule A-1 is in shadow mode and hides the enforced one"),
            std::string::npos)
      << said;
}

TEST(Lint, AnOverrideThatIsItselfReplacedIsPointedOut) {
  const std::string said = Said({kRule, "$R    zones: [body]\n    match: trúng giải\n$E",
                                 "$R    zones: [body]\n    match: trúng lớn\n$E"});
  EXPECT_NE(said.find("2/a.yaml:2:5: warning: rule A-1 replaces the one in 1/a.yaml:2 and is itself "
                      "replaced in 3/a.yaml:2: remove this one"),
            std::string::npos)
      << said;
}

TEST(Lint, AnOverrideThatChangesSomethingIsWelcome) {
  EXPECT_EQ(Said({kRule, "$R    zones: [body]\n    match: trúng thưởng\n    score: 5\n$E"}), "");
}

TEST(Lint, AMacroThatALaterFolderReplacesIsPointedOut) {
  const std::string rule = "$R    zones: [body]\n    match: 'trúng <X>'\n$E";
  const std::string said = Said({"macros: {<X>: thưởng}\n" + rule, "macros:\n  <X>: giải\n"});
  EXPECT_NE(said.find("2/a.yaml:2:3: warning: macro '<X>' replaces the one in 1/a.yaml:1"),
            std::string::npos)
      << said;
}

TEST(Lint, AnUnknownKeyWithoutANearOneSaysWhatThereIs) {
  const std::string said = Said({"$R    zones: [body]\n    match: trúng\n    colour: red\n$E"});
  EXPECT_NE(said.find("1/a.yaml:6:5: error: unknown key 'colour' in a rule: it may hold id, title, "),
            std::string::npos)
      << said;
}

}  // namespace
}  // namespace gatepost::ruleset
