// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/correspondents.h"

#include <sys/stat.h>

#include "tests/unit/record/fixture.h"

namespace gatepost::record {
namespace {

class CorrespondentsTest : public FolderTest {
 protected:
  std::unique_ptr<Correspondents> Open() {
    auto pairs = Correspondents::Open(folder_);
    EXPECT_TRUE(pairs.ok()) << pairs.status().message();
    return pairs.ok() ? std::move(pairs).value() : nullptr;
  }
  const mail::Address outside_ = mail::Address::Parse("Citizen@Gmail.com");
  const mail::Address ours_ = mail::Address::Parse("clerk@office.example");
  const int64_t now_ = NowUnixMs();
};

TEST_F(CorrespondentsTest, APairIsKnownForNinetyDaysAndOverARestart) {
  Open()->Remember(outside_, ours_, now_);
  const auto pairs = Open();
  EXPECT_TRUE(pairs->Knows(mail::Address::Parse("citizen@gmail.com"), ours_, now_));
  EXPECT_TRUE(pairs->Knows(outside_, ours_, now_ + 89LL * 86'400'000));
  EXPECT_FALSE(pairs->Knows(outside_, ours_, now_ + 91LL * 86'400'000));
  EXPECT_FALSE(pairs->Knows(outside_, mail::Address::Parse("other@office.example"), now_));
  EXPECT_FALSE(pairs->Knows(ours_, outside_, now_));
  EXPECT_FALSE(pairs->Knows({}, ours_, now_));
}

TEST_F(CorrespondentsTest, KnownAtOnceAndByAnotherProcessAfterABatch) {
  const auto one = Open();
  const auto two = Open();
  one->Remember(outside_, ours_, now_);
  EXPECT_TRUE(one->Knows(outside_, ours_, now_));
  for (int i = 0; i < 300; ++i) {
    one->Remember(mail::Address::Parse("x" + std::to_string(i) + "@y.example"), ours_, now_);
  }
  EXPECT_TRUE(two->Knows(outside_, ours_, now_));
}

TEST_F(CorrespondentsTest, NoAddressStandsInTheFileAndTheKeyIsPrivate) {
  Open()->Remember(outside_, ours_, now_);
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const std::string bytes = Slurp(entry.path());
    EXPECT_EQ(bytes.find("itizen"), std::string::npos) << entry.path();
    EXPECT_EQ(bytes.find("clerk"), std::string::npos) << entry.path();
  }
  struct stat info {};
  ASSERT_EQ(stat((folder_ + "/correspondents.key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(CorrespondentsTest, ADamagedFileIsBegunAnew) {
  Spill(folder_ + "/correspondents.sqlite", std::string(8'192, 'x'));
  const auto pairs = Open();
  ASSERT_NE(pairs, nullptr);
  EXPECT_FALSE(pairs->Knows(outside_, ours_, now_));
  pairs->Remember(outside_, ours_, now_);
  EXPECT_TRUE(pairs->Knows(outside_, ours_, now_));
}

}  // namespace
}  // namespace gatepost::record
