// What the worker costs: the same messages inspected in this process and through a sandboxed worker
// (memfd, socket, wire format, validation, digest). The difference is the price of isolation.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "src/base/files.h"
#include "src/inspect/inspector.h"

namespace gatepost::inspect {
namespace {

std::string Letter(size_t bytes) {
  std::string mail =
      "From: A <a@example.org>\r\nTo: b@office.example\r\nSubject: letter\r\n"
      "Message-ID: <1@example.org>\r\nMIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n\r\n";
  while (mail.size() < bytes) {
    mail +=
        "K\xC3\xADnh g\xE1\xBB\xADi \xC3\xB4ng, xin g\xE1\xBB\xADi b\xE1\xBA\xA3n th\xE1\xBA\xA3o "
        "h\xE1\xBB\xA3p \xC4\x91\xE1\xBB\x93ng \xC4\x91\xE1\xBB\x83 xem l\xE1\xBA\xA1i.\r\n";
  }
  return mail;
}

InspectorOptions Options() {
  InspectorOptions options;
  const char* rules = std::getenv("GATEPOST_BENCH_RULES");
  options.rule_folders = {rules == nullptr ? "rules" : rules};
  options.antivirus.need = AntivirusOptions::Need::kOff;
  options.run_examples = false;
  options.workers = 1;
  return options;
}

[[noreturn]] void Fail(const Status& status) {
  std::cerr << status.message() << '\n';
  std::exit(1);
}

mail::Envelope AnEnvelope() {
  mail::Envelope envelope;
  envelope.sender = mail::Address::Parse("a@example.org");
  envelope.recipients.push_back({mail::Address::Parse("b@office.example"), {}, false});
  return envelope;
}

const scan::Scanner& AScanner() {
  static const std::unique_ptr<scan::Scanner> scanner = [] {
    Diagnostics diagnostics;
    auto rules = ruleset::RuleSet::Load(Options().rule_folders, &diagnostics);
    if (!rules.ok()) {
      Fail(rules.status());
    }
    scan::CompileOptions compile;
    if (const char* const cache = std::getenv("GATEPOST_BENCH_CACHE"); cache != nullptr) {
      compile.cache_folder = cache;  // under a profiler, compiling would be all that one sees
      compile.cache_key = "bench";
    }
    auto compiled = scan::Scanner::Compile(*rules, compile, &diagnostics);
    if (!compiled.ok()) {
      Fail(compiled.status());
    }
    return std::move(compiled).value();
  }();
  return *scanner;
}

uint64_t CpuNanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

// GATEPOST_BENCH_MAILS, a folder of mails: the CPU time of each, the best of three, and the median
// of all. What it says can be compared with an older checkout on the same machine in the same hour.
void BM_Mails(benchmark::State& state) {
  const char* const folder = std::getenv("GATEPOST_BENCH_MAILS");
  if (folder == nullptr) {
    state.SkipWithError("GATEPOST_BENCH_MAILS is not set");
    return;
  }
  Tools tools;
  tools.scanner = &AScanner();
  tools.antivirus = Options().antivirus;
  const mail::Envelope envelope = AnEnvelope();
  const Limits limits;
  std::vector<std::string> mails;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    Result<std::string> raw = ReadFile(entry.path().string());
    if (raw.ok()) {
      mails.push_back(std::move(raw).value());
    }
  }
  std::vector<uint64_t> times;
  for (auto _ : state) {
    times.clear();
    for (const std::string& raw : mails) {
      uint64_t best = UINT64_MAX;
      for (int i = 0; i < 3; ++i) {
        const uint64_t begin = CpuNanoseconds();
        benchmark::DoNotOptimize(Inspect(envelope, raw, tools, limits));
        best = std::min(best, CpuNanoseconds() - begin);
      }
      times.push_back(best);
    }
  }
  std::sort(times.begin(), times.end());
  if (!times.empty()) {
    state.counters["p50_us"] = static_cast<double>(times[times.size() / 2]) / 1000;
    state.counters["p90_us"] = static_cast<double>(times[times.size() * 9 / 10]) / 1000;
    state.counters["mails"] = static_cast<double>(times.size());
  }
}
BENCHMARK(BM_Mails)->Iterations(1)->Unit(benchmark::kMillisecond);

void BM_InProcess(benchmark::State& state) {
  Tools tools;
  tools.scanner = &AScanner();
  tools.antivirus = Options().antivirus;
  const std::string raw = Letter(static_cast<size_t>(state.range(0)));
  const mail::Envelope envelope = AnEnvelope();
  const Limits limits;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Inspect(envelope, raw, tools, limits));
  }
}
BENCHMARK(BM_InProcess)
    ->Arg(500)
    ->Arg(5'000)
    ->Arg(75'000)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

// What a worker reports as its own time stands beside the whole: the rest is the round trip.
void BM_Worker(benchmark::State& state) {
  static const std::shared_ptr<Inspector> inspector = [] {
    Diagnostics diagnostics;
    auto started = Inspector::Start(Options(), &diagnostics);
    if (!started.ok()) {
      Fail(started.status());
    }
    return *started;
  }();
  const std::string raw = Letter(static_cast<size_t>(state.range(0)));
  const mail::Envelope envelope = AnEnvelope();
  double inside_us = 0;
  for (auto _ : state) {
    const Result<Fd> fd = MemFd("bench", raw);
    const Result<Findings> findings = inspector->Inspect(envelope, fd->get(), {});
    if (!findings.ok()) {
      Fail(findings.status());
    }
    inside_us += findings->ms.at("total") * 1'000;
  }
  state.counters["inside_us"] = inside_us / static_cast<double>(state.iterations());
}
BENCHMARK(BM_Worker)->Arg(500)->Arg(5'000)->Arg(75'000)->UseRealTime()->Unit(
    benchmark::kMicrosecond);

}  // namespace
}  // namespace gatepost::inspect

int main(int argc, char** argv) {
  gatepost::inspect::RunZygoteIfAsked(argc, argv);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
