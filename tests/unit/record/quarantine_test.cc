// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/quarantine.h"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "src/record/audit_trail.h"
#include "src/record/chain.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::record {
namespace {

class QuarantineTest : public FolderTest {
 protected:
  std::unique_ptr<Quarantine> Open() {
    auto store = Quarantine::Open(folder_ + "/held");
    EXPECT_TRUE(store.ok()) << store.status().message();
    return store.ok() ? std::move(store).value() : nullptr;
  }
  std::string Path(const std::string& id, const char* suffix) const {
    return folder_ + "/held/" + id.substr(3, 4) + "/" + id.substr(7, 2) + "/" + id.substr(9, 2) +
           "/" + id + suffix;
  }
  static std::string MustHold(Quarantine* store, const Decision& decision,
                              const std::string& bytes) {
    const Fd fd = Message(bytes);
    const auto id = store->Hold(decision, fd.get());
    EXPECT_TRUE(id.ok()) << id.status().message();
    return id.ok() ? *id : "";
  }
  static size_t Count(const Quarantine& store, const HeldFilter& filter = {}) {
    const auto list = store.List(filter);
    EXPECT_TRUE(list.ok()) << list.status().message();
    return list.ok() ? list->size() : 999;
  }
};

TEST_F(QuarantineTest, WhatWasHeldComesBackByteForByte) {
  const auto store = Open();
  const std::string bytes =
      std::string("From: a\r\n\r\n\0\xFF.\r\n..", 18) + std::string(200'000, 'z');
  Decision decision = HeldDecision("odd\xFFname@outside.example");
  const std::string id = MustHold(store.get(), decision, bytes);
  EXPECT_EQ(id, decision.id);
  EXPECT_EQ(Slurp(Path(id, ".eml")), bytes);
  const auto read = store->ReadMessage(id);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, bytes);
  const auto held = store->Find(id);
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(held->envelope.sender.spelling(), "odd\xFFname@outside.example");
  EXPECT_EQ(held->envelope.recipients.size(), 2U);
  EXPECT_EQ(held->envelope.helo, "outside helo");
  EXPECT_EQ(held->subject, "the subject");
  EXPECT_EQ(held->size, bytes.size());
  EXPECT_TRUE(std::filesystem::is_empty(folder_ + "/held/tmp"));
}

TEST_F(QuarantineTest, OnlyTheRecipientsThatAreHeldAreHeld) {
  const auto store = Open();
  Decision decision = HeldDecision();
  decision.verdict.recipients[0].action = policy::Action::kAccept;
  const auto held = store->Find(MustHold(store.get(), decision, "x"));
  ASSERT_TRUE(held.ok());
  ASSERT_EQ(held->envelope.recipients.size(), 1U);
  EXPECT_EQ(held->envelope.recipients[0].address.spelling(), "b@office.example");
}

TEST_F(QuarantineTest, ARetryFindsItsFirstCopyUntilThatIsReleasedOrDeleted) {
  const auto store = Open();
  const std::string first = MustHold(store.get(), HeldDecision(), "same");
  Decision retry = HeldDecision();
  std::swap(retry.verdict.recipients[0], retry.verdict.recipients[1]);  // the order is no matter
  EXPECT_EQ(MustHold(store.get(), retry, "same"), first);
  EXPECT_NE(MustHold(store.get(), HeldDecision("y@outside.example"), "same"), first);
  EXPECT_NE(MustHold(store.get(), HeldDecision(), "Same"), first);
  EXPECT_EQ(Count(*store), 3U);
  ASSERT_TRUE(store->Delete(first, "me").ok());
  EXPECT_NE(MustHold(store.get(), HeldDecision(), "same"), first);
  // Another process, and after a restart.
  EXPECT_EQ(Count(*Open()), 4U);
}

TEST_F(QuarantineTest, AnIndexThatIsBehindDoesNotSwallowMail) {
  const auto store = Open();
  const std::string first = MustHold(store.get(), HeldDecision(), "same");
  // The files say it is gone while the index still says held.
  std::filesystem::remove(Path(first, ".eml"));
  EXPECT_NE(MustHold(store.get(), HeldDecision(), "same"), first);
}

TEST_F(QuarantineTest, OfAMarkingNeitherSubjectNorDigestsOutliveTheContent) {
  const auto store = Open();
  Decision decision = HeldDecision();
  decision.verdict.category = "marking";
  const std::string id = MustHold(store.get(), decision, "body");
  EXPECT_EQ(Slurp(Path(id, ".json")).find("the subject"), std::string::npos);
  const std::string digest = store->Find(id)->sha256;
  ASSERT_EQ(digest.size(), 64U);
  ASSERT_TRUE(store->Delete(id, "officer").ok());
  EXPECT_FALSE(std::filesystem::exists(Path(id, ".eml")));
  EXPECT_EQ(Slurp(Path(id, ".json")).find(digest), std::string::npos);
  const auto held = store->Find(id);
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(held->state, HeldState::kDeleted);
  EXPECT_EQ(held->last_actor, "officer");
  EXPECT_EQ(store->ReadMessage(id).status().code(), Code::kNotFound);
}

TEST_F(QuarantineTest, AChangedContentIsNotGivenOut) {
  const auto store = Open();
  const std::string id = MustHold(store.get(), HeldDecision(), "body");
  Spill(Path(id, ".eml"), "bodY");
  EXPECT_EQ(store->ReadMessage(id).status().code(), Code::kInternal);
}

TEST_F(QuarantineTest, StatesFollowEachOther) {
  const auto store = Open();
  const std::string id = MustHold(store.get(), HeldDecision(), "body");
  const auto release = store->BeginRelease(id, "me");
  ASSERT_TRUE(release.ok());
  EXPECT_EQ(Open()->Find(id)->state, HeldState::kReleasing);
  EXPECT_EQ(store->BeginRelease(id, "you").status().code(), Code::kUnavailable);
  EXPECT_EQ(store->Delete(id, "you").code(), Code::kUnavailable);
  EXPECT_FALSE(store->FinishRelease(id, "GP-other").ok());
  ASSERT_TRUE(store->AbortRelease(id, *release).ok());
  const auto second = store->BeginRelease(id, "me");
  ASSERT_TRUE(second.ok());
  EXPECT_NE(*second, *release);
  ASSERT_TRUE(store->FinishRelease(id, *second).ok());
  EXPECT_EQ(store->Find(id)->state, HeldState::kReleased);
  EXPECT_FALSE(store->BeginRelease(id, "me").ok());
}

TEST_F(QuarantineTest, APartialReleaseKeepsTheRestHeld) {
  const auto store = Open();
  const std::string id = MustHold(store.get(), HeldDecision(), "body");
  const mail::Address a = mail::Address::Parse("a@office.example");
  const mail::Address nobody = mail::Address::Parse("c@office.example");
  EXPECT_EQ(store->BeginRelease(id, "me", {nobody}).status().code(), Code::kInvalid);
  const auto first = store->BeginRelease(id, "me", {a});
  ASSERT_TRUE(first.ok());
  ASSERT_TRUE(store->FinishRelease(id, *first).ok());
  EXPECT_EQ(store->Find(id)->state, HeldState::kHeld);
  EXPECT_EQ(store->BeginRelease(id, "me", {a}).status().code(), Code::kInvalid);
  const auto rest = store->BeginRelease(id, "me");
  ASSERT_TRUE(rest.ok());
  ASSERT_EQ(store->Find(id)->releasing.size(), 1U);
  EXPECT_EQ(store->Find(id)->releasing[0].spelling(), "b@office.example");
  ASSERT_TRUE(store->FinishRelease(id, *rest).ok());
  EXPECT_EQ(store->Find(id)->state, HeldState::kReleased);
  EXPECT_EQ(store->Find(id)->released.size(), 2U);
}

TEST_F(QuarantineTest, ListFiltersByWhatPeopleAskFor) {
  const auto store = Open();
  Decision one = HeldDecision();
  inspect::RuleHit hit;
  hit.id = "VNP-008";
  one.findings.hits.push_back(hit);
  const std::string first = MustHold(store.get(), one, "1");
  Decision two = HeldDecision("100%_real@outside.example");
  two.verdict.category = "spam";
  two.envelope.queue_id = "Q2";
  MustHold(store.get(), two, "2");
  const auto count = [&](auto set) {
    HeldFilter filter;
    set(&filter);
    return Count(*store, filter);
  };
  EXPECT_EQ(count([](HeldFilter*) {}), 2U);
  EXPECT_EQ(count([](HeldFilter* f) { f->category = "spam"; }), 1U);
  EXPECT_EQ(count([](HeldFilter* f) { f->sender = "X@OUTSIDE"; }), 1U);
  EXPECT_EQ(count([](HeldFilter* f) { f->sender = "%_r"; }), 1U);
  EXPECT_EQ(count([](HeldFilter* f) { f->sender = "__________"; }), 0U);
  EXPECT_EQ(count([](HeldFilter* f) { f->recipient = "@office.example"; }), 2U);
  EXPECT_EQ(count([](HeldFilter* f) { f->rule = "VNP-*"; }), 1U);
  EXPECT_EQ(count([](HeldFilter* f) { f->queue_id = "Q2"; }), 1U);
  EXPECT_EQ(count([](HeldFilter* f) { f->message_id = "<1@outside.example>"; }), 2U);
  EXPECT_EQ(count([](HeldFilter* f) { f->state = "released"; }), 0U);
  EXPECT_EQ(count([](HeldFilter* f) { f->limit = 1; }), 1U);
  EXPECT_EQ(count([](HeldFilter* f) { f->since_ms = NowUnixMs() + 1'000; }), 0U);
  EXPECT_EQ(count([](HeldFilter* f) { f->until_ms = NowUnixMs() + 1'000; }), 2U);
}

TEST_F(QuarantineTest, ALostOrDamagedIndexIsMadeAnewFromTheFiles) {
  std::string id;
  {
    const auto store = Open();
    id = MustHold(store.get(), HeldDecision(), "1");
    MustHold(store.get(), HeldDecision(), "2");
    ASSERT_TRUE(store->Delete(id, "me").ok());
  }
  for (const char* rest : {"", "-wal", "-shm"}) {
    std::filesystem::remove(folder_ + "/held/index.sqlite" + rest);
  }
  EXPECT_EQ(Count(*Open()), 2U);
  Spill(folder_ + "/held/index.sqlite", std::string(8'192, 'x'));
  const auto store = Open();
  EXPECT_EQ(Count(*store), 2U);
  HeldFilter deleted;
  deleted.state = "deleted";
  EXPECT_EQ(Count(*store, deleted), 1U);
  ASSERT_TRUE(store->Rebuild().ok());
  EXPECT_EQ(Count(*store), 2U);
}

TEST_F(QuarantineTest, ManyThreadsAndTwoHandlesHoldOneCopy) {
  const auto one = Open();
  const auto two = Open();
  std::vector<std::thread> threads;
  std::vector<std::string> ids(16);
  for (size_t i = 0; i < ids.size(); ++i) {
    threads.emplace_back(
        [&, i] { ids[i] = MustHold(i % 2 == 0 ? one.get() : two.get(), HeldDecision(), "same"); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (const std::string& id : ids) {
    EXPECT_EQ(id, ids[0]);
  }
  EXPECT_EQ(Count(*one), 1U);
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ + "/held")) {
    files += entry.path().extension() == ".eml" ? 1 : 0;
  }
  EXPECT_EQ(files, 1U);
}

TEST_F(QuarantineTest, NamesThatAreNoIdsAreNotPaths) {
  const auto store = Open();
  for (const char* name : {"", "../../etc/passwd", "GP-../../x", "GP-20260101-000000-../../../x"}) {
    EXPECT_EQ(store->Find(name).status().code(), Code::kNotFound);
    EXPECT_FALSE(store->ReadMessage(name).ok());
    EXPECT_FALSE(store->Delete(name, "x").ok());
  }
}

TEST_F(QuarantineTest, AFullDiskIsNoSpaceAndLeavesNothing) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "mounting a small tmpfs needs root";
  }
  ASSERT_EQ(mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=2m"), 0);
  {
    const auto store = Open();
    int held = 0;
    Status status;
    while (held < 100 && status.ok()) {
      const Fd fd = Message(std::to_string(held) + std::string(100'000, 'x'));
      status = store->Hold(HeldDecision(), fd.get()).status();
      held += status.ok() ? 1 : 0;
    }
    EXPECT_GT(held, 3);
    EXPECT_EQ(status.code(), Code::kNoSpace) << status.message();
    EXPECT_EQ(Count(*store), static_cast<size_t>(held));
  }
  const auto again = Open();
  ASSERT_NE(again, nullptr);
  const auto list = again->List({});
  ASSERT_TRUE(list.ok());
  for (const Held& one : *list) {
    EXPECT_TRUE(again->ReadMessage(one.id).ok());
  }
  ASSERT_EQ(umount2(folder_.c_str(), MNT_DETACH), 0);
}

TEST_F(QuarantineTest, OnAFullDiskHeldMailCanBeDeletedAndTheDeletionTold) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "mounting a small tmpfs needs root";
  }
  ASSERT_EQ(mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=8m"), 0);
  std::vector<std::string> ids;
  AuditEvent event;
  event.kind = AuditKind::kDelete;
  {
    const auto store = Open();
    const auto trail = AuditTrail::Open({folder_ + "/audit", "test", nullptr});
    ASSERT_TRUE(trail.ok());
    ASSERT_TRUE((*trail)->Append(event).ok());
    for (int i = 0; i < 20; ++i) {
      ids.push_back(MustHold(store.get(), HeldDecision(), std::to_string(i) + " is small"));
    }
    std::ofstream filler(folder_ + "/filler", std::ios::binary);
    const std::string block(4'096, 'x');
    while (filler << block << std::flush) {
    }
    filler.close();
    const Fd fd = Message("one more");
    EXPECT_EQ(store->Hold(HeldDecision(), fd.get()).status().code(), Code::kNoSpace);
  }
  // As the command line does it: a store that is opened while the disk is full.
  const auto again = Open();
  ASSERT_NE(again, nullptr);
  const auto trail = AuditTrail::Open({folder_ + "/audit", "test", nullptr});
  ASSERT_TRUE(trail.ok());
  for (const std::string& id : ids) {
    const Status told = (*trail)->Append(event);
    ASSERT_TRUE(told.ok()) << told.message();
    const Status deleted = again->Delete(id, "me");
    ASSERT_TRUE(deleted.ok()) << deleted.message();
    EXPECT_EQ(again->Find(id)->state, HeldState::kDeleted);
    EXPECT_FALSE(std::filesystem::exists(Path(id, ".eml")));
  }
  HeldFilter deleted;
  deleted.state = "deleted";
  EXPECT_EQ(Count(*again, deleted), ids.size());
  size_t events = 0;
  ASSERT_TRUE(ReadAudit(folder_ + "/audit", [&](const Json& record) {
                EXPECT_EQ(Word(record, "event"), "delete") << "nothing is said of the disk here";
                ++events;
                return true;
              }).ok());
  EXPECT_EQ(events, ids.size() + 1);
  ASSERT_EQ(umount2(folder_.c_str(), MNT_DETACH), 0);
}

TEST_F(QuarantineTest, AStoreThatMustBeThereIsNotMade) {
  StoreOptions options;
  options.folder = folder_ + "/state/held";
  options.make = false;
  const Status missing = Quarantine::Open(options).status();
  EXPECT_EQ(missing.code(), Code::kNotFound);
  EXPECT_NE(missing.message().find("gatepostd makes it when it starts"), std::string::npos)
      << missing.message();
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  options.make = true;
  EXPECT_TRUE(Quarantine::Open(options).ok());
  options.make = false;
  EXPECT_TRUE(Quarantine::Open(options).ok());
}

// Root's command line leaves nothing that the daemon, another user, could not write.
TEST_F(QuarantineTest, WhatRootMakesBelongsToTheOwnerOfTheFolderAbove) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "giving files away needs root";
  }
  constexpr uid_t kOther = 65'533;
  const std::string state = folder_ + "/state";
  std::filesystem::create_directory(state);
  ASSERT_EQ(chown(state.c_str(), kOther, kOther), 0);
  {
    const auto signer = Signer::Open(state + "/sign.key");
    ASSERT_TRUE(signer.ok()) << signer.status().message();
    StoreOptions options;
    options.folder = state + "/held";
    const auto store = Quarantine::Open(options);
    ASSERT_TRUE(store.ok()) << store.status().message();
    const std::string id = MustHold(store->get(), HeldDecision(), "bytes");
    ASSERT_TRUE((*store)->Delete(id, "root").ok());
    const auto trail = AuditTrail::Open({state + "/audit", "test", signer->get()});
    ASSERT_TRUE(trail.ok());
    AuditEvent event;
    event.kind = AuditKind::kDelete;
    ASSERT_TRUE((*trail)->Append(event).ok());
    DecisionLog::Options log;
    log.path = state + "/below/log";
    log.signer = signer->get();
    const auto decisions = DecisionLog::Open(log);
    ASSERT_TRUE(decisions.ok());
    ASSERT_TRUE((*decisions)->Append({{"v", 1}, {"id", "one"}}).ok());
    std::ofstream(state + "/below/log/" + SegmentName(NowUnixMs() / kDayMs), std::ios::app)
        << "{\"torn";
  }
  DecisionLog::Options log;
  log.path = state + "/below/log";
  ASSERT_TRUE(DecisionLog::Open(log).ok());
  size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(state)) {
    struct stat info {};
    ASSERT_EQ(lstat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_uid, kOther) << entry.path();
    EXPECT_EQ(info.st_gid, kOther) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 15U);
}

TEST_F(QuarantineTest, AReadOnlyDiskIsAnErrorOfTheDisk) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "mounting needs root";
  }
  ASSERT_EQ(mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=2m"), 0);
  const auto store = Open();
  ASSERT_EQ(mount("tmpfs", folder_.c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, "size=2m"), -1)
      << "the store keeps its index open for writing";
  ASSERT_EQ(umount2(folder_.c_str(), MNT_DETACH), 0);
  ASSERT_EQ(mount("tmpfs", folder_.c_str(), "tmpfs", MS_RDONLY, "size=2m"), 0);
  EXPECT_EQ(Quarantine::Open(folder_ + "/held").status().code(), Code::kIo);
  ASSERT_EQ(umount2(folder_.c_str(), MNT_DETACH), 0);
}

}  // namespace
}  // namespace gatepost::record
