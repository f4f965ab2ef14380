// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/held_table.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "src/record/quarantine.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::record {
namespace {

class HeldTableTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    table_ = std::make_unique<HeldTable>(folder_ + "/held");
    store_ = std::move(Quarantine::Open(folder_ + "/held")).value();
  }
  std::string Hold(const std::string& category, const std::string& sender,
                   const std::string& subject, const std::string& rule) {
    Decision decision = HeldDecision(sender);
    decision.verdict.category = category;
    decision.findings.subject = subject;
    inspect::RuleHit hit;
    hit.id = rule;
    decision.findings.hits.push_back(hit);
    const Fd fd = Message("Subject: " + subject + "\r\n\r\n" + decision.id);
    return store_->Hold(decision, fd.get()).value();
  }
  static HeldQuery All() {
    HeldQuery query;
    HeldScope all;
    all.subjects = true;
    query.scopes.push_back(all);
    return query;
  }
  HeldPage List(const HeldQuery& query) {
    Result<HeldPage> page = table_->List(query);
    EXPECT_TRUE(page.ok()) << page.status().message();
    return page.ok() ? std::move(page).value() : HeldPage();
  }

  std::unique_ptr<Quarantine> store_;
  std::unique_ptr<HeldTable> table_;
};

// Without them the next process that leaves takes itself for the last one and removes the
// write-ahead log that this one goes on writing to.
TEST_F(HeldTableTest, ASecondConnectionLeavesTheLocksOfTheFirstAlone) {
  Hold("spam", "a@outside.example", "x", "R-1");
  List(All());
  struct stat info {};
  ASSERT_EQ(stat((folder_ + "/held/index.sqlite").c_str(), &info), 0);
  const std::string inode = ":" + std::to_string(info.st_ino) + " ";
  const std::string process = " " + std::to_string(getpid()) + " ";
  std::ifstream locks("/proc/locks");
  bool ours = false;
  for (std::string line; std::getline(locks, line);) {
    ours |= line.find(inode) != std::string::npos && line.find(process) != std::string::npos;
  }
  EXPECT_TRUE(ours);
}

TEST_F(HeldTableTest, AFolderWithoutIndexIsAnEmptyList) {
  HeldTable table(folder_ + "/nowhere");
  const Result<HeldPage> page = table.List(All());
  ASSERT_TRUE(page.ok()) << page.status().message();
  EXPECT_EQ(page->total, 0U);
}

TEST_F(HeldTableTest, WhatAnotherProcessChangesIsSeenByTheNextQuestion) {
  EXPECT_EQ(List(All()).total, 0U);
  const std::string id = Hold("spam", "x@outside.example", "one", "SPA-001");
  EXPECT_EQ(List(All()).total, 1U);
  ASSERT_TRUE(store_->Delete(id, "tester").ok());
  HeldQuery query = All();
  query.states = {"held"};
  EXPECT_EQ(List(query).total, 0U);
  query.states = {"deleted"};
  EXPECT_EQ(List(query).total, 1U);
  ASSERT_TRUE(store_->Rebuild().ok());
  EXPECT_EQ(List(query).total, 1U);
  EXPECT_EQ(List(All()).total, 1U);
}

TEST_F(HeldTableTest, EachFilterFindsItsOwnAndNothingElse) {
  Hold("spam", "win@prize.example", "Bán mực in", "SPA-001");
  Hold("virus", "x@outside.example", "invoice", "VIR-007");
  HeldQuery query = All();
  query.categories = {"virus"};
  EXPECT_EQ(List(query).total, 1U);
  query = All();
  query.sender = "PRIZE";
  ASSERT_EQ(List(query).total, 1U);
  EXPECT_EQ(List(query).rows[0].sender, "win@prize.example");
  query = All();
  query.rule = "VIR-*";
  EXPECT_EQ(List(query).total, 1U);
  query.rule = "VIR-0";
  EXPECT_EQ(List(query).total, 0U);
  query = All();
  query.text = "BÁN MỰC";
  EXPECT_EQ(List(query).total, 1U);
  query.text = "b@office";
  EXPECT_EQ(List(query).total, 2U);
  query = All();
  query.until_ms = 1'000;
  EXPECT_EQ(List(query).total, 0U);
}

TEST_F(HeldTableTest, AScopeHidesOtherCategoriesOtherUnitsAndSubjects) {
  Hold("spam", "a@outside.example", "secret word", "SPA-001");
  Hold("marking", "b@outside.example", "another", "VNM-001");
  HeldQuery query;
  EXPECT_EQ(List(query).total, 0U) << "no scope, nothing to see";
  query.scopes = {{{"spam"}, {"@office.example"}, false}};
  const HeldPage page = List(query);
  ASSERT_EQ(page.total, 1U);
  EXPECT_EQ(page.rows[0].subject, "");
  query.text = "secret";
  EXPECT_EQ(List(query).total, 0U) << "a search must not tell what the list hides";
  query.text.clear();
  query.scopes = {{{}, {"a@office.example"}, true}};
  EXPECT_EQ(List(query).total, 2U);
  query.scopes = {{{}, {"@elsewhere.example", "c@office.example"}, true}};
  EXPECT_EQ(List(query).total, 0U);
}

TEST_F(HeldTableTest, PagesWalkedEitherWayAreTheSameAndLeaveNothingOut) {
  for (int i = 0; i < 23; ++i) {
    Hold(i % 2 == 0 ? "spam" : "virus", "s" + std::to_string(i % 5) + "@outside.example", "", "R");
  }
  for (const HeldSort sort :
       {HeldSort::kTime, HeldSort::kSender, HeldSort::kRecipient, HeldSort::kCategory,
        HeldSort::kState, HeldSort::kSize, HeldSort::kScore}) {
    for (const bool descending : {true, false}) {
      HeldQuery query = All();
      query.sort = sort;
      query.descending = descending;
      query.limit = 5;
      std::vector<std::string> forward;
      while (true) {
        const HeldPage page = List(query);
        EXPECT_EQ(page.before, forward.size());
        for (const HeldRow& row : page.rows) {
          forward.push_back(row.id);
        }
        if (page.rows.size() < 5) {
          break;
        }
        query.after = page.rows.back().id;
      }
      EXPECT_EQ(forward.size(), 23U);
      query.after.clear();
      query.last = true;
      std::vector<std::string> backward;
      while (true) {
        const HeldPage page = List(query);
        for (auto row = page.rows.rbegin(); row != page.rows.rend(); ++row) {
          backward.insert(backward.begin(), row->id);
        }
        if (page.before == 0 || page.rows.empty()) {
          break;
        }
        query.last = false;
        query.before = page.rows.front().id;
      }
      EXPECT_EQ(backward, forward);
    }
  }
}

}  // namespace
}  // namespace gatepost::record
