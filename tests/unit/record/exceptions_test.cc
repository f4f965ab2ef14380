// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/exceptions.h"

#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "tests/unit/record/fixture.h"

namespace gatepost::record {
namespace {

policy::Exception Newsletter() {
  policy::Exception one;
  one.sender = "partner.example";
  one.rules = {"SPM-*"};
  one.owner = "an";
  one.reason = "their newsletter is wanted";
  one.created_ms = NowUnixMs();
  one.expires_ms = one.created_ms + 86'400'000;
  return one;
}

class ExceptionsTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    file_ = ExceptionsFile(folder_);
  }
  std::string file_;
};

TEST_F(ExceptionsTest, WhatIsAddedIsReadBackAndRemoved) {
  EXPECT_TRUE(ReadExceptions(file_)->empty());
  const auto added = AddException(file_, Newsletter());
  ASSERT_TRUE(added.ok()) << added.status().message();
  const auto all = ReadExceptions(file_);
  ASSERT_TRUE(all.ok()) << all.status().message();
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(ToJson((*all)[0]), ToJson(*added));
  EXPECT_EQ((*all)[0].expires_ms, added->expires_ms);
  const auto removed =
      RemoveExceptions(file_, [&](const policy::Exception& one) { return one.id == added->id; });
  ASSERT_TRUE(removed.ok());
  EXPECT_EQ(removed->size(), 1U);
  EXPECT_TRUE(ReadExceptions(file_)->empty());
}

TEST_F(ExceptionsTest, WhatIsNoExceptionIsRefusedWithTheReason) {
  const auto refused = [&](const std::function<void(policy::Exception*)>& change) {
    policy::Exception one = Newsletter();
    change(&one);
    const auto added = AddException(file_, one);
    EXPECT_FALSE(added.ok());
    EXPECT_EQ(added.status().code(), Code::kInvalid);
    return added.status().message();
  };
  EXPECT_NE(refused([](auto* one) { one->reason = ""; }).find("reason"), std::string::npos);
  EXPECT_NE(refused([](auto* one) { one->owner = ""; }).find("owner"), std::string::npos);
  EXPECT_NE(refused([](auto* one) { one->sender = "a@b@"; }).find("sender"), std::string::npos);
  EXPECT_NE(refused([](auto* one) { one->sha256 = "abc"; }).find("sha256"), std::string::npos);
  EXPECT_NE(refused([](auto* one) { one->expires_ms += 400LL * 86'400'000; }).find("366"),
            std::string::npos);
  EXPECT_NE(refused([](auto* one) { one->sender = "", one->rules = {}; }).find("names a sender"),
            std::string::npos);
  EXPECT_TRUE(ReadExceptions(file_)->empty());
}

TEST_F(ExceptionsTest, ManyWritersLoseNothing) {
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([this] {
      for (int k = 0; k < 5; ++k) {
        EXPECT_TRUE(AddException(file_, Newsletter()).ok());
      }
    });
  }
  for (std::thread& one : writers) {
    one.join();
  }
  EXPECT_EQ(ReadExceptions(file_)->size(), 20U);
}

TEST_F(ExceptionsTest, AChangeActsAtTheNextLookAndABrokenFileMeansNone) {
  ExceptionsWatch watch(folder_);
  EXPECT_TRUE(watch.Current()->empty());
  const auto added = AddException(file_, Newsletter());
  ASSERT_TRUE(added.ok());
  EXPECT_EQ(watch.Current()->size(), 1U);
  EXPECT_EQ(watch.Current(), watch.Current()) << "it is read again without need";
  Spill(file_, "{\"v\": 1, \"exceptions\": [{\"id\": \"EX-1\", \"sendr\": \"x\"}]}");
  EXPECT_TRUE(watch.Current()->empty());
  bool fresh = false;
  EXPECT_NE(watch.Problem(&fresh).find("exception 1: unknown key 'sendr'"), std::string::npos);
  EXPECT_TRUE(fresh);
  watch.Problem(&fresh);
  EXPECT_FALSE(fresh) << "told once is enough";
  std::filesystem::remove(file_);
  EXPECT_TRUE(watch.Current()->empty());
  EXPECT_EQ(watch.Problem(), "");
}

TEST_F(ExceptionsTest, WhatRootWritesBelongsToTheFoldersOwner) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "needs root";
  }
  ASSERT_EQ(chown(folder_.c_str(), 65534, 65534), 0);
  ASSERT_TRUE(AddException(file_, Newsletter()).ok());
  struct stat info {};
  ASSERT_EQ(stat(file_.c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, 65534U);
  EXPECT_EQ(info.st_mode & 0777U, 0640U);
}

}  // namespace
}  // namespace gatepost::record
