// What others see change in the store.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/held_watch.h"

#include <algorithm>
#include <set>

#include "src/record/held_index.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::record {
namespace {

class HeldWatchTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    std::filesystem::create_directory(folder_ + "/held");
  }
  std::string Hold(Quarantine* store, const std::string& sender) {
    const Fd fd = Message("bytes of " + sender);
    return store->Hold(HeldDecision(sender), fd.get()).value();
  }
};

TEST_F(HeldWatchTest, EachChangeIsSeenOnceWhoeverMadeIt) {
  HeldWatch watch(folder_ + "/held");
  HeldPlace place;
  EXPECT_TRUE(watch.Changes(&place, 0)->empty()) << "no index yet";
  const auto store = std::move(Quarantine::Open(folder_ + "/held")).value();
  const std::string a = Hold(store.get(), "a@outside.example");
  EXPECT_EQ(*watch.Changes(&place, 0), std::vector<std::string>{a});
  EXPECT_TRUE(watch.Changes(&place, 0)->empty());
  const std::string b = Hold(store.get(), "b@outside.example");
  ASSERT_TRUE(store->Delete(a, "lan").ok());
  auto changed = *watch.Changes(&place, 0);
  std::sort(changed.begin(), changed.end());
  EXPECT_EQ(changed, (std::vector<std::string>{std::min(a, b), std::max(a, b)}));
  HeldPlace fresh;  // somebody who has read nothing yet, and asks only for what is new
  EXPECT_TRUE(watch.Changes(&fresh, NowUnixMs() + 60'000)->empty());
  EXPECT_EQ(fresh.turn, place.turn);
}

TEST_F(HeldWatchTest, EachVisitsAllOnceNewestFirstHoweverManyShareAMillisecond) {
  bool is_fresh = false;
  auto index = std::move(HeldIndex::Open(folder_ + "/held/index.sqlite", &is_fresh)).value();
  Transaction transaction(index->database());
  ASSERT_TRUE(transaction.Begin().ok());
  for (int i = 0; i < 7'000; ++i) {
    Held held;
    held.id = "GP-20261126-204344-" + std::to_string(10'000'000 + i);
    held.decision_id = held.id;
    held.category = "spam";
    held.held_at_ms = i < 5'000 ? 1'000 : 1'000 + i;  // more in one than a piece holds
    ASSERT_TRUE(index->Put(held).ok());
  }
  ASSERT_TRUE(index->MarkFilled().ok());
  ASSERT_TRUE(transaction.Commit().ok());
  HeldWatch watch(folder_ + "/held");
  std::set<std::string> seen;
  int64_t last = INT64_MAX;
  size_t visits = 0;
  ASSERT_TRUE(watch
                  .Each({},
                        [&](const Held& held) {
                          EXPECT_LE(held.held_at_ms, last);
                          last = held.held_at_ms;
                          seen.insert(held.id);
                          ++visits;
                        })
                  .ok());
  EXPECT_EQ(seen.size(), 7'000U);
  EXPECT_EQ(visits, 7'000U);
}

}  // namespace
}  // namespace gatepost::record
