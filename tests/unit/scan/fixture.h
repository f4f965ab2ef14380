// A rule set of one file, compiled and asked.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "src/scan/scanner.h"

namespace gatepost::scan {

// A rules folder of one file, compiled.
class Scan : public testing::Test {
 protected:
  Scan() {
    std::string name = (std::filesystem::temp_directory_path() / "gatepost-scan-XXXXXX").string();
    root_ = mkdtemp(name.data());
  }
  ~Scan() override { std::filesystem::remove_all(root_); }

  static std::string Rule(const std::string& id, const std::string& keys) {
    return "  - id: " + id +
           "\n    title: {en: R, vi: R}\n    zones: [body, subject]\n    form: raw\n" + keys +
           "\n    examples: {match: [a], no_match: [b]}\n";
  }
  static std::string When(const std::string& id, const std::string& when) {
    return "  - id: " + id + "\n    title: {en: R, vi: R}\n    when: " + when +
           "\n    examples: {match: [{}], no_match: [{}]}\n";
  }
  Status Compile(const std::string& rules, const std::string& head = "",
                 const CompileOptions& options = CompileOptions()) {
    std::filesystem::create_directories(root_ / "rules");
    std::ofstream(root_ / "rules" / "a.yaml")
        << "pack: t\ntitle: {en: T, vi: T}\n" + head + "rules:\n" + rules;
    diagnostics_ = Diagnostics();
    auto loaded = ruleset::RuleSet::Load({(root_ / "rules").string()}, &diagnostics_);
    if (!loaded.ok()) {
      return loaded.status();
    }
    auto compiled = Scanner::Compile(*loaded, options, &diagnostics_);
    if (!compiled.ok()) {
      return compiled.status();
    }
    scanner_ = std::move(compiled).value();
    return {};
  }
  static text::TextView View(const std::string& utf8, const std::vector<uint32_t>& soft = {},
                             const std::string& zone = "body") {
    text::TextView view;
    view.zone = zone;
    view.form = text::Form::kRaw;
    view.utf8 = utf8;
    view.soft = soft;
    return view;
  }
  uint32_t Index(const std::string& id) const {
    return static_cast<uint32_t>(scanner_->rules().IndexOf(id));
  }
  Matches Run(const std::vector<text::TextView>& views) const {
    return scanner_->Scan(views, Limits());
  }
  bool Hits(const std::string& id, const std::string& utf8,
            const std::vector<uint32_t>& soft = {}) const {
    return Run({View(utf8, soft)}).hit[Index(id)];
  }
  bool Holds(const std::string& id, const std::vector<text::TextView>& views,
             const Facts& facts = {}) const {
    Matches matches = Run(views);
    scanner_->EvaluateConditions(facts, views, &matches);
    return matches.hit[Index(id)];
  }

  std::filesystem::path root_;
  Diagnostics diagnostics_;
  std::unique_ptr<Scanner> scanner_;
};

}  // namespace gatepost::scan
