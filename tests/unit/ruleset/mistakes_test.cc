// The mistakes that authors of rules make: each is named with file, line and column, and the
// sentence says what to do.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "src/ruleset/rule_set.h"

namespace gatepost::ruleset {
namespace {

namespace fs = std::filesystem;

// How a rule that is otherwise right begins ("$R") and ends ("$E").
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

// What is said about a folder with `content` as a.yaml, without the folder's name.
std::string Said(const std::string& content) {
  std::string name = (fs::temp_directory_path() / "gatepost-mistake-XXXXXX").string();
  const std::string folder = mkdtemp(name.data());
  std::ofstream(folder + "/a.yaml") << Expanded(content);
  Diagnostics diagnostics;
  const auto loaded = RuleSet::Load({folder}, &diagnostics);
  std::string said = loaded.ok() ? "loaded\n" : "refused\n";
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    said += diagnostic.ToString() + "\n";
  }
  for (size_t at = said.find(folder); at != std::string::npos; at = said.find(folder)) {
    said.erase(at, folder.size() + 1);
  }
  fs::remove_all(folder);
  return said;
}

struct Mistake {
  const char* what;
  const char* file;    // the file, as somebody may write it; see Expanded
  const char* place;   // LINE:COLUMN of the error
  const char* advice;  // what the sentence must hold
};

const std::vector<Mistake>& Mistakes() {
  static const std::vector<Mistake> kMistakes{
      {"a tab as indentation", "rules:\n\t- id: A-1\n", "2:1", "use blanks"},
      {"a tab further in", "$R    zones: [body]\n\tmatch: a\n$E", "5:1", "use blanks"},
      {"an unknown key", "$R    zones: [body]\n    match: a\n    sevirity: high\n$E", "6:5",
       "did you mean 'severity'?"},
      {"an unknown key of the file", "pack: p\nrule:\n  - id: A-1\n", "2:1",
       "did you mean 'rules'?"},
      {"a key given twice", "$R    zones: [body]\n    match: a\n    zones: [subject]\n$E", "6:5",
       "(first in line 4): keep one of them"},
      {"an expression that calls itself", "$R    zones: [body]\n    match: 'a(?R)?b'\n$E", "5:12",
       "write (?:"},
      {"no examples", "$R    zones: [body]\n    match: a\n", "2:5", "add examples: {match: [..]}"},
      {"only examples that match",
       "$R    zones: [body]\n    match: a\n    examples: {match: [a, b, c]}\n", "2:5",
       "add examples: {no_match: [..]}"},
      {"a text where a number is wanted", "$R    zones: [body]\n    match: a\n    score: five\n$E",
       "6:12", "must be a number such as 1.5"},
      {"a map where texts are wanted", "$R    zones: {body: yes}\n    match: a\n$E", "4:12",
       "must be a text or a list of texts"},
      {"a yes that is no boolean", "$R    zones: [body]\n    match: a\n    caseless: maybe\n$E",
       "6:15", "must be true or false"},
      {"an unknown list",
       "lists: {partners: [a.example]}\n$R    zones: [body]\n    lists: [partner]\n$E", "3:5",
       "did you mean 'partners'?"},
      {"a list whose file is not there",
       "lists: {partners: partners.txt}\n$R    zones: [body]\n    lists: [partners]\n$E", "1:19",
       "partners.txt: No such file"},
      {"an unknown fact",
       "$R    when: {fact: sender.our}\n    examples: {match: [{rules: []}], no_match: [{rules: "
       "[]}]}\n",
       "4:11", "did you mean 'sender.ours'?"},
      {"an unknown fact in an example",
       "$R    when: {fact: sender.ours}\n    examples: {match: [{facts: {sender.our: 'true'}}], "
       "no_match: [{rules: []}]}\n",
       "5:33", "did you mean 'sender.ours'?"},
      {"a rule that names itself",
       "$R    when: {rule: A-1}\n    examples: {match: [{rules: []}], no_match: [{rules: []}]}\n",
       "2:5", "may not refer to itself"},
      {"an unknown rule in a condition",
       "$R    when: {rule: A-2}\n    examples: {match: [{rules: []}], no_match: [{rules: []}]}\n",
       "4:11", "did you mean 'A-1'?"},
      {"the same id twice",
       "$R    zones: [body]\n    match: a\n$E  - id: A-1\n    title: {en: R, vi: R}\n    zones: "
       "[body]\n    match: a\n$E",
       "7:5", "rename one"},
      {"an unknown zone", "$R    zones: [boddy]\n    match: a\n$E", "4:12", "did you mean 'body'?"},
      {"no zones", "$R    match: a\n$E", "2:5", "such as [subject, body, attachment]"},
      {"an unknown form", "$R    zones: [body]\n    form: nfcc\n    match: a\n$E", "5:11",
       "raw, nfcraw, nfc, skel"},
      {"an unknown severity", "$R    zones: [body]\n    match: a\n    severity: hihg\n$E", "6:15",
       "info, low, medium, high or critical"},
      {"an unknown macro", "$R    zones: [body]\n    match: '<WORT>a'\n$E", "5:12",
       "for the sign itself write"},
      {"neither match nor when", "$R    zones: [body]\n$E", "2:5", "needs 'match'"},
      {"match and when", "$R    zones: [body]\n    match: a\n    when: {fact: sender.ours}\n$E",
       "5:12", "make it two rules"},
      {"a rule without an id",
       "rules:\n  - title: {en: R, vi: R}\n    zones: [body]\n    match: a\n$E", "2:5",
       "needs 'id: NAME'"},
      {"an id with a blank",
       "rules:\n  - id: A 1\n    title: {en: R, vi: R}\n    zones: [body]\n    match: a\n$E", "2:5",
       "of letters, digits"},
      {"rules that are no list", "rules:\n  id: A-1\n", "2:3", "must be a list ('- id: ..')"},
      {"a colon in a text without quotes",
       "$R    zones: [body]\n    match: a\n    why: one: two\n$E", "6:13", "between quotes"},
      {"an anchor", "$R    zones: &z [body]\n    match: a\n$E", "4:12", "remove it"},
      {"an example in a zone that the rule has not",
       "$R    zones: [body]\n    match: a\n    examples: {match: [{zone: subject, text: a}], "
       "no_match: [x]}\n",
       "6:24", "not one of the rule's"},
      {"a score out of range", "$R    zones: [body]\n    match: a\n    score: 1000\n$E", "6:12",
       "from -100 to 100"},
      {"two documents in a file", "$R    zones: [body]\n    match: a\n$E---\nrules: []\n", "7:1",
       "make it one"},
      {"a file that is not UTF-8",
       "pack: p\ntitle: {en: R, vi: V\xe8}\n$R    zones: [body]\n    match: a\n$E", "2:21",
       "save the file as UTF-8"},
  };
  return kMistakes;
}

TEST(Mistakes, AreNamedWithThePlaceAndWhatToDo) {
  for (const Mistake& mistake : Mistakes()) {
    const std::string said = Said(mistake.file);
    EXPECT_EQ(said.substr(0, 8), "refused\n") << mistake.what;
    // Both in one line: this error stands there.
    const size_t at = said.find("a.yaml:" + std::string(mistake.place) + ": error: ");
    ASSERT_NE(at, std::string::npos) << mistake.what << "\n" << said;
    const std::string line = said.substr(at, said.find('\n', at) - at);
    EXPECT_NE(line.find(mistake.advice), std::string::npos) << mistake.what << "\n" << said;
  }
}

TEST(Mistakes, AWordThatIsNearlyRightIsNamedAlready) {
  const std::pair<const char*, const char*> slips[] = {
      {"    severity: hihg\n",
       "'hihg' is no severity: info, low, medium, high or critical, did you mean 'high'?"},
      {"    severity: Hihg\n", "did you mean 'high'?"},
      {"    level: toi-mta\n", "did you mean 'toi-mat'?"},
      {"    mode: shadwo\n", "'shadwo' is no mode: shadow or enforce, did you mean 'shadow'?"},
      {"    form: nfcc\n", "did you mean 'nfc'?"}};
  for (const auto& [key, advice] : slips) {
    const std::string said =
        Said(std::string("$R    zones: [body]\n    match: abcd\n") + key + "$E");
    EXPECT_NE(said.find(advice), std::string::npos) << said;
  }
  // Nothing is near: nothing is guessed.
  EXPECT_EQ(
      Said("$R    zones: [body]\n    match: abcd\n    mode: nonsense\n$E").find("did you mean"),
      std::string::npos);
}

TEST(Mistakes, AMisspeltKeyIsSaidOnceAndNotAsAMissingOneToo) {
  const std::pair<const char*, const char*> slips[] = {
      {"$R    zonse: [body]\n    match: abcd\n$E", "did you mean 'zones'?"},
      {"$R    zones: [body]\n    mtach: abcd\n$E", "did you mean 'match'?"},
      {"$R    zones: [body]\n    match: abcd\n    exampels: {match: [a, b, c], no_match: [x, y, "
       "z]}\n",
       "did you mean 'examples'?"},
      {"$R    zones: [body]\n    match: abcd\n    examples: {match: [a, b, c], no_mach: [x, y, "
       "z]}\n",
       "did you mean 'no_match'?"}};
  for (const auto& [file, advice] : slips) {
    const std::string said = Said(file);
    EXPECT_NE(said.find(advice), std::string::npos) << said;
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 2) << said;  // "refused", and this
  }
  // A key that is right is no slip of one that is missing.
  EXPECT_NE(Said("$R    zones: [body]\n    mask: abcd\n$E").find("needs 'match'"),
            std::string::npos);
}

TEST(Mistakes, AZoneOfAHeaderFieldIsExplainedWhereItIsMiswritten) {
  for (const char* zone : {"'header:'", "'header: X-Mailer'", "header X-Mailer", "header:X-*"}) {
    const std::string said = Said(std::string("$R    zones: [") + zone + "]\n    match: abcd\n$E");
    EXPECT_NE(said.find("is no zone: one field is header:NAME, such as header:X-Mailer"),
              std::string::npos)
        << said;
  }
}

TEST(Mistakes, WhatIsOnlyUnusualLoads) {
  EXPECT_EQ(Said("\xEF\xBB\xBF$R    zones: [body]\n    match: abcd\n$E"), "loaded\n");
  EXPECT_EQ(Said("rules:\r\n  - id: A-1\r\n    title: {en: R, vi: R}\r\n    zones: [body]\r\n"
                 "    match: abcd\r\n$E"),
            "loaded\n");
  EXPECT_EQ(Said("---\n# mine\n$R    zones: [body]\n    match: abcd\n$E...\n"), "loaded\n");
  EXPECT_EQ(Said(""), "loaded\n");
  // A tab that indents nothing is no mistake either.
  EXPECT_EQ(Said("$R    zones: [body]\t# where\n    match: abcd\n$E"), "loaded\n");
}

}  // namespace
}  // namespace gatepost::ruleset
