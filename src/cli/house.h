// Where the command line gets its answers: the configuration it was given (or the default one, or
// built-in settings on a machine without any), the running daemon when there is one, else a
// generation of its own.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>

#include "src/base/files.h"
#include "src/base/json.h"
#include "src/base/result.h"
#include "src/gateway/config.h"
#include "src/gateway/generation.h"
#include "src/mail/mail_file.h"

namespace gatepost::cli {

constexpr const char* kDefaultConfig = "/etc/gatepost/gatepost.yaml";

// `given` may be empty: then kDefaultConfig, or, where that does not exist, the rules that came
// with this program, no antivirus and no daemon. Errors are printed as file:line:column.
Result<gateway::Config> LoadConfig(const std::string& given);
// The same for a command that cannot go on without; false: printed why.
bool ConfigOf(const std::string& given, gateway::Config* config);
// The configuration of a house that runs, for what asks its daemon, its store or its logs: without
// a file there is none (kNotFound names the one that was looked for).
Result<gateway::Config> LoadHouse(const std::string& given);
bool HouseOf(const std::string& given, gateway::Config* config);
// For a reading command, which makes nothing: kNotFound says what to do when the state folder, or
// the decision log, is not there.
Status StateIsThere(const gateway::Config& config);
Status LogIsThere(const gateway::Config& config);

// For what sets a house up, also before gatepostd's first start: its keys, people and exceptions.
// Makes the state folder where there is none, for the owner of the folder above it.
Status MakeState(const gateway::Config& config);

// A house whose state folder is there, for what is kept in it: false says why not on stderr, and
// *exit_code how the command ends.
bool StateOf(const std::string& given, gateway::Config* config, int* exit_code);

// Exit codes of all commands.
constexpr int kDone = 0;
constexpr int kIncomplete = 1;  // a file could not be read, something is degraded
constexpr int kUsage = 2;       // usage or configuration; for `status`: down

// What a reload, a rollback or the like has changed, as the daemon answers it.
void PrintChange(const Json& answer);

// Inspects messages by way of the daemon or of an own generation, which is loaded at the first
// need. Thread-safe.
class Inspection {
 public:
  explicit Inspection(gateway::Config config) : config_(std::move(config)) {}
  // Loads or finds the daemon. An error is usage or configuration.
  Status Open();
  // A request of gateway/control.h ("scan" or "read") about a file's bytes.
  Result<Json> Ask(const Json& request, Bytes content);
  // The state of the daemon that answers (Gateway::State), as it was at Open; null: none does.
  const Json& daemon() const { return daemon_; }
  bool by_daemon() const { return !daemon_.is_null(); }
  const gateway::Config& config() const { return config_; }

 private:
  gateway::Config config_;
  Json daemon_;
  std::shared_ptr<const gateway::Generation> own_;
};

using mail::AsReceived;

}  // namespace gatepost::cli
