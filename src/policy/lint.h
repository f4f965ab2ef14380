// What is legal in a policy and surely not meant: clauses that are never reached or never hold, and
// rules that no clause looks at. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/diagnostic.h"
#include "src/policy/clause.h"

namespace gatepost::policy {

// REQUIRES: the policy loaded without errors; the implicit clauses are not in it yet. Every warning
// is certain: what cannot be told is not said.
void LintPolicy(const Policy::Clauses& policy, Diagnostics* diagnostics);

}  // namespace gatepost::policy
