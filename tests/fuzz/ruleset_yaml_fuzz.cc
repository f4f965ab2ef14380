// Hostile YAML as a rules file: no crash, and it ends. The input is one file; what loads has rules
// whose conditions are ordered and whose expressions were examined.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "src/ruleset/expression.h"
#include "src/ruleset/rule_set.h"

namespace {

namespace fs = std::filesystem;
using gatepost::Diagnostics;
using gatepost::ruleset::RuleSet;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("gatepost-ruleset-fuzz-" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const Folder folder;
  const std::string text(reinterpret_cast<const char*>(data), size);
  gatepost::ruleset::Examine(text);
  std::ofstream(folder.path / "input.yaml", std::ios::binary) << text;
  Diagnostics diagnostics;
  const auto rules = RuleSet::Load({folder.path.string()}, &diagnostics);
  if (rules.ok() == diagnostics.has_errors()) {
    std::abort();  // whole or not at all, and never silently
  }
  if (rules.ok()) {
    size_t conditions = 0;
    for (const auto& rule : (*rules)->rules()) {
      conditions += rule.has_condition ? 1 : 0;
    }
    if (conditions != (*rules)->condition_order().size()) {
      std::abort();
    }
  }
  return 0;
}
