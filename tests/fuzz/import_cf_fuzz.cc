// Any bytes as SpamAssassin's rules: the import ends, and what it writes loads.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "src/import/spam_assassin.h"
#include "src/ruleset/rule_set.h"

namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() / ("gatepost-cf-fuzz-" + std::to_string(getpid()));
  ~Folder() { fs::remove_all(path); }
  Folder() = default;
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr double kVersion = 4.000001;
  static const Folder folder;
  gatepost::Diagnostics diagnostics;
  gatepost::import::CfFiles files;
  gatepost::import::ReadCfText("input.cf",
                               std::string_view(reinterpret_cast<const char*>(data), size),
                               kVersion, &files, &diagnostics);
  const gatepost::import::Imported imported = gatepost::import::ConvertSpamAssassin(files);
  if (imported.packs.empty()) {
    return 0;
  }
  fs::remove_all(folder.path);
  std::vector<std::string> written;
  if (!gatepost::import::WritePacks(imported.packs, folder.path.string(), &written).ok()) {
    return 0;
  }
  gatepost::Diagnostics loading;
  if (!gatepost::ruleset::RuleSet::Load({folder.path.string()}, &loading).ok()) {
    for (const gatepost::Diagnostic& one : loading.all()) {
      std::fprintf(stderr, "%s\n", one.ToString().c_str());
    }
    std::abort();
  }
  return 0;
}
