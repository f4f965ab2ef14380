// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/house.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "src/cli/terminal.h"
#include "src/gateway/control.h"
#include "src/record/held_file.h"

namespace gatepost::cli {

namespace fs = std::filesystem;

namespace {

constexpr int kAskMs = 90'000;

void PrintDiagnostics(const Diagnostics& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (diagnostic.severity == Diagnostic::Severity::kError) {
      std::fprintf(stderr, "%s\n", diagnostic.ToString().c_str());
    }
  }
}

// The rules beside this program: installed, or in the source tree above its build folder.
std::string FindShippedRules() {
  std::error_code error;
  fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (int up = 0; up < 5 && !folder.empty(); ++up, folder = folder.parent_path()) {
    for (const char* below : {"rules", "share/gatepost/rules"}) {
      if (fs::exists(folder / below / "policy.yaml", error)) {
        return (folder / below).string();
      }
    }
  }
  return {};
}

}  // namespace

Result<gateway::Config> LoadConfig(const std::string& given) {
  const std::string file = given.empty() ? kDefaultConfig : given;
  if (given.empty() && !fs::exists(file)) {
    const std::string rules = FindShippedRules();
    if (rules.empty()) {
      return Status::NotFound(file + " does not exist: name a configuration with --config FILE");
    }
    gateway::Config config;
    config.rules = {rules};
    config.policy = rules + "/policy.yaml";
    config.state = "/nonexistent";  // no daemon, nothing held, nothing kept
    config.log = "/nonexistent";
    config.antivirus.need = inspect::AntivirusOptions::Need::kOff;
    config.node = "localhost";
    return config;
  }
  Diagnostics diagnostics;
  Result<gateway::Config> config = gateway::Config::Load(file, &diagnostics);
  if (!config.ok()) {
    PrintDiagnostics(diagnostics);
    return Status::Invalid("the configuration cannot be used");
  }
  return config;
}

bool ConfigOf(const std::string& given, gateway::Config* config) {
  Result<gateway::Config> loaded = LoadConfig(given);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return false;
  }
  *config = std::move(loaded).value();
  return true;
}

Result<gateway::Config> LoadHouse(const std::string& given) {
  GATEPOST_ASSIGN_OR_RETURN(gateway::Config config, LoadConfig(given));
  if (config.file.empty()) {
    return Status::NotFound(std::string(kDefaultConfig) +
                            " does not exist: name a configuration with --config FILE");
  }
  return config;
}

bool HouseOf(const std::string& given, gateway::Config* config) {
  Result<gateway::Config> loaded = LoadHouse(given);
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return false;
  }
  *config = std::move(loaded).value();
  return true;
}

namespace {

// Only what is not there: what may not be read is said by whoever reads it.
Status IsThere(const std::string& path, const char* what, const char* key) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 || errno != ENOENT
             ? Status()
             : Status::NotFound("no " + std::string(what) + " " + path +
                                " yet: gatepostd makes it when it starts; is '" + key +
                                "' right in the configuration?");
}

}  // namespace

Status StateIsThere(const gateway::Config& config) {
  return IsThere(config.state, "state folder", "state");
}

Status MakeState(const gateway::Config& config) {
  return record::MakeOwnedFolder(config.state, 0770);
}

Status LogIsThere(const gateway::Config& config) {
  return IsThere(config.log, "decision log", "log");
}

bool StateOf(const std::string& given, gateway::Config* config, int* exit_code) {
  *exit_code = kUsage;
  if (!HouseOf(given, config)) {
    return false;
  }
  const Status there = StateIsThere(*config);
  *exit_code = there.ok() ? kDone : kIncomplete;
  if (!there.ok()) {
    PrintError(there.message());
  }
  return there.ok();
}

Status Inspection::Open() {
  Result<Json> answer = gateway::AskDaemon(config_.state, {{"do", "status"}}, -1, 3'000);
  // A daemon with another configuration file would answer for another house.
  if (answer.ok() && answer->value("config", "") == config_.file) {
    daemon_ = std::move(answer).value();
    return {};
  }
  Diagnostics diagnostics;
  Result<std::shared_ptr<const gateway::Generation>> own =
      gateway::Generation::Load(config_, &diagnostics);
  if (!own.ok()) {
    PrintDiagnostics(diagnostics);
    return diagnostics.has_errors() ? Status::Invalid("rules or policy cannot be used")
                                    : own.status();
  }
  own_ = *own;
  return {};
}

Result<Json> Inspection::Ask(const Json& request, Bytes content) {
  GATEPOST_ASSIGN_OR_RETURN(const Fd memory, MemFd("gatepost-file", content));
  if (by_daemon()) {
    return gateway::AskDaemon(config_.state, request, memory.get(), kAskMs);
  }
  return gateway::AnswerInspection(*own_, config_, request, memory.get());
}

}  // namespace gatepost::cli
