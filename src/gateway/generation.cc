// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/generation.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/gateway/packages.h"
#include "src/inspect/mail_examples.h"
#include "src/inspect/passed_examples.h"

namespace gatepost::gateway {

namespace fs = std::filesystem;

namespace {

// The folder for compiled databases with the site's key for their MAC; "" when none can be made,
// which costs seconds at start and nothing else.
struct Cache {
  std::string folder;
  std::string key;
};

Cache OpenCache(const std::string& folder) {
  const std::string key_file = folder + "/key";
  if (!MakeFolder(folder, 0700).ok() || access(folder.c_str(), W_OK) != 0) {
    return {};
  }
  Result<std::string> key = ReadFile(key_file);
  if (!key.ok() && key.status().code() == Code::kNotFound) {
    if (!WriteFileDurably(key_file, RandomBytes(32)).ok() || chmod(key_file.c_str(), 0600) != 0) {
      return {};
    }
    key = ReadFile(key_file);
  }
  return key.ok() ? Cache{folder, *key} : Cache{};
}

Cache FindCache(const Config& config) {
  Cache cache;
  // Only below a state folder that exists: `gatepost scan` must not make one.
  if (fs::exists(config.state)) {
    cache = OpenCache(config.state + "/cache");
  }
  if (cache.folder.empty()) {
    const char* const home = std::getenv("HOME");
    const char* const xdg = std::getenv("XDG_CACHE_HOME");
    if (xdg != nullptr && *xdg != '\0') {
      cache = OpenCache(std::string(xdg) + "/gatepost");
    } else if (home != nullptr && *home != '\0') {
      cache = OpenCache(std::string(home) + "/.cache/gatepost");
    }
  }
  return cache;
}

}  // namespace

Result<std::shared_ptr<const Generation>> Generation::Load(const Config& config,
                                                           Diagnostics* diagnostics,
                                                           const RuleFiles* files,
                                                           const Generation* previous) {
  auto generation = std::make_shared<Generation>();
  inspect::InspectorOptions options = config.ToInspectorOptions();
  const Cache cache = FindCache(config);
  options.cache_folder = cache.folder;
  options.cache_key = cache.key;
  Result<std::string> policy = files == nullptr ? ReadFile(config.policy) : files->policy;
  if (files == nullptr) {
    ruleset::Sources sources = config.RuleFolders();
    sources.SetKnownRules(Packages(config.state).known());
    options.sources = std::make_shared<const ruleset::Sources>(std::move(sources));
    generation->files.policy_file = config.policy;
  } else {
    options.sources = std::make_shared<const ruleset::Sources>(files->sources);
    generation->files.policy_file = files->policy_file;
  }
  GATEPOST_ASSIGN_OR_RETURN(
      generation->inspector,
      inspect::Inspector::Start(options, diagnostics,
                                previous == nullptr ? nullptr : previous->inspector.get()));
  // An unchanged set whose mails passed with this program need not be inspected again.
  const inspect::PassedExamples passed(options.cache_folder, options.cache_key);
  const std::string mails = generation->inspector->rules()->version() + " mails";
  if (options.run_examples && !passed.Has(mails)) {
    Diagnostics failures;
    inspect::RunMailExamples(generation->inspector.get(), config.site, config.limits, {},
                             &failures);
    for (const Diagnostic& one : failures.all()) {
      diagnostics->Error(one.place, one.message);
    }
    GATEPOST_RETURN_IF_ERROR(failures.ToStatus());
    passed.Add(mails);
  }
  GATEPOST_ASSIGN_OR_RETURN(generation->policy,
                            policy::Policy::Parse(generation->files.policy_file, policy,
                                                  *generation->inspector->rules(), diagnostics));
  generation->files.sources = generation->inspector->sources();
  generation->files.policy = std::move(policy).value();
  generation->outbreak =
      std::make_shared<inspect::LateFact>(generation->inspector->rules(), "outbreak.count");
  generation->what_if = std::make_shared<inspect::WhatIf>(generation->inspector->rules());
  const inspect::Inspector::State state = generation->inspector->state();
  generation->versions = {state.rules_version, generation->policy->version(),
                          state.antivirus_version, 0};
  generation->loaded_from = "configuration";
  generation->loaded_at_ms = NowUnixMs();
  return std::shared_ptr<const Generation>(std::move(generation));
}

}  // namespace gatepost::gateway
