// A Decision: everything that is remembered about one message, as the log writes it. Formats are
// documented in src/record/README.md.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/inspect/findings.h"
#include "src/mail/envelope.h"
#include "src/policy/policy.h"

namespace gatepost::record {

struct Generation {
  std::string rules, policy, antivirus;  // versions
  uint64_t number = 0;                   // as `gatepost rules generations` counts; 0: none
};

struct Decision {
  std::string id;  // "GP-..." see base/ids.h
  std::string node;
  bool observed = false;  // mode: observe; the verdict was not acted on
  mail::Envelope envelope;
  inspect::Findings findings;
  policy::Verdict verdict;
  std::string reply;  // the whole SMTP reply, "" = 250 by Postfix
  std::string held_id;
  Generation generation;
};

// Was a marking found (or suspected)? Then no names, no subject and no plain digests are kept.
bool HasMarking(const Decision& decision);

// `exceptions`, `blocks` and `shadow`, each absent where there is nothing to tell, as in nearly every record.
void AddInterventions(const policy::Verdict& verdict, Json* out);

// The record without seq, prev and hash. Never a word of the content; where a marking was found no
// names and keyed digests (HMAC with digest_key).
Json ToJson(const Decision& decision, const std::string& digest_key);

}  // namespace gatepost::record
