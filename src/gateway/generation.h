// A generation: the rules, the policy and the signatures that decide together, loaded as a whole or
// not at all, and the copy of the last good one on disk from which a restart can live.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>

#include "src/base/diagnostic.h"
#include "src/base/result.h"
#include "src/gateway/config.h"
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
  std::string loaded_from;  // "configuration" or "last good generation"
  int64_t loaded_at_ms = 0;

  // Blocks for seconds while rules compile. The compiled databases' cache lies in the state folder,
  // or, when that cannot be written (a person without rights runs `gatepost scan`), in the user's
  // cache folder.
  static Result<std::shared_ptr<const Generation>> Load(const Config& config,
                                                        Diagnostics* diagnostics);
};

// Keeps rules and policy of a generation that loaded in state/last-good, replaced as a whole.
Status SaveLastGood(const Config& config);
// The configuration with rules and policy of the last good generation. kNotFound: there is none.
Result<Config> LastGood(const Config& config);

}  // namespace gatepost::gateway
