// What the shipped policy costs a message: without hits, with spam and a marking, to many
// recipients. GATEPOST_BENCH_RULES: the folder of rules, default "rules".
// SPDX-License-Identifier: GPL-2.0-or-later
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "src/policy/policy.h"

namespace gatepost::policy {
namespace {

const Policy& Shipped() {
  static const std::shared_ptr<const Policy> policy = [] {
    const char* const folder = std::getenv("GATEPOST_BENCH_RULES");
    const std::string rules = folder == nullptr ? "rules" : folder;
    Diagnostics diagnostics;
    auto loaded = ruleset::RuleSet::Load({rules}, &diagnostics);
    auto policy = loaded.ok() ? Policy::Load(rules + "/policy.yaml", **loaded, &diagnostics)
                              : Result<std::shared_ptr<const Policy>>(loaded.status());
    if (!policy.ok()) {
      std::cerr << policy.status().message() << '\n';
      std::exit(1);
    }
    return *policy;
  }();
  return *policy;
}

void Run(benchmark::State& state, const inspect::Findings& findings) {
  mail::Envelope envelope;
  envelope.sender = mail::Address::Parse("a@example.org");
  for (int64_t i = 0; i < state.range(0); ++i) {
    mail::Recipient one;
    one.address = mail::Address::Parse("b" + std::to_string(i) + "@office.example");
    one.direction = mail::Direction::kInbound;
    envelope.recipients.push_back(one);
  }
  const Policy& policy = Shipped();
  for (auto _ : state) {
    benchmark::DoNotOptimize(policy.Judge(envelope, findings));
  }
}

inspect::RuleHit Hit(const char* id, const char* group, double score) {
  inspect::RuleHit hit;
  hit.id = id;
  hit.group = group;
  hit.score = score;
  return hit;
}

void BM_JudgePlain(benchmark::State& state) { Run(state, {}); }
void BM_JudgeSpam(benchmark::State& state) {
  inspect::Findings findings;
  findings.hits = {Hit("SPM-001", "spam", 3), Hit("SPM-002", "spam", 3), Hit("SPM-003", "spam", 2)};
  findings.score = 8;
  Run(state, findings);
}
void BM_JudgeMarking(benchmark::State& state) {
  inspect::Findings findings;
  findings.hits = {Hit("CMB-01", "vn-level", 0)};
  findings.hits[0].severity = ruleset::Severity::kCritical;
  Run(state, findings);
}

BENCHMARK(BM_JudgePlain)->Arg(1)->Arg(50);
BENCHMARK(BM_JudgeSpam)->Arg(1)->Arg(50);
BENCHMARK(BM_JudgeMarking)->Arg(1)->Arg(50);

}  // namespace
}  // namespace gatepost::policy

BENCHMARK_MAIN();
