// What remembering costs: a decision as JSON, a record chained and durable in the log (one writer
// after the other, and eight that share a commit). GATEPOST_BENCH_FOLDER: on which disk, default
// the present folder. SPDX-License-Identifier: GPL-2.0-or-later
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "src/base/json.h"
#include "src/record/decision.h"
#include "src/record/decision_log.h"

namespace gatepost::record {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void Fail(const Status& status) {
  std::cerr << status.message() << '\n';
  std::exit(1);
}

Decision ADecision() {
  Decision decision;
  decision.id = "GP-20261123-0123456789";
  decision.node = "mail.office.example";
  decision.envelope.sender = mail::Address::Parse("a@example.org");
  mail::Recipient recipient;
  recipient.address = mail::Address::Parse("b@office.example");
  decision.envelope.recipients = {recipient};
  for (const char* id : {"SPM-001", "SPM-002", "VNP-003"}) {
    inspect::RuleHit hit;
    hit.id = id;
    hit.group = "spam";
    hit.score = 2.5;
    decision.findings.hits.push_back(hit);
  }
  decision.verdict.action = policy::Action::kTag;
  decision.verdict.clause = "spam-tag";
  return decision;
}

void BM_DecisionToJson(benchmark::State& state) {
  const Decision decision = ADecision();
  for (auto _ : state) {
    benchmark::DoNotOptimize(DumpJson(ToJson(decision, "key")));
  }
}
BENCHMARK(BM_DecisionToJson);

// The folder goes with the process.
class Folder {
 public:
  Folder() {
    const char* const disk = std::getenv("GATEPOST_BENCH_FOLDER");
    std::string name = std::string(disk == nullptr ? "." : disk) + "/record-bench-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) {
      Fail(Status::Internal("cannot make " + name));
    }
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void BM_AppendDurably(benchmark::State& state) {
  static const Folder folder;
  static const std::unique_ptr<DecisionLog> log = [] {
    DecisionLog::Options options;
    options.path = folder.path();
    auto opened = DecisionLog::Open(options);
    if (!opened.ok()) {
      Fail(opened.status());
    }
    return std::move(opened).value();
  }();
  const Json record = ToJson(ADecision(), "key");
  for (auto _ : state) {
    if (const Status appended = log->Append(record); !appended.ok()) {
      Fail(appended);
    }
  }
}
BENCHMARK(BM_AppendDurably)->Threads(1)->Threads(8)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace gatepost::record

BENCHMARK_MAIN();
