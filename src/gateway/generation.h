// A generation: the rules, the policy and the signatures that decide together, loaded as a whole or
// not at all.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>

#include "src/base/diagnostic.h"
#include "src/base/result.h"
#include "src/gateway/config.h"
#include "src/gateway/shelf.h"
#include "src/inspect/inspector.h"
#include "src/inspect/late_fact.h"
#include "src/inspect/what_if.h"
#include "src/policy/policy.h"
#include "src/record/decision.h"

namespace gatepost::gateway {

// Immutable; messages under way keep theirs alive.
struct Generation {
  std::shared_ptr<inspect::Inspector> inspector;
  std::shared_ptr<const policy::Policy> policy;
  // How many got or sent the same content: the gateway counts, after the inspection.
  std::shared_ptr<const inspect::LateFact> outbreak;
  // What rules in shadow mode would have done.
  std::shared_ptr<const inspect::WhatIf> what_if;
  record::Generation versions;
  std::string loaded_from;  // "configuration", "last good generation" or "rollback"
  int64_t loaded_at_ms = 0;
  // The rules and the policy themselves, byte for byte.
  RuleFiles files;

  // Blocks for seconds while rules compile. The compiled databases' cache lies in the state folder,
  // or, when that cannot be written (a person without rights runs `gatepost scan`), in the user's
  // cache folder.
  // files: what to load instead of what lies in the configured folders; may be null.
  // previous: shares its signatures where they are the same; may be null.
  static Result<std::shared_ptr<const Generation>> Load(const Config& config,
                                                        Diagnostics* diagnostics,
                                                        const RuleFiles* files = nullptr,
                                                        const Generation* previous = nullptr);
};

}  // namespace gatepost::gateway
