// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/audit_trail.h"

#include <thread>

#include "src/record/chain.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::record {
namespace {

class AuditTrailTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    auto signer = Signer::Open(folder_ + "/sign.key");
    ASSERT_TRUE(signer.ok()) << signer.status().message();
    signer_ = std::move(signer).value();
  }
  std::unique_ptr<AuditTrail> Open(const Signer* signer) {
    AuditTrail::Options options;
    options.folder = folder_ + "/audit";
    options.node = "node";
    options.signer = signer;
    auto trail = AuditTrail::Open(options);
    EXPECT_TRUE(trail.ok()) << trail.status().message();
    return std::move(trail).value();
  }
  static AuditEvent View(const std::string& actor) {
    AuditEvent event;
    event.kind = AuditKind::kView;
    event.actor = actor;
    event.reason = "a reason\nwith two lines";
    event.held_id = "GP-20261123-204512-7F3K9QZ2";
    event.details = {{"format", "text"}};
    return event;
  }
  ChainReport Verify(VerifyOptions options = {}) {
    options.name = kAudit;
    const auto report = VerifyLog(folder_ + "/audit", options);
    EXPECT_TRUE(report.ok());
    return *report;
  }
  std::string Segment() const {
    return folder_ + "/audit/" + SegmentName(NowUnixMs() / kDayMs, kAudit);
  }
  std::unique_ptr<Signer> signer_;
};

TEST_F(AuditTrailTest, WhoSawWhatAndWhyIsReadBackAndSigned) {
  ASSERT_TRUE(Open(signer_.get())->Append(View("lan as root")).ok());
  ASSERT_TRUE(Open(signer_.get())->Append(View("minh")).ok());
  std::vector<Json> records;
  ASSERT_TRUE(ReadAudit(folder_ + "/audit", [&](const Json& record) {
                records.push_back(record);
                return true;
              }).ok());
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0]["event"], "view");
  EXPECT_EQ(records[0]["actor"], "lan as root");
  EXPECT_EQ(records[0]["details"]["format"], "text");
  EXPECT_EQ(records[0]["reason"].get<std::string>().find('\n'), std::string::npos);
  EXPECT_EQ(records[1]["seq"], 2);
  const ChainReport report = Verify();
  EXPECT_TRUE(report.whole) << report.first_problem;
  EXPECT_EQ(report.signed_seq, 2U);
}

TEST_F(AuditTrailTest, ManyWritersMakeOneChain) {
  constexpr int kThreads = 4;
  constexpr int kEach = 10;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      const auto trail = Open(i % 2 == 0 ? signer_.get() : nullptr);
      for (int j = 0; j < kEach; ++j) {
        EXPECT_TRUE(trail->Append(View("writer " + std::to_string(i))).ok());
      }
    });
  }
  for (std::thread& one : threads) {
    one.join();
  }
  ASSERT_TRUE(Open(signer_.get())->SignHeads().ok());
  const ChainReport report = Verify();
  EXPECT_TRUE(report.whole) << report.first_problem;
  EXPECT_EQ(report.records, static_cast<uint64_t>(kThreads * kEach));
  // What writers without the key left is covered by the next one that has it.
  EXPECT_EQ(report.signed_seq, report.records);
}

TEST_F(AuditTrailTest, ARewrittenChainIsToldByItsHeads) {
  for (const char* who : {"a", "b", "c", "d"}) {
    ASSERT_TRUE(Open(signer_.get())->Append(View(who)).ok());
  }
  const std::string heads = HeadsFile(Segment());
  std::filesystem::copy(heads, folder_ + "/elsewhere");
  // The whole chain made anew without "c", as somebody could who can write the folder.
  std::vector<std::string> records;
  ASSERT_TRUE(ReadLines(Segment(), [&](uint64_t, std::string_view line, bool) {
                Link link;
                EXPECT_TRUE(ReadLink(line, &link));
                for (const char* key : {"seq", "prev", "hash"}) {
                  link.record.erase(key);
                }
                if (link.seq != 3) {
                  records.push_back(DumpJson(link.record));
                }
                return true;
              }).ok());
  std::string forged;
  std::string prev = ChainStart();
  uint64_t seq = 0;
  for (const std::string& record : records) {
    forged += SealLine(record, ++seq, prev, &prev);
  }
  Spill(Segment(), forged);
  const ChainReport told = Verify();
  EXPECT_EQ(told.problem_seq, 3U) << told.first_problem;
  EXPECT_NE(told.first_problem.find("not the one that was signed"), std::string::npos);
  // Without the heads beside it the chain looks whole; with those kept elsewhere it does not.
  std::filesystem::remove(heads);
  EXPECT_TRUE(Verify().whole);
  VerifyOptions elsewhere;
  elsewhere.public_key = signer_->public_hex();
  elsewhere.head_files = {folder_ + "/elsewhere"};
  EXPECT_EQ(Verify(elsewhere).problem_seq, 3U);
}

TEST_F(AuditTrailTest, WhatWasCutOffIsTold) {
  for (const char* who : {"a", "b", "c"}) {
    ASSERT_TRUE(Open(signer_.get())->Append(View(who)).ok());
  }
  const std::string whole = Slurp(Segment());
  const size_t second = whole.find('\n', whole.find('\n') + 1) + 1;
  Spill(Segment(), whole.substr(0, second));
  const ChainReport report = Verify();
  EXPECT_EQ(report.problem_seq, 3U);
  EXPECT_NE(report.first_problem.find("record 3 was cut off"), std::string::npos)
      << report.first_problem;
}

TEST_F(AuditTrailTest, AHeadOfAnotherKeyIsNoHead) {
  ASSERT_TRUE(Open(signer_.get())->Append(View("a")).ok());
  const auto other = Signer::Open(folder_ + "/other.key");
  ASSERT_TRUE(other.ok());
  VerifyOptions options;
  options.public_key = (*other)->public_hex();
  EXPECT_NE(Verify(options).first_problem.find("signed with another key"), std::string::npos);
  options.public_key = *ReadPublicKey(folder_ + "/sign.key.pub");
  EXPECT_TRUE(Verify(options).whole);
}

}  // namespace
}  // namespace gatepost::record
