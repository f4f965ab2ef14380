// Retention, heads that go elsewhere, pruned segments, proofs.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/chain.h"
#include "src/record/hand_over.h"
#include "src/record/proof.h"
#include "src/record/retention.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::record {
namespace {

constexpr int64_t kHour = 3'600'000;

class EvidenceTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    auto signer = Signer::Open(folder_ + "/sign.key");
    ASSERT_TRUE(signer.ok());
    signer_ = std::move(signer).value();
  }
  void Append(const std::vector<std::string>& ids) {
    DecisionLog::Options options;
    options.path = folder_ + "/log";
    options.reserve_bytes = 0;
    options.signer = signer_.get();
    auto log = DecisionLog::Open(options);
    ASSERT_TRUE(log.ok()) << log.status().message();
    for (const std::string& id : ids) {
      ASSERT_TRUE((*log)->Append({{"v", 1}, {"id", id}, {"message_id", "<" + id + "@x>"}}).ok());
    }
  }
  std::string Segment(int64_t days_ago) const {
    return folder_ + "/log/" + SegmentName(NowUnixMs() / kDayMs - days_ago);
  }
  // Today's segment becomes that of an earlier day, as if it had been written then.
  void Age(int64_t days) const {
    for (const auto& name : {Segment(0), HeadsFile(Segment(0))}) {
      std::string to = name;
      to.replace(name.find("decisions-"), 20, SegmentName(NowUnixMs() / kDayMs - days), 0, 20);
      std::filesystem::rename(name, to);
    }
  }
  ChainReport Verify() const {
    VerifyOptions options;
    options.public_key = signer_->public_hex();
    return *VerifyLog(folder_ + "/log", options);
  }
  std::unique_ptr<Signer> signer_;
};

TEST_F(EvidenceTest, APrunedSegmentLeavesASummaryThatCarriesTheChain) {
  Append({"a", "b"});
  Age(3);
  Append({"c"});
  Age(2);
  Append({"d"});
  const auto pruned =
      PruneLog(folder_ + "/log", kDecisions, NowUnixMs() / kDayMs - 1, *signer_, "n", "lan");
  ASSERT_TRUE(pruned.ok()) << pruned.status().message();
  EXPECT_EQ(pruned->segments, 2U);
  EXPECT_EQ(pruned->records, 3U);
  EXPECT_FALSE(std::filesystem::exists(Segment(3)));
  EXPECT_TRUE(Verify().whole) << Verify().first_problem;
  EXPECT_EQ(Verify().first_seq, 4U);
  // One more record, then a summary is taken away, then changed.
  Append({"e"});
  EXPECT_EQ(Verify().last_seq, 5U);
  const std::string file = PrunedFile(folder_ + "/log", kDecisions);
  const std::string whole = Slurp(file);
  Spill(file, whole.substr(whole.find('\n') + 1));
  EXPECT_EQ(Verify().problem_seq, 1U);
  std::string changed = whole;
  changed.replace(changed.find("\"lan\""), 5, "\"eve\"");
  Spill(file, changed);
  EXPECT_NE(Verify().first_problem.find("signature"), std::string::npos);
  std::filesystem::remove(file);
  EXPECT_EQ(Verify().problem_seq, 1U);
}

TEST_F(EvidenceTest, ABrokenChainIsNotPruned) {
  Append({"a"});
  Age(3);
  Append({"b"});
  std::string text = Slurp(Segment(3));
  text.replace(text.find("\"a\""), 3, "\"z\"");
  Spill(Segment(3), text);
  EXPECT_FALSE(
      PruneLog(folder_ + "/log", kDecisions, NowUnixMs() / kDayMs, *signer_, "n", "lan").ok());
  EXPECT_TRUE(std::filesystem::exists(Segment(3)));
}

TEST_F(EvidenceTest, ARemovedSegmentIsNamedByItsFirstRecord) {
  Append({"a"});
  Age(3);
  Append({"b", "c"});
  Age(2);
  Append({"d"});
  std::filesystem::remove(Segment(2));
  std::filesystem::remove(HeadsFile(Segment(2)));
  EXPECT_EQ(Verify().problem_seq, 2U);
  EXPECT_NE(Verify().first_problem.find("record 2 is missing"), std::string::npos);
}

TEST_F(EvidenceTest, AProofNeedsNothingButItselfAndTheKey) {
  Append({"a", "b", "c"});
  const auto proof = MakeProof(folder_ + "/log", "<b@x>", "n", NowUnixMs());
  ASSERT_TRUE(proof.ok()) << proof.status().message();
  const auto report = CheckProof(*proof, signer_->public_hex());
  EXPECT_TRUE(report.fits) << report.problem;
  EXPECT_EQ(report.decisions, 1U);
  // Of the others only digests.
  EXPECT_EQ(DumpJson(*proof).find("a@x"), std::string::npos);
  const auto other = Signer::Open(folder_ + "/other.key");
  EXPECT_FALSE(CheckProof(*proof, (*other)->public_hex()).fits);
  for (const char* what : {"record", "summary", "head"}) {
    Json changed = *proof;
    Json& one = changed["decisions"][0];
    if (std::string(what) == "record") {
      std::string line = one["record"].get<std::string>();
      line.replace(line.find("\"b\""), 3, "\"q\"");
      one["record"] = line;
    } else if (std::string(what) == "summary") {
      one["summary"]["id"] = "q";
    } else {
      one["head"]["at"] = "2020-01-01T00:00:00.000Z";
    }
    EXPECT_FALSE(CheckProof(changed, signer_->public_hex()).fits) << what;
  }
  EXPECT_EQ(MakeProof(folder_ + "/log", "nobody", "n", 1).status().code(), Code::kNotFound);
}

TEST_F(EvidenceTest, HeadsGoToAFolderAndACommandOnceADay) {
  Append({"a", "b"});
  CustodyOptions options;
  options.heads_folder = folder_ + "/worm";
  options.heads_command = "cat > '" + folder_ + "/sent'";
  const auto heads = NewestHeads({{folder_ + "/log", kDecisions}, {folder_ + "/audit", kAudit}});
  ASSERT_TRUE(heads.ok()) << heads.status().message();
  ASSERT_EQ(heads->size(), 1U);
  EXPECT_TRUE(HeadsDue(folder_, NowUnixMs()));
  ASSERT_TRUE(HandOverHeads(options, folder_, "node", *heads, NowUnixMs()).ok());
  EXPECT_FALSE(HeadsDue(folder_, NowUnixMs()));
  EXPECT_TRUE(HeadsDue(folder_, NowUnixMs() + kDayMs));
  EXPECT_EQ(Slurp(folder_ + "/sent"), HeadLines(*heads));
  // What was sent tells of a cut, even where the heads beside the log went with it.
  const std::string whole = Slurp(Segment(0));
  Spill(Segment(0), whole.substr(0, whole.find('\n') + 1));
  std::filesystem::remove(HeadsFile(Segment(0)));
  EXPECT_TRUE(Verify().whole);
  VerifyOptions elsewhere;
  elsewhere.head_files = {folder_ + "/sent"};
  EXPECT_EQ(VerifyLog(folder_ + "/log", elsewhere)->problem_seq, 2U);
  options.heads_command = "exit 3";
  EXPECT_FALSE(HandOverHeads(options, folder_, "node", *heads, NowUnixMs() + kDayMs).ok());
  EXPECT_NE(HeadsTrouble(folder_).find("exit 3"), std::string::npos);
  EXPECT_TRUE(HeadsDue(folder_, NowUnixMs() + kDayMs));
}

TEST_F(EvidenceTest, RetentionTakesWhatIsOldAndWritesItDownFirst) {
  auto store = Quarantine::Open(folder_ + "/held");
  ASSERT_TRUE(store.ok());
  std::vector<std::string> ids;
  for (const char* category : {"spam", "virus", "marking"}) {
    Decision decision = HeldDecision();
    decision.verdict.category = category;
    const Fd fd = Message(category);
    ids.push_back(*(*store)->Hold(decision, fd.get()));
  }
  CustodyOptions options;
  options.retention_ms = {{"spam", kHour}, {"default", 10 * kHour}, {"marking", 0}};
  const int64_t now = NowUnixMs();
  EXPECT_TRUE(PlanRetention(**store, options, now, 0)->entries.empty());
  auto plan = PlanRetention(**store, options, now + 2 * kHour, 0);
  ASSERT_EQ(plan->entries.size(), 1U);
  EXPECT_EQ(plan->entries[0].id, ids[0]);
  EXPECT_EQ(PlanRetention(**store, options, now + 11 * kHour, 0)->entries.size(), 2U);
  auto audit = AuditTrail::Open({folder_ + "/audit", "n", signer_.get()});
  EXPECT_EQ(*ApplyRetention(store->get(), *plan, audit->get(), "gatepostd", "gatepostd"), 1U);
  EXPECT_EQ((*store)->Find(ids[0])->state, HeldState::kDeleted);
  size_t told = 0;
  ASSERT_TRUE(ReadAudit(folder_ + "/audit", [&](const Json& record) {
                told += record["held_id"] == ids[0] && record["event"] == "retention" ? 1 : 0;
                return true;
              }).ok());
  EXPECT_EQ(told, 1U);
  // Somebody has asked for it: it stays.
  ASSERT_TRUE((*store)->RequestRelease(ids[1], "lan", "needed", {}, 100 * kHour).ok());
  EXPECT_TRUE(PlanRetention(**store, options, now + 11 * kHour, 0)->entries.empty());
}

TEST_F(EvidenceTest, WhatSeemsOverdueWhenAClockIsConfirmedIsKeptOnceMore) {
  auto store = Quarantine::Open(folder_ + "/held");
  ASSERT_TRUE(store.ok());
  Decision decision = HeldDecision();
  decision.verdict.category = "spam";
  const Fd fd = Message("held in a year that was none");
  ASSERT_TRUE((*store)->Hold(decision, fd.get()).ok());
  CustodyOptions options;
  options.retention_ms = {{"spam", 30 * kDayMs}};
  // The clock stood a year behind: seen from the right time, the mail is a year old.
  const int64_t right = NowUnixMs() + 365 * kDayMs;
  SeenClock clock(folder_);
  ASSERT_TRUE(clock.Look(right - kHour, 0).ok());
  ASSERT_FALSE(clock.Look(NowUnixMs(), 0).ok());
  EXPECT_EQ(clock.ConfirmedAt(), 0);
  ASSERT_TRUE(clock.Confirm(right).ok());
  EXPECT_EQ(clock.ConfirmedAt(), right);
  const auto due = [&](int64_t at) {
    return PlanRetention(**store, options, at, clock.ConfirmedAt())->entries.size();
  };
  EXPECT_EQ(due(right), 0U);
  EXPECT_EQ(due(right + 29 * kDayMs), 0U);
  EXPECT_EQ(due(right + 30 * kDayMs), 1U);
  // Looking on, and a confirmation that ends no stop, change nothing of it.
  ASSERT_TRUE(clock.Look(right + kHour, 0).ok());
  ASSERT_TRUE(clock.Confirm(right + 2 * kHour).ok());
  EXPECT_EQ(clock.ConfirmedAt(), right);
}

TEST_F(EvidenceTest, AClockThatJumpsStopsRetentionUntilAPersonSaysSo) {
  SeenClock clock(folder_);
  const int64_t now = NowUnixMs();
  ASSERT_TRUE(clock.Look(now, 0).ok());
  ASSERT_TRUE(clock.Look(now + kHour, 0).ok());
  EXPECT_FALSE(clock.Look(now + 60 * kDayMs, 0).ok());
  EXPECT_NE(clock.Stopped(), "");
  // Back again is no proof that it is right.
  EXPECT_FALSE(clock.Look(now + 2 * kHour, 0).ok());
  ASSERT_TRUE(clock.Confirm(now + 2 * kHour).ok());
  EXPECT_TRUE(clock.Look(now + 3 * kHour, 0).ok());
  EXPECT_FALSE(clock.Look(now - 2 * kDayMs, 0).ok());
}

TEST_F(EvidenceTest, WithoutAMemoryTheNewestMailIsTheMeasure) {
  SeenClock clock(folder_);
  EXPECT_FALSE(clock.Look(NowUnixMs() + 60 * kDayMs, NowUnixMs()).ok());
}

}  // namespace
}  // namespace gatepost::record
