// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/key_tools.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "src/base/files.h"
#include "src/base/utf8.h"
#include "src/cli/terminal.h"

namespace gatepost::cli {

namespace {

constexpr size_t kMostPassphrase = 4'096;

Result<Secret> FirstLine(int fd, const std::string& where) {
  std::string line;
  char c = 0;
  for (;;) {
    const ssize_t got = read(fd, &c, 1);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return Status::FromErrno(where, errno);
    }
    if (got == 0 || c == '\n' || line.size() >= kMostPassphrase) {
      break;
    }
    line.push_back(c);
  }
  if (!line.empty() && line.back() == '\r') {
    line.pop_back();
  }
  Secret secret(line);
  WipeString(&line);
  return secret.empty() ? Result<Secret>(Status::Invalid(where + ": the passphrase is empty"))
                        : Result<Secret>(std::move(secret));
}

Result<Secret> AskTerminal(const std::string& prompt) {
  const Fd terminal(open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal.valid()) {
    return Status::Invalid(
        "no terminal to ask for the passphrase: name --passphrase-file FILE or --passphrase-fd N");
  }
  GATEPOST_RETURN_IF_ERROR(WriteAll(terminal.get(), prompt));
  termios before{};
  const bool quiet = tcgetattr(terminal.get(), &before) == 0;
  if (quiet) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(terminal.get(), TCSAFLUSH, &silent);
  }
  Result<Secret> line = FirstLine(terminal.get(), "terminal");
  if (quiet) {
    tcsetattr(terminal.get(), TCSAFLUSH, &before);
  }
  static_cast<void>(WriteAll(terminal.get(), "\n").ok());
  return line;
}

}  // namespace

int Fail(const Status& status) {
  PrintError(status.message());
  return status.code() == Code::kInvalid ? kUsage : kIncomplete;
}

void PrintErrorAbout(const std::string& id, const std::string& what) {
  PrintError(what.rfind(id + ": ", 0) == 0 ? what : id + ": " + what);
}

bool Unlock(const HeldOptions& options, std::optional<record::PrivateKey>* key) {
  if (options.unlock.key.empty()) {
    return true;
  }
  Result<record::PrivateKey> unlocked = UnlockKey(options.unlock);
  if (!unlocked.ok()) {
    PrintError(unlocked.status().message());
    return false;
  }
  *key = std::move(unlocked).value();
  return true;
}

Result<Secret> Passphrase(const KeyOptions& options, const std::string& what, bool is_new) {
  if (!options.passphrase_file.empty()) {
    const Fd fd(open(options.passphrase_file.c_str(), O_RDONLY | O_CLOEXEC));
    return fd.valid() ? FirstLine(fd.get(), options.passphrase_file)
                      : Result<Secret>(Status::FromErrno(options.passphrase_file, errno));
  }
  if (options.passphrase_fd >= 0) {
    return FirstLine(options.passphrase_fd, "--passphrase-fd");
  }
  GATEPOST_ASSIGN_OR_RETURN(Secret first, AskTerminal("Passphrase of " + what + ": "));
  if (is_new) {
    GATEPOST_ASSIGN_OR_RETURN(const Secret second, AskTerminal("Once more: "));
    if (first.bytes() != second.bytes()) {
      return Status::Invalid("the two passphrases differ");
    }
  }
  return first;
}

Result<record::PrivateKey> UnlockKey(const KeyOptions& options) {
  GATEPOST_ASSIGN_OR_RETURN(const bool needed, record::NeedsPassphrase(options.key));
  Secret passphrase;
  if (needed) {
    GATEPOST_ASSIGN_OR_RETURN(passphrase, Passphrase(options, options.key, /*is_new=*/false));
  }
  return record::ReadPrivateKey(options.key, passphrase);
}

std::unique_ptr<Custody> Custody::Open(const Common& common, int* exit_code, bool set_up) {
  auto custody = std::make_unique<Custody>();
  Result<gateway::Config> loaded = LoadHouse(common.config);
  *exit_code = kUsage;
  if (!loaded.ok()) {
    PrintError(loaded.status().message());
    return nullptr;
  }
  custody->config = std::move(loaded).value();
  const gateway::Config& config = custody->config;
  *exit_code = kIncomplete;
  record::StoreOptions store = config.custody.ForStore(config.state);
  store.make = set_up;
  if (const Status made = set_up ? MakeState(config) : Status(); !made.ok()) {
    PrintError(made.message());
    return nullptr;
  }
  Result<std::unique_ptr<record::Quarantine>> quarantine = record::Quarantine::Open(store);
  if (!quarantine.ok()) {
    PrintError(quarantine.status().message());
    return nullptr;
  }
  custody->quarantine = std::move(quarantine).value();
  // Whoever may not read the key still writes the trail; the daemon signs it. Nor is a key made
  // here: it would be this command's, and the daemon's heads must all have one.
  const std::string key = record::SigningKeyFile(config.state);
  if (access(key.c_str(), R_OK) == 0) {
    Result<std::unique_ptr<record::Signer>> signer = record::Signer::Open(key);
    if (signer.ok()) {
      custody->signer = std::move(signer).value();
    }
  }
  Result<std::unique_ptr<record::AuditTrail>> audit = record::AuditTrail::Open(
      {record::AuditFolder(config.state), config.node, custody->signer.get()});
  if (!audit.ok()) {
    PrintError(audit.status().message());
    return nullptr;
  }
  custody->audit = std::move(audit).value();
  *exit_code = kDone;
  return custody;
}

Status Custody::Tell(record::AuditKind kind, const std::string& held_id, const std::string& reason,
                     std::vector<std::pair<std::string, std::string>> details) const {
  record::AuditEvent event = EventOf(kind, reason, held_id);
  event.details.insert(event.details.end(), details.begin(), details.end());
  return audit->Append(event);
}

std::string ServiceKeyFile(const gateway::Config& config) {
  return config.custody.KeysFolder(config.state) + "/release.key";
}

std::optional<record::PrivateKey> ServiceKey(const gateway::Config& config,
                                             const std::string& category) {
  if (config.custody.online.count(category) == 0) {
    return std::nullopt;
  }
  Result<record::PrivateKey> key = record::ReadPrivateKey(ServiceKeyFile(config), Secret());
  return key.ok() ? std::optional<record::PrivateKey>(std::move(key).value()) : std::nullopt;
}

std::function<Result<record::Reinspection>(const record::Held&, const std::string&)> InspectAgain(
    std::shared_ptr<Inspection> inspection) {
  return [inspection](const record::Held& held,
                      const std::string& message) -> Result<record::Reinspection> {
    GATEPOST_ASSIGN_OR_RETURN(const Json answer, inspection->Ask(record::ScanAgain(held), message));
    return record::ReadAgain(answer);
  };
}

}  // namespace gatepost::cli
