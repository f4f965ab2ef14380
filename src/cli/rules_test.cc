// `gatepost rules test`: the rules' own examples, texts and whole mails, with what matched instead.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <filesystem>
#include <set>

#include "src/base/clock.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/rules_common.h"
#include "src/cli/terminal.h"
#include "src/inspect/mail_examples.h"
#include "src/ruleset/condition.h"

namespace gatepost::cli {

namespace {

namespace fs = std::filesystem;
using ruleset::Rule;

std::string Canonical(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  return error ? path : canonical.string();
}

// Files that are named and lie in none of the folders: loaded over them.
std::vector<std::string> FilesOutside(const std::vector<std::string>& which,
                                      const std::vector<std::string>& folders) {
  std::vector<std::string> out;
  for (const std::string& one : which) {
    std::error_code error;
    if (!fs::is_regular_file(one, error)) {
      continue;
    }
    const std::string file = Canonical(one);
    const bool inside = std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
      const std::string root = Canonical(folder) + "/";
      return file.rfind(root, 0) == 0 && fs::path(file).extension() == ".yaml";
    });
    if (!inside) {
      out.push_back(one);
    }
  }
  return out;
}

// A generation of its own for whole mails, antivirus and pictures aside. `only`: ids of the rules
// that are compiled; empty: all. Null: *diagnostics or an error message says why.
std::shared_ptr<inspect::Inspector> StartFor(const LoadedRules& loaded,
                                             const std::set<std::string>& only,
                                             Diagnostics* diagnostics, std::string* error) {
  inspect::InspectorOptions options = loaded.config.ToInspectorOptions();
  options.sources = std::make_shared<const ruleset::Sources>(loaded.sources);
  options.antivirus.need = inspect::AntivirusOptions::Need::kOff;
  options.pictures.on = false;
  options.run_examples = false;  // ours, of the chosen ones, are run here
  options.workers = 1;
  options.only_rules.assign(only.begin(), only.end());
  auto inspector = inspect::Inspector::Start(options, diagnostics);
  if (!inspector.ok()) {
    *error = inspector.status().message();
    return nullptr;
  }
  return std::move(inspector).value();
}

// The rules that should have found a mail and did not.
std::set<std::string> NotFound(const ruleset::RuleSet& rules, const Diagnostics& failures) {
  std::set<std::string> ids;
  for (const Diagnostic& one : failures.all()) {
    const Rule* const owner = OwnerOf(rules, one.place);
    if (owner != nullptr &&
        std::any_of(owner->examples.begin(), owner->examples.end(), [&one](const auto& example) {
          return example.should_match && example.place.line == one.place.line &&
                 example.place.column == one.place.column;
        })) {
      ids.insert(owner->id);
    }
  }
  return ids;
}

// Whole mails are inspected by workers, which have only the rules with such examples and what these
// ask for: to compile a hundred more takes ten times as long. For a mail that is not found all are
// compiled after all, so that it can be said which rules find it instead.
bool RunMails(const LoadedRules& loaded, const std::function<bool(const Rule&)>& chosen, bool vi,
              size_t* count, Diagnostics* failures) {
  const std::set<std::string> needed =
      ruleset::WithThoseAskedFor(*loaded.rules, [&chosen](const Rule& rule) {
        return chosen(rule) && std::any_of(rule.examples.begin(), rule.examples.end(),
                                           [](const auto& one) { return !one.file.empty(); });
      });
  if (needed.empty()) {
    return true;
  }
  Diagnostics diagnostics;
  std::string error;
  const auto some = StartFor(loaded, needed, &diagnostics, &error);
  if (some == nullptr) {
    if (diagnostics.has_errors()) {
      PrintFindings(diagnostics, /*errors_only=*/true);  // the status says the same once more
    } else {
      PrintError(error);
    }
    return false;
  }
  const auto run = [&](inspect::Inspector* inspector, const auto& which,
                       const std::set<std::string>* compiled) {
    Diagnostics found;
    const size_t mails = inspect::RunMailExamples(
        inspector, loaded.config.site, loaded.config.limits, {which, compiled, vi}, &found);
    return std::make_pair(mails, std::move(found));
  };
  auto [mails, found] = run(some.get(), chosen, &needed);
  *count = mails;
  const std::set<std::string> ids = NotFound(*loaded.rules, found);
  if (!ids.empty() && needed.size() < loaded.rules->rules().size()) {
    Diagnostics unused;  // of a rule that does not compile, and is not the one tested
    if (const auto all = StartFor(loaded, {}, &unused, &error); all != nullptr) {
      found = run(
                  all.get(), [&ids](const Rule& rule) { return ids.count(rule.id) > 0; }, nullptr)
                  .second;
    }
  }
  for (const Diagnostic& one : found.all()) {
    failures->Error(one.place, one.message);
  }
  return true;
}

}  // namespace

int RulesTest(const Common& common, const std::vector<std::string>& which) {
  int exit_code = kDone;
  const int64_t begun = SteadyMs();
  gateway::Config config;
  if (!ConfigOf(common.config, &config)) {
    return kUsage;
  }
  const std::vector<std::string> more = FilesOutside(which, config.rules);
  const auto loaded = LoadRules(common, more, &exit_code);
  if (loaded == nullptr) {
    return exit_code;
  }
  std::set<std::string> files;
  for (const std::string& one : which) {
    std::error_code error;
    if (fs::exists(one, error)) {
      files.insert(Canonical(one));
    }
  }
  const auto chosen = [&](const Rule& rule) {
    return which.empty() || files.count(Canonical(rule.place.file)) > 0 ||
           std::any_of(which.begin(), which.end(), [&rule](const std::string& w) {
             return rule.id == w || rule.pack == w || rule.place.file == w ||
                    ruleset::GlobMatches(w, rule.id);
           });
  };
  size_t tested = 0, examples = 0;
  for (const Rule& rule : loaded->rules->rules()) {
    if (chosen(rule)) {
      ++tested;
      examples += rule.examples.size();
    }
  }
  if (tested == 0) {
    PrintError("no rule, pack or file is called so; 'gatepost rules list' names them");
    return kUsage;
  }
  // Whoever tries one file wants to know what is doubtful about it too.
  for (const Diagnostic& one : loaded->warnings.all()) {
    if (!common.json && files.count(Canonical(one.place.file)) > 0) {
      PrintLine(Paint(Colour::kYellow, one.ToString()));
    }
  }
  // An example is about its own rule alone: nothing else need be compiled.
  const std::unique_ptr<scan::Scanner> scanner = CompileRules(loaded->rules, chosen);
  if (scanner == nullptr) {
    return kUsage;
  }
  Diagnostics failures;
  const bool vi = Vietnamese();
  scan::RunExamples(*scanner, &failures, chosen, vi && !common.json);
  size_t mails = 0;
  if (!RunMails(*loaded, chosen, vi && !common.json, &mails, &failures)) {
    return kUsage;
  }
  size_t failed = 0;
  for (const Diagnostic& one : failures.all()) {
    const Rule* const owner = OwnerOf(*loaded->rules, one.place);
    if (owner != nullptr && !chosen(*owner)) {
      continue;
    }
    ++failed;
    PrintLine(common.json ? DumpJson({{"file", one.place.file},
                                      {"line", one.place.line},
                                      {"column", one.place.column},
                                      {"rule", owner == nullptr ? "" : owner->id},
                                      {"message", one.message}})
                          : Paint(Colour::kRed, one.ToString()));
  }
  if (common.json) {
    PrintLine(DumpJson(
        {{"rules", tested}, {"examples", examples}, {"mails", mails}, {"failed", failed}}));
  } else {
    const std::string ms = std::to_string(SteadyMs() - begun) + " ms";
    const std::string summary =
        vi ? std::to_string(tested) + " quy tắc, " + std::to_string(examples) + " ví dụ" +
                 (mails > 0 ? " (" + std::to_string(mails) + " thư)" : std::string()) + ", " +
                 std::to_string(failed) + " không đạt, " + ms
           : Plural(tested, "rule", "rules") + ", " + Plural(examples, "example", "examples") +
                 (mails > 0 ? " (" + Plural(mails, "mail", "mails") + ")" : std::string()) + ", " +
                 std::to_string(failed) + " failed, " + ms;
    PrintLine(Paint(failed == 0 ? Colour::kGreen : Colour::kRed, summary));
  }
  return failed == 0 ? kDone : kIncomplete;
}

}  // namespace gatepost::cli
