// How long a question about held mail takes when there are a million: every filter with every sort,
// the first page, one in the middle and the last, right after opening (the index's file dropped
// from the page cache) and then on.
//   held-list [ENTRIES] [FOLDER]       default: 1,000,000 in a temporary folder
// Floor of the same run: reading every row's bytes once in memory. SPDX-License-Identifier:
// GPL-2.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
#include <vector>

#include "src/base/clock.h"
#include "src/base/ids.h"
#include "src/record/held_index.h"
#include "src/record/held_table.h"

namespace gatepost::record {
namespace {

double Now() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Of all threads of this process: what a question costs on a machine that others use as well.
double CpuNow() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

// Small and the same on every machine.
class Dice {
 public:
  uint64_t Next(uint64_t below) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state_ >> 33) % below;
  }

 private:
  uint64_t state_ = 2026;
};

int Fail(const Status& status) {
  std::fprintf(stderr, "held-list: %s\n", status.message().c_str());
  return 1;
}

Held Make(Dice* dice, uint64_t number, int64_t now) {
  static const char* const kCategories[] = {"spam",      "spam",    "spam",     "spam",
                                            "virus",     "marking", "freemail", "unscannable",
                                            "ambiguous", "phish"};
  static const char* const kWords[] = {"Báo giá", "Thông báo", "mực in", "hóa đơn",  "cuộc họp",
                                       "invoice", "meeting",   "khẩn",   "vay tiền", "tài liệu"};
  Held held;
  held.held_at_ms = now - static_cast<int64_t>(dice->Next(90ULL * 86'400'000));
  held.id = MakeId(held.held_at_ms);
  held.decision_id = held.id;
  held.category = kCategories[dice->Next(10)];
  held.state = dice->Next(10) < 7
                   ? HeldState::kHeld
                   : (dice->Next(2) == 0 ? HeldState::kReleased : HeldState::kDeleted);
  held.clause = "bench";
  held.size = 1'000 + dice->Next(5'000'000);
  held.score = static_cast<double>(dice->Next(300)) / 10;
  held.envelope.sender =
      mail::Address::Parse("sender" + std::to_string(dice->Next(150'000)) + "@domain" +
                           std::to_string(dice->Next(20'000)) + ".example");
  for (uint64_t i = 0; i < 1 + dice->Next(3); ++i) {
    held.envelope.recipients.push_back(
        {mail::Address::Parse("clerk" + std::to_string(dice->Next(3'000)) + "@unit" +
                              std::to_string(dice->Next(40)) + ".office.example"),
         {},
         false});
  }
  held.envelope.queue_id = "4Q" + std::to_string(number);
  held.message_id = "<" + std::to_string(number) + "@domain.example>";
  held.subject = std::string(kWords[dice->Next(10)]) + " " + kWords[dice->Next(10)] + " " +
                 std::to_string(number);
  for (uint64_t i = 0; i < dice->Next(5); ++i) {
    held.rules.push_back("RUL-" + std::to_string(100 + dice->Next(400)));
  }
  held.key = held.id;
  return held;
}

int Run(uint64_t entries, const std::string& folder) {
  const std::string path = folder + "/index.sqlite";
  if (!std::filesystem::exists(path)) {
    bool fresh = false;
    Result<std::unique_ptr<HeldIndex>> index = HeldIndex::Open(path, &fresh);
    if (!index.ok()) {
      return Fail(index.status());
    }
    Dice dice;
    Transaction transaction((*index)->database());
    Status status = transaction.Begin();
    const int64_t now = NowUnixMs();
    for (uint64_t i = 0; i < entries && status.ok(); ++i) {
      status = (*index)->Put(Make(&dice, i, now));
      if (i % 50'000 == 0) {
        std::fprintf(stderr, "\rmaking entries: %llu", static_cast<unsigned long long>(i));
      }
    }
    status = status.ok() ? (*index)->MarkFilled() : status;
    status = status.ok() ? transaction.Commit() : status;
    if (!status.ok()) {
      return Fail(status);
    }
    std::fprintf(stderr, "\n");
  }
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  fsync(fd);
  posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  close(fd);

  HeldTable table(folder);
  const double opened = Now();
  if (const Status status = table.Refresh(); !status.ok()) {
    return Fail(status);
  }
  std::printf("reading %llu entries, cold cache: %.0f ms (once, when the console starts)\n",
              static_cast<unsigned long long>(entries), Now() - opened);

  HeldScope all;
  all.subjects = true;
  std::vector<std::pair<std::string, HeldQuery>> filters;
  const auto add = [&](const char* name, const std::function<void(HeldQuery*)>& set) {
    HeldQuery query;
    query.scopes = {all};
    set(&query);
    filters.emplace_back(name, query);
  };
  add("none", [](HeldQuery*) {});
  add("state held", [](HeldQuery* q) { q->states = {"held"}; });
  add("category virus", [](HeldQuery* q) { q->categories = {"virus"}; });
  add("sender, rare", [](HeldQuery* q) { q->sender = "sender77777@"; });
  add("sender, common", [](HeldQuery* q) { q->sender = "domain1"; });
  add("recipient", [](HeldQuery* q) { q->recipient = "clerk42@unit7"; });
  add("rule", [](HeldQuery* q) { q->rule = "RUL-123"; });
  add("rule, beginning", [](HeldQuery* q) { q->rule = "RUL-1*"; });
  add("one day", [](HeldQuery* q) {
    q->since_ms = NowUnixMs() - 10LL * 86'400'000;
    q->until_ms = NowUnixMs() - 9LL * 86'400'000;
  });
  add("text, subject", [](HeldQuery* q) { q->text = "mực in 99"; });
  add("text, nothing", [](HeldQuery* q) { q->text = "there is no such text"; });
  add("a unit of 5 domains", [](HeldQuery* q) {
    q->scopes[0].recipients = {"@unit1.office.example", "@unit2.office.example",
                               "@unit3.office.example", "@unit4.office.example",
                               "clerk1@unit9.office.example"};
  });
  add("all together", [](HeldQuery* q) {
    q->states = {"held"};
    q->categories = {"spam"};
    q->sender = "domain1";
    q->rule = "RUL-2*";
    q->text = "khẩn";
  });
  const char* const sorts[] = {"time", "sender", "recipient", "category", "state", "size", "score"};
  std::vector<double> every;
  std::vector<double> every_cpu;
  std::printf("%-22s %10s %10s %10s %10s %10s\n", "filter", "entries", "p50 ms", "worst ms",
              "cpu p50", "worst");
  for (auto& [name, query] : filters) {
    std::vector<double> times;
    std::vector<double> cpu_times;
    uint64_t total = 0;
    for (const char* sort : sorts) {
      HeldSortFromString(sort, &query.sort);
      for (const bool descending : {true, false}) {
        query.descending = descending;
        query.after.clear();
        for (int page = 0; page < 3; ++page) {  // first, one further on, last
          query.last = page == 2;
          const double begin = Now();
          const double cpu_begin = CpuNow();
          const Result<HeldPage> answer = table.List(query);
          const double took = Now() - begin;
          if (!answer.ok()) {
            return Fail(answer.status());
          }
          times.push_back(took);
          cpu_times.push_back(CpuNow() - cpu_begin);
          total = answer->total;
          query.after = page == 0 && !answer->rows.empty() ? answer->rows.back().id : "";
        }
      }
    }
    every.insert(every.end(), times.begin(), times.end());
    every_cpu.insert(every_cpu.end(), cpu_times.begin(), cpu_times.end());
    std::sort(cpu_times.begin(), cpu_times.end());
    std::sort(times.begin(), times.end());
    std::printf("%-22s %10llu %10.1f %10.1f %10.1f %10.1f\n", name.c_str(),
                static_cast<unsigned long long>(total), times[times.size() / 2], times.back(),
                cpu_times[cpu_times.size() / 2], cpu_times.back());
  }
  std::sort(every.begin(), every.end());
  std::printf("all %zu questions: p50 %.1f ms, p95 %.1f ms, worst %.1f ms\n", every.size(),
              every[every.size() / 2], every[every.size() * 95 / 100], every.back());
  std::sort(every_cpu.begin(), every_cpu.end());
  std::printf("of CPU: p50 %.1f ms, p95 %.1f ms, worst %.1f ms\n", every_cpu[every_cpu.size() / 2],
              every_cpu[every_cpu.size() * 95 / 100], every_cpu.back());
  // The floor: the bytes of as many rows, read once.
  const std::vector<uint64_t> bytes(entries * 12, 1);
  const double begin = Now();
  uint64_t sum = 0;
  for (const uint64_t one : bytes) {
    sum += one;
  }
  std::printf("floor, one walk over as many bytes: %.1f ms (%llu)\n", Now() - begin,
              static_cast<unsigned long long>(sum));
  return 0;
}

}  // namespace
}  // namespace gatepost::record

int main(int argc, char** argv) {
  const uint64_t entries = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  std::string folder = argc > 2 ? argv[2] : "";
  const bool temporary = folder.empty();
  if (temporary) {
    std::string name = (std::filesystem::temp_directory_path() / "held-list-XXXXXX").string();
    folder = mkdtemp(name.data()) == nullptr ? "." : name;
  }
  const int code = gatepost::record::Run(entries, folder);
  if (temporary) {
    std::filesystem::remove_all(folder);
  }
  return code;
}
