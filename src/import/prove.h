// What an import made is loaded before anybody is told that it was converted: one rule that does
// not load would keep all the others out.
// LIMITS: 100 rounds, each takes out every rule that the last one complained of.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/diagnostic.h"
#include "src/base/result.h"
#include "src/import/spam_assassin.h"

namespace gatepost::import {

// Takes out rules that do not load, with the loader's reason in the report, and puts 0 for them
// where a meta names them, as for all that is not converted. kInvalid: something else does not load
// (a list, the number of rules); it is in *diagnostics.
Status Prove(Imported* imported, Diagnostics* diagnostics);

}  // namespace gatepost::import
