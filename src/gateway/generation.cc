// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/gateway/generation.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"

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

Status FromFileSystem(const std::string& where, const std::error_code& error) {
  return Status::FromErrno(where, error.value());
}

}  // namespace

Result<std::shared_ptr<const Generation>> Generation::Load(const Config& config,
                                                           Diagnostics* diagnostics) {
  auto generation = std::make_shared<Generation>();
  inspect::InspectorOptions options = config.ToInspectorOptions();
  const Cache cache = FindCache(config);
  options.cache_folder = cache.folder;
  options.cache_key = cache.key;
  GATEPOST_ASSIGN_OR_RETURN(generation->inspector, inspect::Inspector::Start(options, diagnostics));
  GATEPOST_ASSIGN_OR_RETURN(
      generation->policy,
      policy::Policy::Load(config.policy, *generation->inspector->rules(), diagnostics));
  generation->outbreak =
      std::make_shared<inspect::LateFact>(generation->inspector->rules(), "outbreak.count");
  generation->what_if = std::make_shared<inspect::WhatIf>(generation->inspector->rules());
  const inspect::Inspector::State state = generation->inspector->state();
  generation->versions = {state.rules_version, generation->policy->version(),
                          state.antivirus_version};
  generation->loaded_from = "configuration";
  generation->loaded_at_ms = NowUnixMs();
  return std::shared_ptr<const Generation>(std::move(generation));
}

Status SaveLastGood(const Config& config) {
  const std::string final_folder = config.state + "/last-good";
  const std::string building = final_folder + ".new";
  const std::string previous = final_folder + ".old";
  std::error_code error;
  fs::remove_all(building, error);
  fs::create_directories(building, error);
  if (error) {
    return FromFileSystem(building, error);
  }
  for (size_t i = 0; i < config.rules.size(); ++i) {
    const std::string target = building + "/rules-" + std::to_string(i);
    fs::copy(config.rules[i], target, fs::copy_options::recursive, error);
    if (error) {
      return FromFileSystem(target, error);
    }
  }
  fs::copy_file(config.policy, building + "/policy.yaml", error);
  if (error) {
    return FromFileSystem(building + "/policy.yaml", error);
  }
  // A crash between the two renames leaves .old, which LastGood() also looks at.
  fs::remove_all(previous, error);
  if (fs::exists(final_folder)) {
    fs::rename(final_folder, previous, error);
  }
  fs::rename(building, final_folder, error);
  if (error) {
    return FromFileSystem(final_folder, error);
  }
  fs::remove_all(previous, error);
  return SyncFolder(config.state);
}

Result<Config> LastGood(const Config& config) {
  for (const char* name : {"/last-good", "/last-good.old"}) {
    const std::string folder = config.state + name;
    if (!fs::exists(folder + "/policy.yaml")) {
      continue;
    }
    Config last = config;
    last.rules.clear();
    for (size_t i = 0; fs::exists(folder + "/rules-" + std::to_string(i)); ++i) {
      last.rules.push_back(folder + "/rules-" + std::to_string(i));
    }
    last.policy = folder + "/policy.yaml";
    return last;
  }
  return Status::NotFound(config.state + "/last-good: no generation has been loaded here yet");
}

}  // namespace gatepost::gateway
