// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/decision_index.h"

#include "src/record/decision_log.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::record {
namespace {

class DecisionIndexTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    DecisionLog::Options options;
    options.path = folder_ + "/log";
    options.reserve_bytes = 4096;
    log_ = std::move(DecisionLog::Open(options)).value();
  }
  std::unique_ptr<DecisionIndex> Open() {
    auto index = DecisionIndex::Open(folder_ + "/decisions.sqlite", folder_ + "/log");
    EXPECT_TRUE(index.ok()) << index.status().message();
    return std::move(index).value();
  }
  std::string Log(const std::string& sender, const std::string& queue_id, const char* rule) {
    Decision decision = HeldDecision(sender);
    decision.envelope.queue_id = queue_id;
    decision.held_id = "GP-20261123-204512-7F3K9QZ2";
    inspect::RuleHit hit;
    hit.id = rule;
    decision.findings.hits.push_back(hit);
    EXPECT_TRUE(log_->Append(ToJson(decision, "key")).ok());
    return decision.id;
  }
  static std::vector<std::string> Ids(DecisionIndex* index, const DecisionQuery& query) {
    std::vector<std::string> ids;
    const auto found = index->Find(query);
    EXPECT_TRUE(found.ok()) << found.status().message();
    for (const DecisionRow& row : *found) {
      ids.push_back(row.record.value("id", ""));
    }
    return ids;
  }
  std::unique_ptr<DecisionLog> log_;
};

TEST_F(DecisionIndexTest, WhateverThePersonHasInHandFindsTheMessage) {
  const std::string first = Log("a@outside.example", "4AAA", "RUL-1");
  const std::string second = Log("B@Other.example", "4BBB", "RUL-2");
  const auto index = Open();
  bool behind = true;
  ASSERT_TRUE(index->Follow(0, &behind).ok());
  EXPECT_FALSE(behind);
  using Ids_ = std::vector<std::string>;
  DecisionQuery query;
  EXPECT_EQ(Ids(index.get(), query), (Ids_{second, first})) << "newest first";
  query.queue_id = "4AAA";
  EXPECT_EQ(Ids(index.get(), query), Ids_{first});
  query = {};
  query.id = second;
  EXPECT_EQ(Ids(index.get(), query), Ids_{second});
  query.id = "GP-20261123-204512-7F3K9QZ2";
  EXPECT_EQ(Ids(index.get(), query).size(), 2U);
  query = {};
  query.address = "b@other.EXAMPLE";
  EXPECT_EQ(Ids(index.get(), query), Ids_{second});
  query.address = "@office.example";
  EXPECT_EQ(Ids(index.get(), query).size(), 2U);
  query.rule = "RUL-1";
  EXPECT_EQ(Ids(index.get(), query), Ids_{first});
  query = {};
  query.rule = "RUL-2";
  EXPECT_EQ(Ids(index.get(), query), Ids_{second});
  query = {};
  query.message_id = "<1@outside.example>";
  EXPECT_EQ(Ids(index.get(), query).size(), 2U);
  query.since_ms = NowUnixMs() + 1'000'000;
  EXPECT_TRUE(Ids(index.get(), query).empty());
}

TEST_F(DecisionIndexTest, NothingIsTakenInTwiceAndADamagedFileIsMadeAnew) {
  Log("a@outside.example", "4AAA", "RUL-1");
  bool behind = true;
  {
    const auto index = Open();
    ASSERT_TRUE(index->Follow(0, &behind).ok());
    ASSERT_TRUE(index->Follow(0, &behind).ok());
    Log("a@outside.example", "4AAB", "RUL-1");
    ASSERT_TRUE(index->Follow(0, &behind).ok());
    EXPECT_EQ(Ids(index.get(), {}).size(), 2U);
    int64_t held = 0;
    for (const HourSum& sum : *index->Sums(0, NowUnixMs() + 3'600'000)) {
      held += sum.kind == "action" && sum.key == "quarantine" ? sum.count : 0;
    }
    EXPECT_EQ(held, 2);
  }
  Spill(folder_ + "/decisions.sqlite", std::string(5'000, 'x'));
  const auto index = Open();
  ASSERT_TRUE(index->Follow(0, &behind).ok());
  EXPECT_EQ(Ids(index.get(), {}).size(), 2U);
}

}  // namespace
}  // namespace gatepost::record
