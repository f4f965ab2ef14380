// Times as people and other programs write them.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/clock.h"

#include <gtest/gtest.h>

namespace gatepost {
namespace {

constexpr int64_t kNow = 1'795'000'000'000;

TEST(Clock, ATimeWithAnOffsetIsTheSameMomentAsInUtc) {
  const int64_t moment = ParseTime("2026-11-23T03:00:00Z", kNow);
  EXPECT_GT(moment, 0);
  EXPECT_EQ(ParseTime("2026-11-23T10:00:00+07:00", kNow), moment);
  EXPECT_EQ(ParseTime("2026-11-22T21:30:00-05:30", kNow), moment);
  EXPECT_EQ(ParseTime("2026-11-23 10:00+07:00", kNow), moment);
  EXPECT_EQ(ParseTime("2026-11-23T03:00", kNow), moment);
  EXPECT_EQ(ParseTime("2026-11-23T10:00:00.250+07:00", kNow), moment + 250);
}

TEST(Clock, WhatIsWrittenIsReadAgain) {
  EXPECT_EQ(ParseTime(Rfc3339(kNow + 345), 0), kNow + 345);
  EXPECT_EQ(ParseTime("2h", kNow), kNow - 2 * 3'600'000);
}

TEST(Clock, WhatIsNoTimeIsRefusedAndNeverReadAsTheNextBestOne) {
  for (const char* const text :
       {"", "soon", "2026-11-23T", "2026-11-23T25:00:00Z", "2026-11-23T10:60Z",
        "2026-11-23T10:00:00+7", "2026-11-23T10:00:00+0700", "2026-11-23T10:00:00+24:00",
        "2026-11-23T10:00:00 Hanoi", "2026-11-23T10:00:61Z", "2026-11-23T10.00",
        "2026-11-23T10:00:00.Z", "2026-11-23T10:00:00Z+07:00"}) {
    EXPECT_EQ(ParseTime(text, kNow), -1) << text;
  }
}

}  // namespace
}  // namespace gatepost
