// Good generations on disk, and what is known of packages.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/shelf.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "src/base/clock.h"
#include "src/base/files.h"
#include "src/gateway/packages.h"

namespace gatepost::gateway {
namespace {

namespace fs = std::filesystem;

class State : public testing::Test {
 protected:
  State() {
    std::string name = "/tmp/gatepost-shelf-XXXXXX";
    folder_ = mkdtemp(name.data());
  }
  ~State() override { fs::remove_all(folder_); }

  static RuleFiles Files(const std::string& word) {
    RuleFiles files;
    files.sources = ruleset::Sources::OfFiles(
        {{"/rules", false, {}}},
        {{{0, "a.yaml"}, std::make_shared<const std::string>("a " + word)},
         {{0, "same.yaml"}, std::make_shared<const std::string>("always the same")}});
    files.policy_file = "/policy.yaml";
    files.policy = "policy";
    return files;
  }
  uint64_t Put(Shelf* shelf, const std::string& word, const std::string& how = "reload") {
    const Result<uint64_t> number =
        shelf->Put(Files(word), {{"at", Rfc3339(1'000'000'000'000 + ++turn_ * 1'000)},
                                 {"how", how},
                                 {"versions", {{"rules", word}, {"policy", "p"}}}});
    EXPECT_TRUE(number.ok()) << number.status().message();
    return number.ok() ? *number : 0;
  }
  size_t Blobs() const {
    size_t count = 0;
    for (const auto& one : fs::directory_iterator(folder_ + "/generations/blobs")) {
      count += one.is_regular_file() ? 1 : 0;
    }
    return count;
  }

  std::string folder_;
  int64_t turn_ = 0;
};

TEST_F(State, AGenerationComesBackByteForByteAndTheSameOneKeepsItsNumber) {
  Shelf shelf(folder_);
  EXPECT_EQ(Put(&shelf, "amber"), 1U);
  EXPECT_EQ(Put(&shelf, "cobalt"), 2U);
  EXPECT_EQ(Put(&shelf, "amber"), 1U);
  const Result<RuleFiles> files = shelf.Get(2);
  ASSERT_TRUE(files.ok()) << files.status().message();
  EXPECT_EQ(*files->sources.files().at({0, "a.yaml"}), "a cobalt");
  EXPECT_EQ(files->sources.folders()[0].path, "/rules");
  EXPECT_EQ(files->policy, "policy");
  EXPECT_EQ(Blobs(), 4U);  // two of a.yaml, the one that both have, the policy
  EXPECT_EQ(*shelf.Find(""), 1U);
  ASSERT_TRUE(shelf.SetActive({1, nullptr}).ok());
  EXPECT_EQ(*shelf.Find(""), 2U);
  EXPECT_EQ(*shelf.Find("coba"), 2U);
  EXPECT_EQ(shelf.Find("7").status().code(), Code::kNotFound);
}

TEST_F(State, TheOldestGoWithTheirContentsAndListsPushNobodyOut) {
  Shelf shelf(folder_);
  for (int i = 0; i < 15; ++i) {
    Put(&shelf, "by-hand-" + std::to_string(i));
  }
  for (int i = 0; i < 15; ++i) {
    Put(&shelf, "list-" + std::to_string(i), "lists");
  }
  const std::vector<Json> all = shelf.List();
  EXPECT_EQ(all.size(), Shelf::kMostKept + Shelf::kMostOfLists);
  EXPECT_EQ(all.back()["versions"]["rules"], "by-hand-5");
  EXPECT_EQ(Blobs(), all.size() + 2);
}

TEST_F(State, WhatIsInForceIsNeverThrownAway) {
  Shelf shelf(folder_);
  const uint64_t first = Put(&shelf, "first");
  ASSERT_TRUE(shelf.SetActive({first, {{"why", "a rollback"}}}).ok());
  for (int i = 0; i < 15; ++i) {
    Put(&shelf, "later-" + std::to_string(i));
  }
  EXPECT_TRUE(shelf.Get(first).ok());
  EXPECT_EQ(shelf.active().rollback["why"], "a rollback");
}

TEST_F(State, AContentThatWasChangedOnDiskDoesNotDecide) {
  Shelf shelf(folder_);
  const uint64_t number = Put(&shelf, "amber");
  for (const auto& one : fs::directory_iterator(folder_ + "/generations/blobs")) {
    std::ofstream(one.path(), std::ios::app) << "and more";
  }
  EXPECT_EQ(shelf.Get(number).status().code(), Code::kInvalid);
}

TEST_F(State, AContentThatWasDamagedIsWrittenAnewWhenItComesAgain) {
  Shelf shelf(folder_);
  const uint64_t number = Put(&shelf, "amber");
  for (const auto& one : fs::directory_iterator(folder_ + "/generations/blobs")) {
    std::ofstream(one.path(), std::ios::trunc) << "";
  }
  ASSERT_FALSE(shelf.Get(number).ok());
  EXPECT_EQ(Put(&shelf, "amber"), number);
  const Result<RuleFiles> files = shelf.Get(number);
  ASSERT_TRUE(files.ok()) << files.status().message();
  EXPECT_EQ(*files->sources.files().at({0, "a.yaml"}), "a amber");
}

TEST_F(State, FilesOfGenerationsThatSayAnythingAtAllAreOnlyLeftOut) {
  Shelf shelf(folder_);
  const uint64_t number = Put(&shelf, "amber");
  const std::string folder = folder_ + "/generations/";
  std::ofstream(folder + "7.json")
      << R"({"number":7,"files":[],"folders":[],"policy":{},"versions":1})";
  std::ofstream(folder + "8.json")
      << R"({"number":"8","files":1,"folders":2,"policy":3,"versions":{}})";
  std::ofstream(folder + "9.json") << "[";
  EXPECT_EQ(shelf.List().size(), 1U);
  EXPECT_EQ(Put(&shelf, "cobalt"), number + 1);
  EXPECT_FALSE(shelf.active().damaged) << "none was in force yet";
  for (const char* text : {"", "7", "{}", R"({"number":"1","rollback":null})", "{\"num"}) {
    std::ofstream(folder + "active.json", std::ios::trunc) << text;
    EXPECT_TRUE(shelf.active().damaged) << text;
    EXPECT_EQ(shelf.active().number, 0U) << text;
  }
  ASSERT_TRUE(shelf.SetActive({0, nullptr}).ok());
  EXPECT_FALSE(shelf.active().damaged) << "what is set is set, whatever lay there";
}

std::string Pack(const std::vector<std::string>& ids, const std::string& word) {
  std::string text = "pack: p\nversion: 1.0.0\nrules:\n";
  for (const std::string& id : ids) {
    text += "  - {id: " + id + ", title: {en: x, vi: x}, why: x, zones: [body], match: " + word +
            ", score: 1, examples: {match: [" + word + "], no_match: [none]}}\n";
  }
  return text;
}

std::shared_ptr<const ruleset::RuleSet> Load(ruleset::Sources sources, const Packages& packages) {
  sources.SetKnownRules(packages.known());
  Diagnostics diagnostics;
  const auto rules = ruleset::RuleSet::Load(&sources, &diagnostics);
  EXPECT_TRUE(rules.ok()) << rules.status().message();
  return rules.ok() ? *rules : nullptr;
}

ruleset::Sources Of(const std::string& package, const std::string& site) {
  return ruleset::Sources::OfFiles({{"/usr/rules", true, {}}, {"/etc/rules", false, {}}},
                                   {{{0, "p.yaml"}, std::make_shared<const std::string>(package)},
                                    {{1, "s.yaml"}, std::make_shared<const std::string>(site)}});
}

TEST_F(State, AFolderThatIsHalfReplacedMakesNoRuleNew) {
  Packages packages(folder_);
  const ruleset::Sources whole = Of(Pack({"A-1", "A-2"}, "x"), Pack({"S-1"}, "x"));
  ASSERT_TRUE(packages.Learn(*Load(whole, packages), whole).ok());
  const ruleset::Sources half = Of(Pack({"A-1"}, "x"), Pack({"S-1"}, "x"));
  ASSERT_TRUE(packages.Learn(*Load(half, packages), half).ok());
  const auto again =
      Load(Of(Pack({"A-1", "A-2", "A-3"}, "x"), Pack({"S-1", "S-2"}, "x")), packages);
  EXPECT_FALSE(again->Find("A-2")->arrived);
  EXPECT_TRUE(again->Find("A-3")->arrived);
  EXPECT_EQ(again->Find("A-3")->mode, ruleset::Mode::kShadow);
  EXPECT_FALSE(again->Find("S-2")->arrived);
}

TEST_F(State, APackThatTheSiteSwitchesOnIsAcceptedWithIt) {
  Packages packages(folder_);
  const std::string off = "default: off\n" + Pack({"A-1"}, "x");
  const ruleset::Sources before = Of(off, Pack({"S-1"}, "x"));
  ASSERT_TRUE(packages.Learn(*Load(before, packages), before).ok());
  const auto after = Load(Of(off, "pack: p\ndefault: on\n"), packages);
  EXPECT_EQ(after->Find("A-1")->mode, ruleset::Mode::kEnforce);
}

TEST_F(State, AnOverrideIsToldWhenWhatItHidesHasChangedAndNotForAComment) {
  Packages packages(folder_);
  const ruleset::Sources first = Of(Pack({"A-1"}, "x"), Pack({"A-1"}, "mine"));
  ASSERT_TRUE(packages.Learn(*Load(first, packages), first).ok());
  const auto commented =
      Load(Of("# a new comment\n" + Pack({"A-1"}, "x"), Pack({"A-1"}, "mine")), packages);
  EXPECT_FALSE(packages.OverridesOf(*commented).at(0).changed);
  const ruleset::Sources second = Of(Pack({"A-1"}, "y"), Pack({"A-1"}, "mine"));
  const auto changed = Load(second, packages);
  EXPECT_TRUE(packages.OverridesOf(*changed).at(0).changed);
  ASSERT_TRUE(packages.Learn(*changed, second).ok());  // being in force is not being looked at
  EXPECT_TRUE(packages.OverridesOf(*changed).at(0).changed);
  ASSERT_TRUE(packages.Looked(*changed, {}).ok());
  EXPECT_FALSE(packages.OverridesOf(*changed).at(0).changed);
}

TEST_F(State, SourcesOverTheWireAreTheSameAndABrokenWireIsNoSources) {
  ruleset::Sources sources = Of(Pack({"A-1"}, "x"), std::string("any\0bytes\n", 10));
  sources.SetKnownRules(std::make_shared<const std::set<std::string>>(std::set<std::string>{"A"}));
  const std::string wire = sources.Serialize();
  const Result<ruleset::Sources> back = ruleset::Sources::Deserialize(wire);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->Serialize(), wire);
  for (size_t cut = 0; cut < wire.size(); cut += 7) {
    const Result<ruleset::Sources> part = ruleset::Sources::Deserialize(wire.substr(0, cut));
    EXPECT_TRUE(!part.ok() || part->files().size() < 2) << cut;
  }
}

}  // namespace
}  // namespace gatepost::gateway
