// Who is told what about a held message, when it stands so; the queue; the digests.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/notice/events.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "src/notice/digest.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::notice {
namespace {

using record::Held;
using record::HeldState;

constexpr int64_t kNow = 1'795'725'824'000;  // 2026-11-26 20:43:44 UTC
const char* const kId = "GP-20261126-204344-7F3K9QZ2";

class NewsTest : public record::FolderTest {
 protected:
  NewsTest() {
    site_.own_domains = {"office.example"};
    options_.from = mail::Address::Parse("gatepost@office.example");
    held_.id = kId;
    held_.category = "freemail";
    held_.held_at_ms = held_.changed_at_ms = kNow - 1'000;
    held_.envelope.sender = mail::Address::Parse("lan@office.example");
    held_.envelope.sender_is_ours = true;
    held_.envelope.recipients.resize(2);
    held_.envelope.recipients[0].address = mail::Address::Parse("a@mail.example");
    held_.envelope.recipients[1].address = mail::Address::Parse("b@mail.example");
    held_.message_id = "<1@office.example>";
    held_.tell_sender = true;
  }
  // "kind to" of each, sorted.
  std::vector<std::string> News(std::vector<std::string> priority = {}) {
    Context context{options_, site_, std::move(priority), kNow};
    std::vector<std::string> out;
    for (const Item& item : NewsOf(held_, context)) {
      out.push_back(item.kind + " " + item.to);
      last_ = item;
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  using Words = std::vector<std::string>;
  mail::Site site_;
  Options options_;
  Held held_;
  Item last_;
};

TEST_F(NewsTest, OurSenderHearsThatItIsHeldAndWhy) {
  EXPECT_EQ(News(), Words{"held lan@office.example"});
  EXPECT_NE(last_.message.find(kId), std::string::npos);
  EXPECT_NE(last_.message.find("a@mail.example, b@mail.example"), std::string::npos);
  options_.language = Language::kEnglish;
  News();
  EXPECT_NE(last_.message.find("official business addressed to a free mailbox"), std::string::npos)
      << last_.message;
}

TEST_F(NewsTest, NobodyOutsideHearsAnything) {
  held_.envelope.sender = mail::Address::Parse("x@outside.example");
  EXPECT_EQ(News(), Words{});
  held_.envelope.sender = mail::Address::Parse("lan@office.example");
  held_.tell_sender = false;
  EXPECT_EQ(News(), Words{});
  held_.tell_sender = true;
  options_.senders = false;
  EXPECT_EQ(News(), Words{});
}

TEST_F(NewsTest, ReleaseDenialAndDeletionAreTold) {
  held_.released = {{held_.envelope.recipients[0].address, "GP-R1", kNow - 10, "minh"}};
  EXPECT_EQ(News(), Words{"released lan@office.example"});
  held_.state = HeldState::kDeleted;
  EXPECT_EQ(News(), (Words{"deleted lan@office.example", "released lan@office.example"}));
  EXPECT_EQ(last_.message.find("a@mail.example"), std::string::npos) << "that one was delivered";
  held_.released.push_back({held_.envelope.recipients[1].address, "GP-R1", kNow - 10, "minh"});
  EXPECT_EQ(News(), Words{"released lan@office.example"}) << "everybody has got it";
}

TEST_F(NewsTest, OldNewsIsNoNews) {
  held_.held_at_ms = held_.changed_at_ms = kNow - kNewsMs - 1;
  EXPECT_EQ(News(), Words{});
}

TEST_F(NewsTest, AMarkedMailsMessageIdIsNotQuoted) {
  held_.marked = true;
  held_.message_id = "";
  News();
  EXPECT_EQ(last_.message.find("In-Reply-To"), std::string::npos);
}

TEST_F(NewsTest, BothHearOfARequestItsAnswerAndItsEnd) {
  held_.tell_sender = false;
  options_.officers = {mail::Address::Parse("officer@office.example")};
  options_.people["lan"] = mail::Address::Parse("lan@office.example");
  record::ReleaseRequest request;
  request.id = "GP-Q1";
  request.by = "lan as root";
  request.reason = "the contract";
  request.at_ms = kNow - 1'000;
  request.expires_at_ms = kNow + 1'000;
  held_.requests = {request};
  EXPECT_EQ(News(),
            (Words{"asked lan@office.example", "asked officer@office.example", "check-expiry "}));
  const Item check = last_;
  EXPECT_EQ(check.due_ms, request.expires_at_ms);
  Context early{options_, site_, {}, kNow};
  EXPECT_TRUE(NewsOfCheck(check, held_, early).empty());
  Context late{options_, site_, {}, kNow + 1'000};
  EXPECT_EQ(NewsOfCheck(check, held_, late).size(), 2U);
  held_.requests[0].state = record::RequestState::kDenied;
  held_.requests[0].decided_by = "minh";
  held_.requests[0].decided_at_ms = kNow - 5;
  EXPECT_EQ(News(), (Words{"decided lan@office.example", "decided officer@office.example"}));
  EXPECT_TRUE(NewsOfCheck(check, held_, late).empty()) << "it was answered";
}

TEST_F(NewsTest, PriorityMailAlertsTheOfficerAndCallsTheCommand) {
  held_.tell_sender = false;
  options_.officers = {mail::Address::Parse("officer@office.example")};
  options_.priority_command = {"/bin/true", "page"};
  EXPECT_EQ(News({"@mail.example"}), (Words{"command ", "priority officer@office.example"}));
  EXPECT_EQ(News({"lan@office.example"}), (Words{"command ", "priority officer@office.example"}));
  EXPECT_EQ(News({"other@mail.example"}), Words{});
  held_.envelope.sender_is_ours = false;
  EXPECT_EQ(News({"lan@office.example"}), Words{}) << "anybody can write that sender";
}

TEST_F(NewsTest, AnUrgentReleaseWaitsForACountersignature) {
  held_.tell_sender = false;
  options_.officers = {mail::Address::Parse("officer@office.example")};
  record::ReleaseRequest request;
  request.id = "GP-U1";
  request.state = record::RequestState::kUsed;
  request.by = "lan";
  request.at_ms = kNow - 1'000;
  request.expires_at_ms = request.countersign_by_ms = kNow + 1'000;
  held_.requests = {request};
  EXPECT_EQ(News(), (Words{"check-countersign ", "urgent officer@office.example"}));
  const Item check = last_;
  Context late{options_, site_, {}, kNow + 1'000};
  const auto overdue = NewsOfCheck(check, held_, late);
  ASSERT_EQ(overdue.size(), 1U);
  EXPECT_EQ(overdue[0].kind, "overdue");
  held_.requests[0].decided_by = "minh";
  EXPECT_TRUE(NewsOfCheck(check, held_, late).empty());
}

TEST_F(NewsTest, TheQueueSaysOneThingOnceOverRestarts) {
  const std::string folder = NoticeFolder(folder_);
  auto queue = Queue::Open(folder);
  ASSERT_TRUE(queue.ok()) << queue.status().message();
  News();
  Item item = last_;
  item.made_ms = item.due_ms = NowUnixMs();
  EXPECT_TRUE(*(*queue)->Add(item));
  EXPECT_FALSE(*(*queue)->Add(item));
  queue = Queue::Open(folder);  // killed and started again
  auto due = (*queue)->Due(NowUnixMs(), 10);
  ASSERT_TRUE(due.ok());
  ASSERT_EQ(due->size(), 1U);
  EXPECT_EQ((*due)[0].message, item.message);
  EXPECT_TRUE(*(*queue)->Postpone((*due)[0], "no answer", NowUnixMs()));
  EXPECT_TRUE((*queue)->Due(NowUnixMs(), 10)->empty()) << "not before five seconds";
  due = (*queue)->Due(NowUnixMs() + 5'000, 10);
  ASSERT_EQ(due->size(), 1U);
  ASSERT_TRUE((*queue)->Finish((*due)[0], "sent", "250 ok", NowUnixMs()).ok());
  EXPECT_EQ((*queue)->waiting(), 0U);
  queue = Queue::Open(folder);
  EXPECT_FALSE(*(*queue)->Add(item));
  const auto finished = ReadFinished(folder, 0);
  ASSERT_EQ(finished->size(), 1U);
  EXPECT_EQ((*finished)[0].value("outcome", ""), "sent");
}

TEST_F(NewsTest, ACrashBetweenTheLineAndTheFileSendsNothingTwice) {
  const std::string folder = NoticeFolder(folder_);
  auto queue = Queue::Open(folder);
  News();
  ASSERT_TRUE((*queue)->Add(last_).ok());
  const auto due = (*queue)->Due(kNow, 10);
  ASSERT_EQ(due->size(), 1U);
  const auto file = std::filesystem::directory_iterator(folder + "/queue")->path();
  const std::string bytes = Slurp(file);
  ASSERT_TRUE((*queue)->Finish((*due)[0], "sent", "250 ok", NowUnixMs()).ok());
  Spill(file, bytes);
  queue = Queue::Open(folder);
  EXPECT_TRUE((*queue)->Due(kNow, 10)->empty());
  EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(NewsTest, WhatIsNoNoticeIsSetAsideAndTheRestGoesOn) {
  const std::string folder = NoticeFolder(folder_);
  auto queue = Queue::Open(folder);
  News();
  ASSERT_TRUE((*queue)->Add(last_).ok());
  Spill(folder + "/queue/" + std::string(40, 'a') + ".json", "{\"v\": 1}");
  Spill(folder + "/queue/" + std::string(40, 'b') + ".json", "torn");
  queue = Queue::Open(folder);
  EXPECT_EQ((*queue)->Due(kNow, 10)->size(), 1U);
}

TEST_F(NewsTest, ADigestNamesEachRecipientsOwnSpamWithALinkOfTheirs) {
  options_.mailbox.url = "https://mail.office.example";
  const auto signer = LinkSigner::Open(folder_, true);
  ASSERT_TRUE(signer.ok());
  held_.category = "spam";
  held_.subject = "Buy at www.evil.example";
  held_.envelope.sender = mail::Address::Parse("x@outside.example");
  held_.envelope.recipients[0].address = mail::Address::Parse("lan@office.example");
  held_.envelope.recipients[1].address = mail::Address::Parse("minh@office.example");
  Clerk clerk;
  clerk.to = {mail::Address::Parse("clerk@office.example")};
  clerk.recipients = {"minh@office.example"};
  clerk.language = Language::kEnglish;
  options_.clerks = {clerk};
  const DigestRun run{options_, site_, &*signer, kNow, kNow, kNow + 1'000};
  auto items = Digests({held_}, run);
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[0].to, "lan@office.example");
  EXPECT_EQ(items[1].to, "minh@office.example");
  EXPECT_EQ(items[2].to, "clerk@office.example");
  for (const Item& item : items) {
    EXPECT_NE(item.message.find("/m/"), std::string::npos) << item.message;
    EXPECT_EQ(item.message.find("www.evil.example"), std::string::npos) << item.message;
  }
  held_.sealed = true;
  held_.envelope.recipients[0].address = mail::Address::Parse("x@outside.example");
  held_.released = {{held_.envelope.recipients[1].address, "GP-R1", kNow, "x"}};
  items = Digests({held_}, run);
  EXPECT_TRUE(items.empty()) << "the rest is nobody's of ours, or delivered";
}

TEST(LastDigestTime, IsTheLatestOfTodayOrYesterday) {
  setenv("TZ", "UTC", 1);
  tzset();
  const std::vector<int> times = {450, 660, 810, 990};
  EXPECT_EQ(LastDigestTime(times, kNow), kNow - 4 * 3'600'000 - 13 * 60'000 - 44'000);  // 16:30
  const int64_t morning = kNow - 16 * 3'600'000;                                        // 04:43:44
  EXPECT_EQ(LastDigestTime(times, morning), morning - 12 * 3'600'000 - 13 * 60'000 - 44'000);
  EXPECT_EQ(LastDigestTime({1'243}, kNow), kNow - 44'000) << "20:43 itself";
}

}  // namespace
}  // namespace gatepost::notice
