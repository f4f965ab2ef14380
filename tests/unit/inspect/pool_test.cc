// The workers that are free, and those that wait for one.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "src/base/clock.h"

namespace gatepost::inspect {
namespace {

std::unique_ptr<PooledWorker> WorkerOf(uint64_t generation) {
  auto worker = std::make_unique<PooledWorker>();
  worker->generation = generation;
  return worker;
}

// It once counted what it asked of nobody as on its way, and then never asked again: every message
// waited out its time until gatepostd was restarted.
TEST(Pool, AWorkerAskedForWhileThereWasNoZygoteIsAskedForAgainOnceThereIsOne) {
  std::atomic<bool> zygote = true;
  std::atomic<int> asked = 0;
  Pool pool(1, [&] {
    asked += zygote ? 1 : 0;
    return zygote.load();
  });
  pool.Forget(1);
  pool.AskForMissing();
  EXPECT_EQ(asked, 1);
  zygote = false;
  pool.Forget(2);
  // Long enough for the impatience of whoever waits (200 ms) to ask, more than once.
  EXPECT_FALSE(pool.Acquire(false, SteadyMs() + 700, {}).ok());
  EXPECT_FALSE(pool.Acquire(true, SteadyMs() + 50, {}).ok());
  EXPECT_EQ(asked, 1);
  zygote = true;
  pool.AskForMissing();
  EXPECT_EQ(asked, 2);
  pool.Arrived(WorkerOf(2));
  EXPECT_TRUE(pool.Acquire(false, SteadyMs() + 1'000, {}).ok());
}

TEST(Pool, AWorkerOfAZygoteThatDiedIsNotHandedOut) {
  Pool pool(1, [] { return true; });
  pool.Forget(2);
  pool.Arrived(WorkerOf(1));
  EXPECT_FALSE(pool.Acquire(false, SteadyMs() + 20, {}).ok());
}

}  // namespace
}  // namespace gatepost::inspect
