// What scanning costs: an ordinary letter of 5 KB in all its views with the shipped packs, beside
// PCRE2 (JIT) alone doing the same work, and the start with and without cached databases.
// Run from anywhere; the packs are found beside this file.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>

#include "src/scan/pcre2.h"
#include "src/scan/scanner.h"

namespace gatepost::scan {
namespace {

std::string RulesFolder() {
  return (std::filesystem::path(__FILE__).parent_path().parent_path() / "rules").string();
}

std::shared_ptr<const ruleset::RuleSet> Rules() {
  static const auto rules = [] {
    Diagnostics diagnostics;
    auto loaded = ruleset::RuleSet::Load({RulesFolder()}, &diagnostics);
    if (!loaded.ok()) {
      std::cerr << loaded.status().message() << "\n";
      std::exit(1);
    }
    return *loaded;
  }();
  return rules;
}

const Scanner& SharedScanner() {
  static const auto scanner = [] {
    Diagnostics diagnostics;
    auto compiled = Scanner::Compile(Rules(), CompileOptions(), &diagnostics);
    if (!compiled.ok()) {
      std::cerr << compiled.status().message() << "\n";
      std::exit(1);
    }
    return std::move(compiled).value();
  }();
  return *scanner;
}

// An invented letter: what a provincial office sends on any day. Nothing in it should hit more
// than the tags for document numbers.
std::string Letter() {
  const std::string paragraph =
      "Kính gửi các đồng chí lãnh đạo phòng, ban và đơn vị trực thuộc,\n"
      "Thực hiện Kế hoạch số 15-KH/TU của Ban Thường vụ về công tác chuyển đổi số trong năm nay, "
      "Văn phòng đề nghị các đơn vị rà soát, cập nhật số liệu về trang thiết bị, phần mềm đang "
      "dùng "
      "và nhu cầu đào tạo cán bộ; gửi báo cáo về Văn phòng trước ngày 25 hằng tháng để tổng hợp.\n"
      "Please find the minutes of the last meeting attached. The next one takes place on Thursday "
      "at nine in the large hall; colleagues from the districts may join by telephone.\n"
      "Mọi vướng mắc xin liên hệ chuyên viên phụ trách theo số điện thoại nội bộ.\n\n";
  std::string letter;
  while (letter.size() < 5'000) {
    letter += paragraph;
  }
  letter.resize(letter.rfind('\n'));
  return letter;
}

std::vector<text::TextView> Views() {
  const std::map<std::string, std::string> texts = {
      {"subject", "V/v báo cáo công tác chuyển đổi số tháng 3"},
      {"body", Letter()},
      {"from", "Văn phòng <vanphong@example.vn>"},
      {"to", "phong-a@example.vn, phong-b@example.vn"},
      {"env-from", "vanphong@example.vn"},
      {"env-to", "phong-a@example.vn"},
      {"filename", "bien-ban-hop.docx"},
  };
  std::vector<text::TextView> views;
  for (const auto& [zone, forms] : Rules()->wanted().forms) {
    const auto found = texts.find(zone);
    for (size_t form = 0; form < text::kFormCount && found != texts.end(); ++form) {
      if ((forms >> form & 1U) != 0) {
        views.push_back(text::MakeView(zone, static_cast<text::Form>(form), found->second));
      }
    }
  }
  return views;
}

void BM_ScanLetter(benchmark::State& state) {
  const Scanner& scanner = SharedScanner();
  const std::vector<text::TextView> views = Views();
  const Limits limits;
  size_t hits = 0;
  for (auto unused : state) {
    Matches matches = scanner.Scan(views, limits);
    scanner.EvaluateConditions({}, views, &matches);
    hits = matches.matches.size();
    benchmark::DoNotOptimize(matches);
  }
  state.counters["views"] = static_cast<double>(views.size());
  state.counters["rules"] = static_cast<double>(Rules()->rules().size());
  state.counters["matches"] = static_cast<double>(hits);
}
BENCHMARK(BM_ScanLetter)->Unit(benchmark::kMicrosecond);

// The same with half of the line ends put there by a wrap, so that lines and paragraphs differ.
void BM_ScanWrappedLetter(benchmark::State& state) {
  const Scanner& scanner = SharedScanner();
  std::vector<text::TextView> views = Views();
  for (text::TextView& view : views) {
    for (size_t at = 60; at < view.utf8.size(); at += 60) {
      at = view.utf8.find(' ', at);
      if (at == std::string::npos) {
        break;
      }
      view.utf8[at] = '\n';
      view.soft.push_back(static_cast<uint32_t>(at));
    }
  }
  const Limits limits;
  for (auto unused : state) {
    benchmark::DoNotOptimize(scanner.Scan(views, limits));
  }
}
BENCHMARK(BM_ScanWrappedLetter)->Unit(benchmark::kMicrosecond);

// One view of the letter at a time: where the time goes. 0 raw ... 6 compact.
void BM_ScanBody(benchmark::State& state) {
  const Scanner& scanner = SharedScanner();
  const std::vector<text::TextView> views = {
      text::MakeView("body", static_cast<text::Form>(state.range(0)), Letter())};
  const Limits limits;
  for (auto unused : state) {
    benchmark::DoNotOptimize(scanner.Scan(views, limits));
  }
  state.SetLabel(text::ToString(views[0].form));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(views[0].utf8.size()));
}
BENCHMARK(BM_ScanBody)->DenseRange(0, 6)->Unit(benchmark::kMicrosecond);

// Every `match` of every rule on every line of its views, by PCRE2's JIT alone.
void BM_Pcre2Alone(benchmark::State& state) {
  const std::vector<text::TextView> views = Views();
  struct Work {
    std::vector<Pattern> patterns;
    const text::TextView* view;
  };
  std::vector<Work> work;
  for (const text::TextView& view : views) {
    work.push_back({{}, &view});
    for (const ruleset::Rule& rule : Rules()->rules()) {
      if (rule.form != view.form ||
          std::find(rule.zones.begin(), rule.zones.end(), view.zone) == rule.zones.end()) {
        continue;
      }
      for (const ruleset::Expression& expression : rule.match) {
        work.back().patterns.push_back(
            Pattern::Compile(expression.expanded, {expression.utf8, rule.caseless}).value());
      }
    }
  }
  Matcher matcher;
  for (auto unused : state) {
    size_t found = 0;
    for (const Work& one : work) {
      const Bytes text = one.view->utf8;
      for (size_t at = 0; at <= text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        for (const Pattern& pattern : one.patterns) {
          Range range;
          found += matcher.Find(pattern, text.substr(at, end - at), 0, &range) ==
                           Matcher::Outcome::kMatch
                       ? 1
                       : 0;
        }
        at = end + 1;
      }
    }
    benchmark::DoNotOptimize(found);
  }
}
BENCHMARK(BM_Pcre2Alone)->Unit(benchmark::kMicrosecond);

void BM_Compile(benchmark::State& state) {
  for (auto unused : state) {
    Diagnostics diagnostics;
    benchmark::DoNotOptimize(Scanner::Compile(Rules(), CompileOptions(), &diagnostics));
  }
}
BENCHMARK(BM_Compile)->Unit(benchmark::kMillisecond)->Iterations(2)->UseRealTime();

void BM_LoadAndCompileFromCache(benchmark::State& state) {
  const auto folder = std::filesystem::temp_directory_path() / "gatepost-scan-bench-cache";
  CompileOptions options;
  options.cache_folder = folder.string();
  options.cache_key = "benchmark";
  Diagnostics diagnostics;
  benchmark::DoNotOptimize(Scanner::Compile(Rules(), options, &diagnostics));
  for (auto unused : state) {
    auto rules = ruleset::RuleSet::Load({RulesFolder()}, &diagnostics);
    benchmark::DoNotOptimize(Scanner::Compile(*rules, options, &diagnostics));
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(BM_LoadAndCompileFromCache)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace gatepost::scan

BENCHMARK_MAIN();
