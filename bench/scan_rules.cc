// What a set of rules costs beside the same expressions in one plain Hyperscan database a zone:
//   scan-rules RULES_FOLDER MAIL_FOLDER [--zone ZONE] [--messages N] [--extra N] [--check]
// Both read the same views of the same mails, turn about, in one process; --extra adds N rules of
// one phrase each to the set and compares with the set without them; --check compares every hit
// with PCRE2, paragraph by paragraph. Prints one line of JSON.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <set>

#include "src/base/files.h"
#include "src/base/json.h"
#include "src/decode/leaf.h"
#include "src/mail/message.h"
#include "src/scan/hyperscan.h"
#include "src/scan/scanner.h"
#include "src/scan/syntax.h"
#include "src/text/view.h"
#include "tests/unit/scan/reference.h"

namespace gatepost::scan {
namespace {

namespace fs = std::filesystem;
using Key = std::pair<text::Zone, text::Form>;

struct Options {
  std::string rules;
  std::string mails;
  std::string zone;
  size_t messages = 500;
  size_t extra = 0;
  bool check = false;
};

[[noreturn]] void Fail(const std::string& message) {
  std::cerr << "scan-rules: " << message << "\n";
  std::exit(1);
}

double CpuSeconds(int who) {
  rusage usage = {};
  getrusage(who, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}
double Both() { return CpuSeconds(RUSAGE_SELF) + CpuSeconds(RUSAGE_CHILDREN); }

struct Compiled {
  std::shared_ptr<const ruleset::RuleSet> rules;
  std::unique_ptr<Scanner> scanner;
  double wall = 0;
  double cpu = 0;
};

Compiled Load(const std::vector<std::string>& folders, const CompileOptions& options) {
  Diagnostics diagnostics;
  auto loaded = ruleset::RuleSet::Load(folders, &diagnostics);
  if (!loaded.ok()) {
    Fail(loaded.status().message());
  }
  Compiled out;
  out.rules = *loaded;
  const auto begin = std::chrono::steady_clock::now();
  const double cpu = Both();
  auto compiled = Scanner::Compile(out.rules, options, &diagnostics);
  if (!compiled.ok()) {
    Fail(compiled.status().message());
  }
  out.cpu = Both() - cpu;
  out.wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  out.scanner = std::move(compiled).value();
  return out;
}

// All that a set of rules wants to see of a folder of mails.
std::vector<std::vector<text::TextView>> ReadViews(const Options& options,
                                                   const text::Wanted& wanted) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(options.mails)) {
    if (entry.is_regular_file()) {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::vector<text::TextView>> out;
  const Limits limits;
  // Evenly from the whole folder.
  const size_t step = std::max<size_t>(1, paths.size() / std::max<size_t>(1, options.messages));
  for (size_t i = 0; i < paths.size() && out.size() < options.messages; i += step) {
    const Result<std::string> raw = ReadFile(paths[i]);
    if (!raw.ok()) {
      continue;
    }
    const mail::Envelope envelope;
    const mail::Message message = mail::Message::Parse(*raw, limits);
    const decode::Leaves leaves = decode::Decode(message, limits);
    text::Views views = text::BuildViews(envelope, message, leaves, wanted, limits);
    std::vector<text::TextView> kept;
    for (text::TextView& view : views.views) {
      if (options.zone.empty() || view.zone == options.zone) {
        kept.push_back(std::move(view));
      }
    }
    out.push_back(std::move(kept));
  }
  return out;
}

// The same expressions in one database a zone and form, as one would write it down.
class Plain {
 public:
  Plain(const ruleset::RuleSet& rules, const std::string& zone) {
    std::map<Key, std::vector<HsExpression>> sets;
    for (const ruleset::Rule& rule : rules.rules()) {
      for (const text::Zone& in : rule.zones) {
        for (const ruleset::Expression& expression : rule.match) {
          if (!zone.empty() && in != zone) {
            continue;
          }
          const Syntax syntax = ParseSyntax(expression.expanded, expression.utf8, rule.caseless);
          HsExpression hs;
          hs.text = syntax.exotic ? syntax.relaxed : expression.expanded;
          hs.utf8 = expression.utf8;
          hs.caseless = rule.caseless;
          hs.prefilter = syntax.exotic || !HsDatabase::Check(hs).ok();
          if (!HsDatabase::Check(hs).ok()) {
            ++refused_;
            continue;
          }
          auto& set = sets[{in, rule.form}];
          hs.id = static_cast<uint32_t>(set.size());
          set.push_back(std::move(hs));
        }
      }
    }
    for (auto& [key, set] : sets) {
      HsFailure failure;
      auto database = HsDatabase::Compile(set, &failure);
      while (!database.ok() && failure.index >= 0) {
        set.erase(set.begin() + failure.index);  // too large: found out when it is compiled
        ++refused_;
        database = HsDatabase::Compile(set, &failure);
      }
      if (!database.ok()) {
        Fail(key.first + ": " + failure.message);
      }
      bytes_ += database->bytes();
      expressions_ += set.size();
      if (!scratch_.Prepare(*database).ok()) {
        Fail("no scratch");
      }
      databases_.emplace(key, std::move(database).value());
    }
  }
  size_t Scan(const std::vector<text::TextView>& views) {
    size_t matches = 0;
    for (const text::TextView& view : views) {
      const auto found = databases_.find({view.zone, view.form});
      if (found != databases_.end()) {
        scratch_.Scan(
            found->second, view.utf8,
            [](void* count, uint32_t, uint64_t) { ++*static_cast<size_t*>(count); }, &matches);
      }
    }
    return matches;
  }
  size_t refused() const { return refused_; }
  size_t expressions() const { return expressions_; }
  size_t bytes() const { return bytes_; }

 private:
  std::map<Key, HsDatabase> databases_;
  HsScratch scratch_;
  size_t refused_ = 0;
  size_t expressions_ = 0;
  size_t bytes_ = 0;
};

// The extra rules: three made-up words each, in the zone that most rules look at.
std::string WriteExtra(const Options& options, const ruleset::RuleSet& rules) {
  std::map<Key, size_t> zones;
  for (const ruleset::Rule& rule : rules.rules()) {
    for (const text::Zone& zone : rule.zones) {
      ++zones[{zone, rule.form}];
    }
  }
  const auto most = std::max_element(
      zones.begin(), zones.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  std::string name = (fs::temp_directory_path() / "gatepost-extra-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    Fail("no folder for the extra rules");
  }
  std::ofstream file(fs::path(name) / "extra.yaml");
  file << "pack: extra\ntitle: {en: e, vi: e}\nrules:\n";
  constexpr const char* kSyllables[] = {"ban", "ker", "lot", "mis", "nar", "pol", "ret", "sun",
                                        "tav", "vel", "wor", "zim", "cha", "dro", "fle", "gri"};
  for (size_t i = 0; i < options.extra; ++i) {
    std::string words;
    for (size_t n = i * 2654435761U % 0xFFFFFFU, k = 0; k < 6; ++k, n /= 16) {
      words += kSyllables[n % 16];
      words += k % 2 == 1 && k < 5 ? " " : "";
    }
    file << "  - {id: EXTRA-" << i << ", title: {en: e, vi: e}, zones: ['" << most->first.first
         << "'], form: " << text::ToString(most->first.second) << ", caseless: true, match: '"
         << words << "', examples: {match: ['" << words << "'], no_match: [b]}}\n";
  }
  return name;
}

double Pass(const Scanner& scanner, const std::vector<std::vector<text::TextView>>& mails) {
  const Limits limits;
  const double begin = CpuSeconds(RUSAGE_SELF);
  size_t hits = 0;
  for (const auto& views : mails) {
    hits += scanner.Scan(views, limits).matches.size();
  }
  const double seconds = CpuSeconds(RUSAGE_SELF) - begin;
  return hits == SIZE_MAX ? 0 : seconds;
}
double Pass(Plain* plain, const std::vector<std::vector<text::TextView>>& mails) {
  const double begin = CpuSeconds(RUSAGE_SELF);
  size_t hits = 0;
  for (const auto& views : mails) {
    hits += plain->Scan(views);
  }
  const double seconds = CpuSeconds(RUSAGE_SELF) - begin;
  return hits == SIZE_MAX ? 0 : seconds;
}

int Run(const Options& options) {
  Json out;
  CompileOptions compile;
  std::string cache = (fs::temp_directory_path() / "gatepost-cache-XXXXXX").string();
  if (mkdtemp(cache.data()) == nullptr) {
    Fail("no folder for the cache");
  }
  compile.cache_folder = cache;
  compile.cache_key = "benchmark";
  Compiled ours = Load({options.rules}, compile);
  out["compile_wall_s"] = ours.wall;
  out["compile_cpu_s"] = ours.cpu;
  ours = Load({options.rules}, compile);
  out["start_from_cache_wall_s"] = ours.wall;
  out["start_from_cache_cpu_s"] = ours.cpu;
  out["rules"] = ours.rules->rules().size();
  const auto mails = ReadViews(options, ours.rules->wanted());
  uint64_t bytes = 0;
  size_t views = 0;
  for (const auto& mail : mails) {
    for (const text::TextView& view : mail) {
      bytes += view.utf8.size();
      ++views;
    }
  }
  out["messages"] = mails.size();
  out["views"] = views;
  out["bytes"] = bytes;
  if (options.check) {
    const Limits limits;
    size_t compared = 0;
    size_t hits = 0;
    Reference reference(ours.rules);
    for (const auto& mail : mails) {
      const Matches mine = ours.scanner->Scan(mail, limits);
      const std::vector<bool> theirs = reference.Hits(mail);
      for (size_t rule = 0; rule < theirs.size(); ++rule) {
        if (!reference.Tells(rule)) {
          continue;
        }
        ++compared;
        hits += theirs[rule] ? 1 : 0;
        if (mine.hit[rule] != theirs[rule]) {
          std::cerr << "differs: " << ours.rules->rules()[rule].id << " scan " << mine.hit[rule]
                    << " reference " << theirs[rule] << "\n";
          out["differs"] = out.value("differs", 0) + 1;
        }
      }
    }
    out["compared"] = compared;
    out["hits"] = hits;
    std::cout << DumpJson(out) << "\n";
    fs::remove_all(cache);
    return out.contains("differs") ? 1 : 0;
  }
  constexpr int kRounds = 5;
  const double mega = static_cast<double>(bytes) / 1e6;
  if (options.extra > 0) {
    const std::string folder = WriteExtra(options, *ours.rules);
    Compiled more = Load({options.rules, folder}, compile);
    fs::remove_all(folder);
    double with = 1e9;
    double without = 1e9;
    for (int round = 0; round < kRounds; ++round) {
      without = std::min(without, Pass(*ours.scanner, mails));
      with = std::min(with, Pass(*more.scanner, mails));
    }
    out["us_a_message"] = without * 1e6 / static_cast<double>(mails.size());
    out["us_a_message_with_extra"] = with * 1e6 / static_cast<double>(mails.size());
    out["ratio"] = with / without;
    out["compile_with_extra_cpu_s"] = more.cpu;
  } else {
    const double begin = Both();
    Plain plain(*ours.rules, options.zone);
    out["plain_compile_cpu_s"] = Both() - begin;
    out["plain_expressions"] = plain.expressions();
    out["plain_refused"] = plain.refused();
    out["plain_bytes"] = plain.bytes();
    double one = 1e9;
    double other = 1e9;
    for (int round = 0; round < kRounds; ++round) {
      one = std::min(one, Pass(*ours.scanner, mails));
      other = std::min(other, Pass(&plain, mails));
    }
    out["mb_s"] = mega / one;
    out["plain_mb_s"] = mega / other;
    out["us_a_message"] = one * 1e6 / static_cast<double>(mails.size());
    out["plain_us_a_message"] = other * 1e6 / static_cast<double>(mails.size());
    out["ratio"] = other / one;
  }
  std::cout << DumpJson(out) << "\n";
  fs::remove_all(cache);
  return 0;
}

Options ReadArguments(int argc, char** argv) {
  Options options;
  std::vector<std::string> names;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto next = [&] { return i + 1 < argc ? std::string(argv[++i]) : std::string(); };
    if (word == "--zone") {
      options.zone = next();
    } else if (word == "--messages") {
      options.messages = std::stoul(next());
    } else if (word == "--extra") {
      options.extra = std::stoul(next());
    } else if (word == "--check") {
      options.check = true;
    } else {
      names.push_back(word);
    }
  }
  if (names.size() != 2) {
    Fail(
        "usage: scan-rules RULES_FOLDER MAIL_FOLDER [--zone ZONE] [--messages N] [--extra N] "
        "[--check]");
  }
  options.rules = names[0];
  options.mails = names[1];
  return options;
}

}  // namespace
}  // namespace gatepost::scan

int main(int argc, char** argv) {
  return gatepost::scan::Run(gatepost::scan::ReadArguments(argc, argv));
}
