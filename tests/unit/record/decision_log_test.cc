// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/decision_log.h"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>
#include <vector>

#include "src/record/chain.h"
#include "tests/unit/record/fixture.h"

namespace gatepost::record {
namespace {

class DecisionLogTest : public FolderTest {
 protected:
  std::unique_ptr<DecisionLog> Open(const std::string& path, uint64_t reserve = 1U << 16) {
    DecisionLog::Options options;
    options.path = path;
    options.reserve_bytes = reserve;
    auto log = DecisionLog::Open(options);
    EXPECT_TRUE(log.ok()) << log.status().message();
    return log.ok() ? std::move(log).value() : nullptr;
  }
  static Json Record(int number) { return {{"v", 1}, {"id", "r" + std::to_string(number)}}; }
  std::string Segment() const { return folder_ + "/" + SegmentName(NowUnixMs() / kDayMs); }
  static std::vector<std::string> Ids(const std::string& path) {
    std::vector<std::string> ids;
    EXPECT_TRUE(ReadLog(path, [&](const Json& record) {
                  ids.push_back(record.contains("id") ? record["id"].get<std::string>()
                                                      : record["event"].get<std::string>());
                  return true;
                }).ok());
    return ids;
  }
  static ChainReport Verify(const std::string& path) {
    const auto report = VerifyLog(path);
    EXPECT_TRUE(report.ok());
    return report.ok() ? *report : ChainReport();
  }
};

TEST_F(DecisionLogTest, ChainGoesOnOverARestart) {
  ASSERT_TRUE(Open(folder_)->Append(Record(1)).ok());
  ASSERT_TRUE(Open(folder_)->Append(Record(2)).ok());
  EXPECT_EQ(Ids(folder_), (std::vector<std::string>{"r1", "r2"}));
  const ChainReport report = Verify(folder_);
  EXPECT_TRUE(report.whole) << report.first_problem;
  EXPECT_EQ(report.records, 2U);
  EXPECT_EQ(report.last_seq, 2U);
}

TEST_F(DecisionLogTest, ASecondWriterIsRefused) {
  const auto first = Open(folder_);
  DecisionLog::Options options;
  options.path = folder_;
  options.lock_wait_ms = 0;
  EXPECT_EQ(DecisionLog::Open(options).status().code(), Code::kUnavailable);
}

TEST_F(DecisionLogTest, AWriterThatIsLeavingIsWaitedFor) {
  auto first = Open(folder_);
  std::thread leaving([&first] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    first.reset();
  });
  const auto second = Open(folder_);  // says why not, otherwise
  leaving.join();
  ASSERT_NE(second, nullptr);
  EXPECT_TRUE(second->Append(Record(1)).ok());
}

TEST_F(DecisionLogTest, ManyThreadsMakeOneChain) {
  {
    const auto log = Open(folder_);
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&log, t] {
        for (int i = 0; i < 50; ++i) {
          EXPECT_TRUE(log->Append(Record(t * 100 + i)).ok());
        }
      });
    }
    for (std::thread& one : threads) {
      one.join();
    }
  }
  const ChainReport report = Verify(folder_);
  EXPECT_TRUE(report.whole) << report.first_problem;
  EXPECT_EQ(report.records, 400U);
  std::vector<std::string> ids = Ids(folder_);
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
}

TEST_F(DecisionLogTest, ATornLastLineIsSetAsideAndRecordedAndNotCalledTampering) {
  {
    const auto log = Open(folder_);
    ASSERT_TRUE(log->Append(Record(1)).ok());
    ASSERT_TRUE(log->Append(Record(2)).ok());
  }
  const std::string whole = Slurp(Segment());
  for (size_t cut = whole.find('\n') + 2; cut < whole.size(); cut += 7) {
    Spill(Segment(), whole.substr(0, cut));
    std::filesystem::remove(Segment() + ".torn");
    EXPECT_TRUE(Verify(folder_).whole) << "a torn end alone is no tampering";
    ASSERT_TRUE(Open(folder_)->Append(Record(3)).ok());
    EXPECT_EQ(Ids(folder_), (std::vector<std::string>{"r1", "torn-line", "r3"}));
    const ChainReport report = Verify(folder_);
    EXPECT_TRUE(report.whole) << report.first_problem;
    EXPECT_EQ(report.records, 3U);
    EXPECT_EQ(Slurp(Segment() + ".torn"),
              whole.substr(whole.find('\n') + 1, cut - whole.find('\n') - 1) + "\n");
  }
}

TEST_F(DecisionLogTest, ZerosThatAPowerCutLeavesAreTorn) {
  ASSERT_TRUE(Open(folder_)->Append(Record(1)).ok());
  Spill(Segment(), Slurp(Segment()) + std::string(300, '\0') + "\n\n");
  ASSERT_TRUE(Open(folder_)->Append(Record(2)).ok());
  EXPECT_EQ(Ids(folder_), (std::vector<std::string>{"r1", "torn-line", "r2"}));
  EXPECT_TRUE(Verify(folder_).whole);
}

TEST_F(DecisionLogTest, ALongTornEndIsReadPastFromTheBack) {
  ASSERT_TRUE(Open(folder_)->Append(Record(1)).ok());
  const std::string whole = Slurp(Segment());
  for (const size_t torn : {size_t{1} << 20, size_t{3} << 20, size_t{18} << 20}) {
    Spill(Segment(), whole + std::string(torn, 'x') + "\n" + std::string(torn / 2, 'y'));
    ASSERT_TRUE(Open(folder_)->Append(Record(2)).ok());
    EXPECT_EQ(Ids(folder_), (std::vector<std::string>{"r1", "torn-line", "r2"})) << torn;
    EXPECT_TRUE(Verify(folder_).whole);
  }
}

TEST_F(DecisionLogTest, NothingBeforeTheLastRecordIsCutHoweverLongItsLine) {
  ASSERT_TRUE(Open(folder_)->Append(Record(1)).ok());
  const std::string first = Slurp(Segment());
  ASSERT_TRUE(Open(folder_)->Append(Record(2)).ok());
  const std::string second = Slurp(Segment()).substr(first.size());
  const std::string damaged = first + std::string(kMaxLine + 100, 'x') + "\n" + second;
  Spill(Segment(), damaged);
  ASSERT_TRUE(Open(folder_)->Append(Record(3)).ok());
  EXPECT_EQ(Slurp(Segment()).substr(0, damaged.size()), damaged);
  EXPECT_FALSE(Verify(folder_).whole) << "damage in the middle is for a person";
}

TEST_F(DecisionLogTest, TheLastRecordFromTheBackIsTheLastRecordFromTheFront) {
  std::string segment;
  std::string prev = ChainStart();
  std::vector<uint64_t> ends;
  for (uint64_t seq = 1; seq <= 2'000; ++seq) {
    const std::string text = "{\"v\":1,\"x\":\"" + std::string(seq * 37 % 1'400, 'x') + "\"}";
    segment += SealLine(text, seq, prev, &prev);
    ends.push_back(segment.size());
  }
  const std::string file = folder_ + "/one.jsonl";
  for (size_t cut = segment.size(); cut > (1U << 20) - 3'000; cut -= std::min<size_t>(cut, 9'973)) {
    Spill(file, segment.substr(0, cut));
    const size_t want =
        static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), cut) - ends.begin());
    const Result<LastLine> last = FindLastRecord(file);
    ASSERT_TRUE(last.ok());
    EXPECT_EQ(last->seq, want) << cut;
    EXPECT_EQ(last->end, ends.at(want - 1)) << cut;
  }
  Spill(file, "");
  EXPECT_EQ(FindLastRecord(file)->seq, 0U);
  Spill(file, "no record\n");
  EXPECT_EQ(FindLastRecord(file)->end, 0U);
}

TEST_F(DecisionLogTest, AFollowerReadsEachRecordOnceWhenItsLineIsWhole) {
  const std::string today = SegmentName(NowUnixMs() / kDayMs);
  const std::string before = SegmentName(NowUnixMs() / kDayMs - 1);
  LogPlace place;
  std::vector<int> seen;
  const auto follow = [&] {
    seen.clear();
    EXPECT_TRUE(FollowLog(folder_, &place, [&](const Json& record) {
                  seen.push_back(record.value("n", 0));
                }).ok());
    return seen;
  };
  Spill(folder_ + "/" + before, "{\"n\":1}\n{\"n\":2}\n{\"n\"");
  EXPECT_EQ(follow(), (std::vector<int>{1, 2}));
  EXPECT_EQ(follow(), (std::vector<int>{}));
  Spill(folder_ + "/" + before, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
  Spill(folder_ + "/" + today, "{\"n\":4}\n");
  EXPECT_EQ(follow(), (std::vector<int>{3, 4}));
  Spill(folder_ + "/" + today, "{\"n\":4}\nnonsense\n{\"n\":5}\n");
  EXPECT_EQ(follow(), (std::vector<int>{5}));
  EXPECT_EQ(follow(), (std::vector<int>{}));
  Spill(folder_ + "/" + today, "{\"n\":6}\n");  // shorter: another file by that name
  EXPECT_EQ(follow(), (std::vector<int>{6}));
}

TEST_F(DecisionLogTest, AFollowerIsToldOfTheLinesThatAreNoRecords) {
  const std::string today = SegmentName(NowUnixMs() / kDayMs);
  const std::string before = SegmentName(NowUnixMs() / kDayMs - 1);
  LogPlace place;
  std::vector<std::string> told;
  size_t records = 0;
  const auto follow = [&] {
    told.clear();
    EXPECT_TRUE(FollowLog(
                    folder_, &place, [&](const Json& /*record*/) { ++records; }, 0,
                    [&](const UnreadableLine& line) {
                      told.push_back(line.segment + ":" + std::to_string(line.line));
                    })
                    .ok());
    return told;
  };
  Spill(folder_ + "/" + before, "{\"n\":1}\nnonsense\n{\"n\"");
  EXPECT_EQ(follow(), (std::vector<std::string>{before + ":2"})) << "the last is being written";
  Spill(folder_ + "/" + before, "{\"n\":1}\nnonsense\n{\"n\":3}\n[]\n{\"n\"");
  EXPECT_EQ(follow(), (std::vector<std::string>{before + ":4"})) << "each once, by its number";
  Spill(folder_ + "/" + today, "{\"n\":6}\n" + std::string(kMaxLine + 1, 'x') + "\n");
  EXPECT_EQ(follow(), (std::vector<std::string>{before + ":5", today + ":2"}))
      << "nobody writes the end of a day that is over; and one that is too long";
  EXPECT_EQ(follow(), (std::vector<std::string>{}));
  EXPECT_EQ(records, 3U);
}

TEST_F(DecisionLogTest, EveryChangeOfOneByteIsFound) {
  {
    const auto log = Open(folder_);
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(log->Append(Record(i)).ok());
    }
  }
  const std::string whole = Slurp(Segment());
  const size_t last_line = whole.rfind('\n', whole.size() - 2) + 1;
  for (size_t at = 0; at < last_line; ++at) {
    std::string changed = whole;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    Spill(Segment(), changed);
    EXPECT_FALSE(Verify(folder_).whole) << at;
  }
}

TEST_F(DecisionLogTest, RemovedSwappedAndRepeatedRecordsAreNamed) {
  {
    const auto log = Open(folder_);
    for (int i = 0; i < 4; ++i) {
      ASSERT_TRUE(log->Append(Record(i)).ok());
    }
  }
  std::vector<std::string> lines;
  ASSERT_TRUE(ReadLines(Segment(), [&](uint64_t, std::string_view line, bool) {
                lines.push_back(std::string(line) + "\n");
                return true;
              }).ok());
  const std::string name = SegmentName(NowUnixMs() / kDayMs);
  Spill(Segment(), lines[0] + lines[2] + lines[3]);
  EXPECT_EQ(Verify(folder_).first_problem,
            name + ":2: record 2 is missing: record 3 follows record 1");
  Spill(Segment(), lines[0] + lines[2] + lines[1] + lines[3]);
  EXPECT_FALSE(Verify(folder_).whole);
  Spill(Segment(), lines[0] + lines[1] + lines[1] + lines[2]);
  EXPECT_FALSE(Verify(folder_).whole);
  Spill(Segment(), lines[0] + lines[1] + "garbage\n" + lines[2]);
  EXPECT_EQ(Verify(folder_).first_problem,
            name + ":3: is no record (damaged, or cut), where record 3 should stand");
  Spill(Segment(), lines[2] + lines[3]);  // taken away without a signed summary
  EXPECT_EQ(Verify(folder_).first_problem,
            name + ":1: record 1 is missing: record 3 follows the beginning");
}

TEST_F(DecisionLogTest, ANewDayBeginsASegmentThatCarriesTheLastHash) {
  const std::string yesterday = folder_ + "/" + SegmentName(NowUnixMs() / kDayMs - 1);
  ASSERT_TRUE(Open(folder_)->Append(Record(1)).ok());
  std::filesystem::rename(Segment(), yesterday);
  const auto log = Open(folder_);
  ASSERT_TRUE(log->Append(Record(2)).ok());
  EXPECT_NE(Slurp(Segment()).find("\"r2\""), std::string::npos);
  EXPECT_EQ(Slurp(yesterday).find("\"r2\""), std::string::npos);
  EXPECT_TRUE(Verify(folder_).whole) << Verify(folder_).first_problem;
  EXPECT_EQ(Verify(folder_).records, 2U);
  std::vector<std::string> today;
  ASSERT_TRUE(ReadLog(
                  folder_,
                  [&](const Json& record) {
                    today.push_back(record["id"].get<std::string>());
                    return true;
                  },
                  NowUnixMs() / kDayMs * kDayMs)
                  .ok());
  EXPECT_EQ(today, std::vector<std::string>{"r2"});
}

TEST_F(DecisionLogTest, AnEmptyNewSegmentDoesNotBreakTheChain) {
  const std::string yesterday = folder_ + "/" + SegmentName(NowUnixMs() / kDayMs - 1);
  ASSERT_TRUE(Open(folder_)->Append(Record(1)).ok());
  std::filesystem::rename(Segment(), yesterday);
  Spill(Segment(), "");  // killed between making it and writing
  ASSERT_TRUE(Open(folder_)->Append(Record(2)).ok());
  EXPECT_TRUE(Verify(folder_).whole) << Verify(folder_).first_problem;
  EXPECT_EQ(Verify(folder_).last_seq, 2U);
}

TEST_F(DecisionLogTest, ASingleFileThatIsRenamedAwayIsMadeAnew) {
  const std::string path = folder_ + "/log.jsonl";
  const auto log = Open(path);
  ASSERT_TRUE(log->Append(Record(1)).ok());
  std::filesystem::rename(path, folder_ + "/log.jsonl.1");
  ASSERT_TRUE(log->Append(Record(2)).ok());
  EXPECT_EQ(Ids(path), std::vector<std::string>{"r2"});
  Link first;
  Link second;
  std::string line = Slurp(folder_ + "/log.jsonl.1");
  ASSERT_TRUE(ReadLink(line.substr(0, line.size() - 1), &first));
  line = Slurp(path);
  ASSERT_TRUE(ReadLink(line.substr(0, line.size() - 1), &second));
  EXPECT_EQ(second.prev, first.hash);
  EXPECT_EQ(second.seq, 2U);
}

TEST_F(DecisionLogTest, ACallerCannotForgeTheChainsOwnKeys) {
  const auto log = Open(folder_);
  Json record = Record(1);
  record["hash"] = "mine";
  record["seq"] = 99;
  ASSERT_TRUE(log->Append(record).ok());
  EXPECT_EQ(Verify(folder_).last_seq, 1U);
}

// A small tmpfs of its own stands for the full disk; it needs root.
TEST_F(DecisionLogTest, AFullDiskIsWrittenOnWithTheReserveAndRecoversAfterwards) {
  if (geteuid() != 0) {
    GTEST_SKIP() << "mounting a small tmpfs needs root";
  }
  ASSERT_EQ(mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=1m"), 0);
  {
    const auto log = Open(folder_, 256U << 10);
    ASSERT_TRUE(log->Append(Record(0)).ok());
    EXPECT_FALSE(log->on_reserve());
    {
      std::ofstream filler(folder_ + "/filler", std::ios::binary);
      const std::string block(4'096, 'x');
      while (filler << block << std::flush) {
      }
    }
    Json big = Record(1);
    big["node"] = std::string(3'000, 'n');
    int written = 0;
    while (written < 1'000 && log->Append(big).ok()) {
      ++written;
    }
    EXPECT_TRUE(log->on_reserve());
    EXPECT_GT(written, 60);     // about 256 KB of 3 KB records
    EXPECT_LT(written, 1'000);  // and then it says so
    EXPECT_EQ(log->Append(big).code(), Code::kNoSpace);
    EXPECT_TRUE(Verify(folder_).whole) << Verify(folder_).first_problem;
    std::filesystem::remove(folder_ + "/filler");
    EXPECT_TRUE(log->Append(Record(2)).ok());
    EXPECT_TRUE(Verify(folder_).whole) << Verify(folder_).first_problem;
  }
  const auto again = Open(folder_, 256U << 10);
  EXPECT_FALSE(again->on_reserve());
  ASSERT_EQ(umount2(folder_.c_str(), MNT_DETACH), 0);
}

// Whoever runs it, a limit on the size of files fails a write in the middle of a record.
TEST_F(DecisionLogTest, AFailedWriteLeavesNothingBehindAndTheChainWhole) {
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const auto log = Open(folder_, 0);
    const rlimit limit{2'000, 2'000};
    if (log == nullptr || setrlimit(RLIMIT_FSIZE, &limit) != 0) {
      _exit(1);
    }
    int good = 0;
    while (good < 100 && log->Append(Record(good)).ok()) {
      ++good;
    }
    _exit(good > 3 && good < 100 && Verify(folder_).records == static_cast<uint64_t>(good) ? 0 : 2);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(Verify(folder_).whole);
}

}  // namespace
}  // namespace gatepost::record
