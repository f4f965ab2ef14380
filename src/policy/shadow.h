// What rules and clauses in shadow mode would have done to a message, had one of them been
// enforced. Pure, like Judge.
// LIMITS: the 64 weightiest shadow hits and 32 shadow clauses of a message.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "src/policy/policy.h"

namespace gatepost::policy {

// Turns findings into those of an inspection in which that shadow rule was enforced: conditions
// that depend on it included.
using EnforceRule = std::function<void(const std::string& rule, inspect::Findings* findings)>;

// One entry for each shadow rule that hit and each shadow clause with which, alone, somebody's copy
// would have gone another way than `verdict` says. A clause that changes something only together
// with shadow rules that hit (a new clause for new rules) names in `with` those that it needs:
// where several would do, the weightiest.
std::vector<ShadowEffect> ShadowEffects(const Policy& policy, const mail::Envelope& envelope,
                                        const inspect::Findings& findings,
                                        const Exceptions& exceptions, const Verdict& verdict,
                                        const EnforceRule& enforce);

}  // namespace gatepost::policy
