// Keys on the command line: which key opens a mail, with a passphrase from the terminal, a file or
// a descriptor, never from the command line; and who the person is.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/cli/actor.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/record/again.h"
#include "src/record/audit_trail.h"
#include "src/record/key_ring.h"
#include "src/record/quarantine.h"

namespace gatepost::cli {

// From --passphrase-file or --passphrase-fd, else asked for on the terminal; twice when it is new.
Result<Secret> Passphrase(const KeyOptions& options, const std::string& what, bool is_new);
// --key FILE, opened.
Result<record::PrivateKey> UnlockKey(const KeyOptions& options);

// Says it; kUsage for what was asked for wrongly, otherwise kIncomplete.
int Fail(const Status& status);
// Most errors of the quarantine begin with the id already.
void PrintErrorAbout(const std::string& id, const std::string& what);
// The key that was named; null: none was. False: it does not open, printed.
bool Unlock(const HeldOptions& options, std::optional<record::PrivateKey>* key);

// The house with its store, its trail and the key that was named.
struct Custody {
  gateway::Config config;
  std::unique_ptr<record::Signer> signer;  // null: this account may not read it
  std::unique_ptr<record::Quarantine> quarantine;
  std::unique_ptr<record::AuditTrail> audit;

  // Nothing is made that gatepostd makes when it starts: a store that is not there is said, with
  // what to do. What went wrong is printed; *exit_code says how.
  // set_up: the house may be new, state folder and store are made.
  static std::unique_ptr<Custody> Open(const Common& common, int* exit_code, bool set_up = false);
  Status Tell(record::AuditKind kind, const std::string& held_id, const std::string& reason,
              std::vector<std::pair<std::string, std::string>> details = {}) const;
};

// The release service's key, where this account may read it and the category is its own.
std::optional<record::PrivateKey> ServiceKey(const gateway::Config& config,
                                             const std::string& category);
std::string ServiceKeyFile(const gateway::Config& config);
// Why the key of that name cannot leave the ring: it is the last of a person for some category,
// which is named, with what to do. "" it can, or there is none.
std::string WhyKeyStays(const record::KeyRing& ring, const std::string& name,
                        const gateway::Config& config);

// What today's rules and signatures find; for record::ReleaseOptions::inspect.
std::function<Result<record::Reinspection>(const record::Held&, const std::string&)> InspectAgain(
    std::shared_ptr<Inspection> inspection);

}  // namespace gatepost::cli
