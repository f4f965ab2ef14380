// Hostile text through every shipped rule. First bytes: zone, form, where soft line ends are; the
// rest is the text. Ranges must lie in the view at code points' edges, and two scans agree.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "src/base/utf8.h"
#include "src/scan/scanner.h"

namespace {

using namespace gatepost;  // NOLINT: a fuzz target is a program of its own

const scan::Scanner& Shared() {
  static const auto scanner = [] {
    const auto rules = std::filesystem::path(GATEPOST_SOURCE_DIR) / "rules";
    Diagnostics diagnostics;
    auto loaded = ruleset::RuleSet::Load({rules.string()}, &diagnostics);
    if (!loaded.ok()) {
      std::fprintf(stderr, "%s\n", loaded.status().message().c_str());
      std::abort();
    }
    scan::CompileOptions options;
    options.few_expressions = 0;  // words and beginnings are ours to fuzz, Hyperscan is not
    auto compiled = scan::Scanner::Compile(*loaded, options, &diagnostics);
    if (!compiled.ok()) {
      std::fprintf(stderr, "%s\n", compiled.status().message().c_str());
      std::abort();
    }
    return std::move(compiled).value();
  }();
  return *scanner;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 3) {
    return 0;
  }
  static const auto pairs = [] {
    std::vector<std::pair<text::Zone, text::Form>> out;
    for (const auto& [zone, forms] : Shared().rules().wanted().forms) {
      for (size_t form = 0; form < text::kFormCount; ++form) {
        if ((forms >> form & 1U) != 0) {
          out.emplace_back(zone, static_cast<text::Form>(form));
        }
      }
    }
    return out;
  }();
  const auto pair = std::next(pairs.begin(), static_cast<std::ptrdiff_t>(data[0] % pairs.size()));
  const std::string text =
      ToValidUtf8(std::string_view(reinterpret_cast<const char*>(data) + 3, size - 3));
  text::TextView view = text::MakeView(pair->first, pair->second, text);
  view.soft.clear();
  uint32_t ends = 0;
  for (uint32_t at = 0; at < view.utf8.size(); ++at) {
    if (view.utf8[at] == '\n' && ((data[1] >> (ends++ % 8)) & 1) != 0) {
      view.soft.push_back(at);
    }
  }
  const std::vector<text::TextView> views = {view, view};
  scan::Matches matches = Shared().Scan(views, Limits());
  const scan::Matches again = Shared().Scan(views, Limits());
  Shared().EvaluateConditions({{"sender.ours", "true"}}, views, &matches);
  for (const scan::Match& match : matches.matches) {
    const auto edge = [&](uint32_t at) {
      return at == view.utf8.size() || (static_cast<unsigned char>(view.utf8[at]) & 0xC0) != 0x80;
    };
    if (match.range.begin > match.range.end || match.range.end > view.utf8.size() ||
        !edge(match.range.begin) || !edge(match.range.end) || match.line == 0 ||
        !matches.hit[match.rule]) {
      std::abort();
    }
  }
  if (again.matches.size() != matches.matches.size() ||
      again.counts.size() != matches.counts.size()) {
    std::abort();
  }
  return 0;
}
