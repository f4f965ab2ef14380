// `gatepost check`: loads everything as the daemon would, prints every finding, changes nothing.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <utility>

#include "src/cli/commands.h"
#include "src/cli/exceptions.h"
#include "src/cli/house.h"
#include "src/cli/postfix_check.h"
#include "src/cli/terminal.h"
#include "src/gateway/packages.h"
#include "src/record/exceptions.h"
#include "src/ruleset/sources.h"

namespace gatepost::cli {

namespace {

void Print(const Common& common, const Diagnostics& diagnostics) {
  for (const Diagnostic& one : diagnostics.all()) {
    const bool error = one.severity == Diagnostic::Severity::kError;
    if (common.json) {
      PrintLine(DumpJson({{"file", one.place.file},
                          {"line", one.place.line},
                          {"column", one.place.column},
                          {"severity", error ? "error" : "warning"},
                          {"message", one.message}}));
    } else {
      PrintLine(Paint(error ? Colour::kRed : Colour::kYellow, one.ToString()));
    }
  }
}

// The budgets in force, so that nobody has to read the source for them.
void PrintLimits(const Limits& limits) {
  // As the configuration would have it: 160M, but 11000000.
  const auto megabytes = [](uint64_t bytes) {
    return bytes % (1U << 20) == 0 ? std::to_string(bytes >> 20) + "M" : std::to_string(bytes);
  };
  const std::vector<std::pair<const char*, std::string>> rows = {
      {"message", megabytes(limits.message_bytes)},
      {"spool (all messages)", megabytes(limits.spool_bytes)},
      {"mime_depth", std::to_string(limits.mime_depth)},
      {"mime_parts", std::to_string(limits.mime_parts)},
      {"header_fields", std::to_string(limits.header_fields)},
      {"header_field", std::to_string(limits.header_field_bytes)},
      {"readings_per_part", std::to_string(limits.readings_per_part)},
      {"reading_expansion", std::to_string(limits.reading_expansion)},
      {"decoded", megabytes(limits.decoded_bytes)},
      {"leaf", megabytes(limits.leaf_bytes)},
      {"archive_depth", std::to_string(limits.archive_depth)},
      {"archive_members", std::to_string(limits.archive_members)},
      {"archive_ratio", std::to_string(limits.archive_ratio)},
      {"text", megabytes(limits.text_bytes)},
      {"views", megabytes(limits.view_bytes)},
      {"inspect_deadline", std::to_string(limits.inspect_deadline.count()) + "ms"},
      {"queue_deadline", std::to_string(limits.queue_deadline.count()) + "ms"},
      {"worker_messages", std::to_string(limits.worker_messages)},
      {"worker_memory", megabytes(limits.worker_memory_bytes)},
      {"scratch", megabytes(limits.scratch_bytes)}};
  Table table({"limit", "value"}, 0);
  for (const auto& [name, value] : rows) {
    table.Add({name, value});
  }
  PrintLine(table.ToString());
}

// Rules that wait for consent, and local ones over what has changed since.
void WarnOfPackages(const gateway::Generation& generation, const gateway::Config& config,
                    Diagnostics* diagnostics) {
  const ruleset::RuleSet& rules = *generation.inspector->rules();
  for (const ruleset::Rule& rule : rules.rules()) {
    if (rule.arrived) {
      diagnostics->Warning(rule.place, "rule " + rule.id +
                                           " is new in its package: once loaded it is in shadow "
                                           "until 'gatepost rules accept " +
                                           rule.id + "'");
    }
  }
  for (const gateway::Override& one : gateway::Packages(config.state).OverridesOf(rules)) {
    if (one.changed) {
      diagnostics->Warning(one.rule.by, "rule " + one.rule.id + " hides " + one.rule.place.file +
                                            ":" + std::to_string(one.rule.place.line) +
                                            ", which has changed since; compare them, then "
                                            "'gatepost rules overrides --seen " +
                                            one.rule.id + "'");
    }
  }
}

// Without what lint doubts about rules of packages: the site cannot mend it, and its own would
// drown. Says how much that is.
Diagnostics WithoutPackages(const gateway::Config& config, const Diagnostics& diagnostics) {
  std::vector<std::string> roots;
  const ruleset::Sources sources = config.RuleFolders();
  for (const ruleset::Sources::Folder& folder : sources.folders()) {
    if (folder.package) {
      roots.push_back(folder.path + "/");
    }
  }
  Diagnostics out;
  uint64_t left_out = 0;
  for (const Diagnostic& one : diagnostics.all()) {
    if (one.severity == Diagnostic::Severity::kError) {
      out.Error(one.place, one.message);
    } else if (std::any_of(roots.begin(), roots.end(), [&one](const std::string& root) {
                 return one.place.file.rfind(root, 0) == 0;
               })) {
      ++left_out;
    } else {
      out.Warning(one.place, one.message);
    }
  }
  if (left_out > 0) {
    out.Warning({config.file, 0, 0}, Plural(left_out, "warning", "warnings") +
                                         " about rules of packages left out: nothing to mend here "
                                         "(--json has them)");
  }
  return out;
}

// Could this folder be there and be written? Nothing is made: where it is missing, the nearest
// folder above it answers. As root, permission says nothing; what no user could do is found.
void CheckFolder(const std::string& key, const std::string& path, const Place& place,
                 Diagnostics* diagnostics) {
  std::string nearest = path;
  struct stat found {};
  while (lstat(nearest.c_str(), &found) != 0 && nearest.size() > 1) {
    nearest = std::filesystem::path(nearest).parent_path().string();
  }
  std::error_code error;
  const std::string begun = key + ": the folder " + path;
  if (!std::filesystem::is_directory(nearest, error)) {
    diagnostics->Error(place, begun + " cannot be made: " + nearest + " is no folder");
    return;
  }
  struct statfs kind {};
  if (statfs(nearest.c_str(), &kind) != 0) {
    diagnostics->Error(place, Status::FromErrno(nearest, errno).message());
    return;
  }
  const auto magic = static_cast<unsigned long>(kind.f_type);
  if (magic == PROC_SUPER_MAGIC || magic == SYSFS_MAGIC || magic == CGROUP_SUPER_MAGIC ||
      magic == CGROUP2_SUPER_MAGIC) {
    diagnostics->Error(place, begun + " cannot be written: " + nearest +
                                  " belongs to the kernel; name a folder on a real disk");
  } else if (access(nearest.c_str(), W_OK | X_OK) != 0) {
    const int refused = errno;
    const std::string why = Status::FromErrno(begun + " cannot be written", refused).message();
    // gatepostd's user may do what the one who asks may not.
    if (refused == EROFS) {
      diagnostics->Error(place, why);
    } else {
      diagnostics->Warning(place, why + "; run the check as gatepostd's user");
    }
  }
}

// What gatepostd would refuse to start for, in its own words where it has some.
void CheckPlaces(const gateway::Config& config, Diagnostics* diagnostics) {
  const Place place{config.file, 0, 0};
  CheckFolder("state", config.state, place, diagnostics);
  const std::filesystem::path log(config.log);
  CheckFolder("log", log.extension() == ".jsonl" ? log.parent_path().string() : config.log, place,
              diagnostics);
  for (const auto& [key, listen] :
       {std::pair{"listen", config.listen}, std::pair{"metrics", config.metrics}}) {
    if (listen.rfind("unix:", 0) != 0) {
      continue;
    }
    const std::string path = listen.substr(5);
    const std::string folder = std::filesystem::path(path).parent_path().string();
    std::error_code error;
    struct stat found {};
    if (path.size() > 107) {
      diagnostics->Error(place, std::string(key) + ": the path " + path +
                                    " is longer than a socket's may be (107)");
    } else if (!std::filesystem::is_directory(folder, error)) {
      // Rules are also checked where no Postfix is.
      diagnostics->Warning(place, std::string(key) + ": the folder " + folder +
                                      " must exist and be ours before gatepostd starts "
                                      "(contrib/postfix/gatepost-postfix apply makes it)");
    } else if (lstat(path.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode)) {
      diagnostics->Error(
          place, std::string(key) + ": " + path + " is there and is not a socket; move it away");
    }
  }
}

}  // namespace

int Check(const CheckOptions& options) {
  Diagnostics diagnostics;
  std::string table;
  const std::string file = options.common.config.empty() ? kDefaultConfig : options.common.config;
  Result<gateway::Config> config = Status::NotFound("");
  if (options.common.config.empty() && !std::filesystem::exists(file)) {
    config = LoadConfig("");
  } else {
    config = gateway::Config::Load(file, &diagnostics);
  }
  std::shared_ptr<const gateway::Generation> generation;
  if (config.ok()) {
    if (!config->state.empty() && config->state != "/nonexistent") {
      gateway::CheckKeys(*config, &diagnostics);
      CheckPlaces(*config, &diagnostics);
    }
    Result<std::shared_ptr<const gateway::Generation>> loaded =
        gateway::Generation::Load(*config, &diagnostics);
    if (loaded.ok()) {
      generation = *loaded;
    } else if (!diagnostics.has_errors()) {
      diagnostics.Error({config->file, 0, 0}, loaded.status().message());
    }
    if (options.postfix) {
      const Status asked = CheckPostfix(options.postfix_config, *config, &diagnostics, &table);
      if (!asked.ok()) {
        diagnostics.Error({"postconf", 0, 0}, asked.message());
      }
    }
    for (const std::string& line : ExpiredExceptions(config->state)) {
      diagnostics.Warning({record::ExceptionsFile(config->state), 0, 0}, line);
    }
  } else if (!diagnostics.has_errors()) {
    diagnostics.Error({file, 0, 0}, config.status().message());
  }
  if (config.ok() && !options.common.json) {
    diagnostics = WithoutPackages(*config, diagnostics);
  }
  if (generation != nullptr) {
    WarnOfPackages(*generation, *config, &diagnostics);
  }
  Print(options.common, diagnostics);
  if (!options.common.json) {
    if (!table.empty()) {
      PrintLine(table);
    }
    if (generation != nullptr) {
      if (options.policy) {
        PrintLine(generation->policy->ToString());
      }
      PrintLimits(config->limits);
      const inspect::Inspector::State state = generation->inspector->state();
      PrintLine((diagnostics.has_errors() ? Paint(Colour::kRed, "loads, but see the errors above")
                                          : Paint(Colour::kGreen, "ok")) +
                ": " + std::to_string(generation->inspector->rules()->rules().size()) + " rules, " +
                std::to_string(state.signatures) + " signatures, sandbox: " + state.sandbox);
    }
  }
  return diagnostics.has_errors() ? kUsage : kDone;
}

}  // namespace gatepost::cli
