// Blocks, outages and mail of our own.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "src/base/clock.h"
#include "src/base/command.h"
#include "src/record/blocks.h"
#include "src/record/house_mail.h"
#include "src/record/outages.h"

namespace gatepost::record {
namespace {

class IncidentsTest : public ::testing::Test {
 protected:
  IncidentsTest() {
    std::string folder = (std::filesystem::temp_directory_path() / "gatepost-XXXXXX").string();
    folder_ = mkdtemp(folder.data());
    one_.from = "bad.example";
    one_.owner = "lan";
    one_.reason = "hóa đơn giả";
    one_.created_ms = NowUnixMs();
    one_.expires_ms = one_.created_ms + 14'400'000;
  }
  ~IncidentsTest() override { std::filesystem::remove_all(folder_); }
  void Spill(const std::string& file, const std::string& text) { std::ofstream(file) << text; }

  std::string folder_;
  policy::Block one_;
};

TEST_F(IncidentsTest, ABlockIsThereAtOnceAndGoneAtOnce) {
  BlocksWatch watch(folder_);
  EXPECT_TRUE(watch.Current()->empty());
  const auto added = AddBlock(BlocksFile(folder_), one_);
  ASSERT_TRUE(added.ok()) << added.status().message();
  ASSERT_EQ(watch.Current()->size(), 1U);
  EXPECT_EQ(watch.Current()->front().reason, one_.reason);
  EXPECT_EQ(watch.Current()->front().expires_ms, one_.expires_ms);
  const auto removed = RemoveBlocks(
      BlocksFile(folder_), [&](const policy::Block& block) { return block.id == added->id; });
  ASSERT_TRUE(removed.ok());
  EXPECT_EQ(removed->size(), 1U);
  EXPECT_TRUE(watch.Current()->empty());
}

TEST_F(IncidentsTest, ADamagedFileOfBlocksOpensNoDoor) {
  BlocksWatch watch(folder_);
  ASSERT_TRUE(AddBlock(BlocksFile(folder_), one_).ok());
  ASSERT_EQ(watch.Current()->size(), 1U);
  Spill(BlocksFile(folder_), "{\"v\": 1, \"blocks\": [{\"id\": \"x\"");
  EXPECT_EQ(watch.Current()->size(), 1U);
  bool fresh = false;
  EXPECT_NE(watch.Problem(&fresh), "");
  EXPECT_TRUE(fresh);
  EXPECT_FALSE(AddBlock(BlocksFile(folder_), one_).ok());  // nothing is lost by writing over it
}

TEST_F(IncidentsTest, WhatIsNoBlockIsRefusedWithTheReason) {
  const auto why = [this](const std::function<void(policy::Block*)>& change) {
    policy::Block block = one_;
    change(&block);
    return CheckBlock(block).message();
  };
  EXPECT_EQ(CheckBlock(one_).message(), "");
  EXPECT_NE(why([](auto* b) { b->auth_user = "lan"; }).find("one thing"), std::string::npos);
  EXPECT_NE(why([](auto* b) { b->from = ""; }).find("one thing"), std::string::npos);
  EXPECT_NE(why([](auto* b) { b->from = "no sender"; }).find("no sender"), std::string::npos);
  EXPECT_EQ(why([](auto* b) { b->from = "<>"; }), "");
  EXPECT_NE(why([](auto* b) { b->reason = ""; }).find("reason"), std::string::npos);
  EXPECT_NE(why([](auto* b) { b->expires_ms = b->created_ms; }).find("366"), std::string::npos);
  EXPECT_NE(why([](auto* b) {
              b->from = "";
              b->sha256 = "xyz";
            }).find("64"),
            std::string::npos);
}

TEST_F(IncidentsTest, AnOutageIsBegunChangedAndEnded) {
  const std::string file = OutagesFile(folder_);
  Outage outage;
  outage.cause = "mất điện";
  outage.start_ms = ParseTime("2026-11-26T08:15:00Z", 0);
  outage.expected_ms = ParseTime("2026-11-26T10:00:00Z", 0);
  auto put = PutOutage(file, outage);
  ASSERT_TRUE(put.ok()) << put.status().message();
  EXPECT_NE(OutageNotice(*put, true).find("Thời gian khắc phục dự kiến"), std::string::npos);
  EXPECT_NE(OutageNotice(*put, false).find("Cause: mất điện"), std::string::npos);
  put->end_ms = outage.start_ms + 105 * 60'000;
  ASSERT_TRUE(PutOutage(file, *put).ok());
  const auto all = ReadOutages(file);
  ASSERT_TRUE(all.ok()) << all.status().message();
  ASSERT_EQ(all->size(), 1U);
  EXPECT_FALSE(all->front().open());
  EXPECT_EQ(all->front().end_ms, put->end_ms);
  EXPECT_NE(OutageNotice(all->front(), true).find("1 giờ 45 phút"), std::string::npos);
  outage.id = "OU-nobody";
  EXPECT_EQ(PutOutage(file, outage).status().code(), Code::kNotFound);
  outage.id = "";
  outage.expected_ms = outage.start_ms;
  EXPECT_FALSE(PutOutage(file, outage).ok());
}

TEST_F(IncidentsTest, MailOfOurOwnIsSevenBitAndAnswersNobody) {
  HouseMail mail;
  mail.from = "gatepost@office.example";
  mail.to = {"desk@office.example"};
  mail.subject = "Phát tán diện rộng: cùng một tệp đính kèm đang lan rộng trong cơ quan";
  mail.body = "Người nhận:\n.một dấu chấm ở đầu dòng\n";
  const std::string text = Compose(mail, "mx", ParseTime("2026-11-26T08:15:00Z", 0));
  EXPECT_TRUE(IsAscii(text));
  EXPECT_NE(text.find("Date: Thu, 26 Nov 2026 08:15:00 +0000\r\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\r\nAuto-Submitted: auto-generated\r\n"), std::string::npos);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 78U) << line;
    EXPECT_EQ(line.back(), '\r');
  }
}

TEST_F(IncidentsTest, ACommandGetsWordsAndInputAndAnEnd) {
  const std::string file = folder_ + "/got";
  ASSERT_TRUE(
      RunCommand("c",
                 {"/bin/sh", "-c", "cat > \"$0\"; printf %s \"$1\" >> \"$0\"", file, "; touch x"},
                 "in\n", 10'000)
          .ok());
  std::stringstream got;
  got << std::ifstream(file).rdbuf();
  EXPECT_EQ(got.str(), "in\n; touch x");
  EXPECT_NE(RunCommand("c", {"/bin/false"}, "", 10'000).message().find("exit 1"),
            std::string::npos);
  EXPECT_FALSE(RunCommand("c", {"/nowhere/at/all"}, "", 10'000).ok());
  const int64_t begun = SteadyMs();
  EXPECT_NE(RunCommand("c", {"/bin/sleep", "60"}, "", 200).message().find("killed"),
            std::string::npos);
  EXPECT_LT(SteadyMs() - begun, 50'000);
}

}  // namespace
}  // namespace gatepost::record
