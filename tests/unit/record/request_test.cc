// Releases that two persons decide.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <thread>

#include "src/record/quarantine.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::record {
namespace {

class RequestTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    StoreOptions options;
    options.folder = folder_ + "/held";
    options.two_persons = {"unscannable"};
    auto store = Quarantine::Open(options);
    ASSERT_TRUE(store.ok());
    store_ = std::move(store).value();
    const Fd fd = Message("bytes");
    Decision decision = HeldDecision();
    decision.verdict.category = "unscannable";
    const auto id = store_->Hold(decision, fd.get());
    ASSERT_TRUE(id.ok());
    id_ = *id;
  }
  Result<ReleaseRequest> Ask(const std::string& by, int64_t valid_ms = 60'000) {
    return store_->RequestRelease(id_, by, "needed today", {}, valid_ms);
  }
  Result<ReleaseRequest> Decide(bool approve, const std::string& by, const std::string& reason) {
    Quarantine::RequestDecision decision;
    decision.approve = approve;
    decision.by = by;
    decision.reason = reason;
    return store_->DecideRequest(id_, decision);
  }
  std::unique_ptr<Quarantine> store_;
  std::string id_;
};

TEST_F(RequestTest, WithoutASecondPersonNothingIsReleased) {
  EXPECT_EQ(store_->BeginRelease(id_, "lan").status().code(), Code::kUnavailable);
  ASSERT_TRUE(Ask("lan as root").ok());
  EXPECT_EQ(store_->BeginRelease(id_, "lan").status().code(), Code::kUnavailable);
  EXPECT_EQ(Decide(true, "lan", "").status().code(), Code::kInvalid);
  EXPECT_EQ(Decide(true, "lan as gatepost", "").status().code(), Code::kInvalid);
  ASSERT_TRUE(Decide(true, "minh", "").ok());
  const auto release = store_->BeginRelease(id_, "lan");
  ASSERT_TRUE(release.ok()) << release.status().message();
  ASSERT_TRUE(store_->FinishRelease(id_, *release).ok());
  EXPECT_EQ(store_->Find(id_)->requests[0].state, RequestState::kUsed);
}

TEST_F(RequestTest, ARefusedReleaseKeepsTheGrant) {
  ASSERT_TRUE(Ask("lan").ok());
  ASSERT_TRUE(Decide(true, "minh", "").ok());
  const auto release = store_->BeginRelease(id_, "lan");
  ASSERT_TRUE(store_->AbortRelease(id_, *release).ok());
  EXPECT_TRUE(store_->BeginRelease(id_, "lan").ok());
}

TEST_F(RequestTest, AnExpiredRequestGrantsNothing) {
  ASSERT_TRUE(Ask("lan", 0).ok());
  EXPECT_EQ(Decide(true, "minh", "").status().code(), Code::kNotFound);
  ASSERT_TRUE(Ask("lan").ok());  // an expired one does not stand in the way
}

TEST_F(RequestTest, ADenialNeedsAReasonAndEndsIt) {
  EXPECT_EQ(store_->RequestRelease(id_, "lan", " ", {}, 1'000).status().code(), Code::kInvalid);
  ASSERT_TRUE(Ask("lan").ok());
  EXPECT_EQ(Ask("hoa").status().code(), Code::kUnavailable);
  EXPECT_EQ(Decide(false, "minh", "").status().code(), Code::kInvalid);
  ASSERT_TRUE(Decide(false, "minh", "it is a trap").ok());
  EXPECT_EQ(store_->BeginRelease(id_, "lan").status().code(), Code::kUnavailable);
  EXPECT_EQ(store_->Find(id_)->requests[0].decision_reason, "it is a trap");
}

TEST_F(RequestTest, AGrantForOneRecipientIsNotForAll) {
  const auto a = mail::Address::Parse("a@office.example");
  const auto b = mail::Address::Parse("b@office.example");
  ASSERT_TRUE(store_->RequestRelease(id_, "lan", "for a only", {a}, 60'000).ok());
  ASSERT_TRUE(Decide(true, "minh", "").ok());
  EXPECT_FALSE(store_->BeginRelease(id_, "lan").ok());
  EXPECT_FALSE(store_->BeginRelease(id_, "lan", {a, b}).ok());
  const auto release = store_->BeginRelease(id_, "lan", {a});
  ASSERT_TRUE(release.ok());
  ASSERT_TRUE(store_->FinishRelease(id_, *release).ok());
  EXPECT_FALSE(store_->BeginRelease(id_, "lan", {b}).ok());  // used up
}

TEST_F(RequestTest, AnUrgentReleaseIsGrantedByOneAndCountersignedByAnother) {
  EXPECT_EQ(store_->GrantUrgent(id_, "lan", " ", {}, 60'000).status().code(), Code::kInvalid);
  ASSERT_TRUE(store_->GrantUrgent(id_, "lan", "the session is at nine", {}, 60'000).ok());
  const auto release = store_->BeginRelease(id_, "lan");
  ASSERT_TRUE(release.ok()) << release.status().message();
  ASSERT_TRUE(store_->FinishRelease(id_, *release).ok());
  EXPECT_TRUE(store_->Find(id_)->requests[0].WantsCountersign());
  EXPECT_EQ(store_->Countersign(id_, "lan as root", "mine").status().code(), Code::kInvalid);
  EXPECT_EQ(store_->Countersign(id_, "minh", "").status().code(), Code::kInvalid);
  ASSERT_TRUE(store_->Countersign(id_, "minh", "looked at it").ok());
  EXPECT_FALSE(store_->Find(id_)->requests[0].WantsCountersign());
  EXPECT_EQ(store_->Countersign(id_, "hoa", "too").status().code(), Code::kNotFound);
}

TEST_F(RequestTest, AVirusOrAMarkingIsNeverUrgent) {
  for (const char* category : {"virus", "marking"}) {
    Decision decision = HeldDecision(std::string(category) + "@outside.example");
    decision.verdict.category = category;
    const Fd fd = Message("bytes");
    const auto id = store_->Hold(decision, fd.get());
    ASSERT_TRUE(id.ok());
    EXPECT_EQ(store_->GrantUrgent(*id, "lan", "now", {}, 60'000).status().code(), Code::kInvalid);
  }
}

TEST_F(RequestTest, TwoWhoDecideTogetherDecideOnce) {
  ASSERT_TRUE(Ask("lan").ok());
  std::atomic<int> won{0};
  std::vector<std::thread> threads;
  for (const char* who : {"minh", "hoa", "binh", "tam"}) {
    threads.emplace_back([&, who] { won += Decide(true, who, "").ok() ? 1 : 0; });
  }
  for (std::thread& one : threads) {
    one.join();
  }
  EXPECT_EQ(won, 1);
}

}  // namespace
}  // namespace gatepost::record
