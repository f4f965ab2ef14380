// Examples of rules that are whole messages: inspected by sandboxed workers, like any mail. They
// are often real spam, and the process that loads rules parses none.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <set>
#include <string>

#include "src/base/diagnostic.h"
#include "src/inspect/inspector.h"

namespace gatepost::inspect {

struct MailExampleOptions {
  std::function<bool(const ruleset::Rule&)> chosen;  // whose examples; null: all rules'
  // What InspectorOptions::only_rules names; of other rules nothing is said. Null: all.
  const std::set<std::string>* compiled = nullptr;
  bool vietnamese = false;  // the sentences
};

// Runs mail examples; each failure becomes an error at the example's place that says what was found
// instead and what stands in the way. `site` names the house: for an outbound or internal example
// its sender is signed in and the recipients are outside or ours. Returns how many were run.
// LIMITS: one at a time; examples over 1 MB are refused by the loader.
size_t RunMailExamples(Inspector* inspector, const mail::Site& site, const Limits& limits,
                       const MailExampleOptions& options, Diagnostics* diagnostics);

}  // namespace gatepost::inspect
