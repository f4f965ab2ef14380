// SPDX-License-Identifier: GPL-2.0-or-later
#include "milter/spool.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

namespace gatepost::milter {
namespace {

TEST(Spool, WhatWasAppendedIsReadBackByteForByte) {
  SpoolBudget budget(10 << 20);
  Spool spool(10 << 20, &budget);
  std::string all;
  for (int i = 0; i < 20'000; ++i) {
    const std::string piece = std::to_string(i) + std::string(1, '\0') + "\r\n";
    spool.Append(piece);
    all += piece;
  }
  const Result<int> fd = spool.Seal();
  ASSERT_TRUE(fd.ok()) << fd.status().message();
  EXPECT_EQ(*ReadFd(*fd), all);
  EXPECT_EQ(spool.size(), all.size());
  EXPECT_EQ(*spool.Seal(), *fd);
}

TEST(Spool, AnEmptyMessageIsAMessage) {
  SpoolBudget budget(10 << 20);
  Spool spool(1'000, &budget);
  const Result<int> fd = spool.Seal();
  ASSERT_TRUE(fd.ok());
  EXPECT_EQ(*ReadFd(*fd), "");
}

TEST(Spool, NobodyCanChangeASealedMessage) {
  SpoolBudget budget(10 << 20);
  Spool spool(1'000, &budget);
  spool.Append("text");
  const Result<int> fd = spool.Seal();
  ASSERT_TRUE(fd.ok());
  EXPECT_EQ(pwrite(*fd, "x", 1, 0), -1);
  EXPECT_EQ(ftruncate(*fd, 1), -1);
  EXPECT_EQ(ftruncate(*fd, 100), -1);
  EXPECT_EQ(*ReadFd(*fd), "text");
}

TEST(Spool, TheLimitItselfPassesAndOneByteMoreDoesNot) {
  SpoolBudget budget(10 << 20);
  Spool exact(100, &budget);
  exact.Append(std::string(100, 'a'));
  EXPECT_EQ(exact.state(), Spool::State::kWhole);
  Spool over(100, &budget);
  over.Append(std::string(100, 'a'));
  over.Append("b");
  EXPECT_EQ(over.state(), Spool::State::kTooLong);
  over.Append(std::string(1'000, 'c'));
  EXPECT_EQ(over.size(), 1'101U) << "dropped bytes are still counted";
  EXPECT_FALSE(over.Seal().ok());
}

TEST(Spool, AMessageOverItsLimitGivesItsMemoryBackAtOnce) {
  SpoolBudget budget(10 << 20);
  Spool spool(1 << 20, &budget);
  spool.Append(std::string(1 << 20, 'a'));
  EXPECT_GE(budget.taken(), 1U << 20);
  spool.Append("b");
  EXPECT_EQ(budget.taken(), 0U);
}

TEST(Spool, OneBudgetIsSharedByAllMessages) {
  SpoolBudget budget(256 << 10);
  Spool second(1 << 20, &budget);
  {
    Spool first(1 << 20, &budget);
    first.Append(std::string(200 << 10, 'a'));
    second.Append(std::string(100 << 10, 'b'));
    EXPECT_EQ(first.state(), Spool::State::kWhole);
    EXPECT_EQ(second.state(), Spool::State::kBusy);
  }
  EXPECT_EQ(budget.taken(), 0U);
  second.Append("b");
  EXPECT_EQ(second.state(), Spool::State::kBusy) << "a message with a gap is not a message";
}

TEST(SpoolBudget, NeverGivesOutMoreThanItHasUnderContention) {
  SpoolBudget budget(1'000);
  std::atomic<uint64_t> granted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 10'000; ++k) {
        granted += budget.Take(7) ? 7 : 0;
      }
    });
  }
  for (std::thread& one : threads) {
    one.join();
  }
  EXPECT_EQ(granted, 994U);
  EXPECT_EQ(budget.taken(), 994U);
}

TEST(SpoolBudget, AHugeRequestDoesNotWrapAround) {
  SpoolBudget budget(1'000);
  EXPECT_TRUE(budget.Take(1'000));
  EXPECT_FALSE(budget.Take(~0ULL));
  EXPECT_FALSE(budget.Take(1));
  budget.SetMost(10);
  budget.Give(1'000);
  EXPECT_FALSE(budget.Take(11));
  EXPECT_TRUE(budget.Take(10));
}

}  // namespace
}  // namespace gatepost::milter
