// One mail's evidence in one file: its record as the log holds it, the signed head that covers it,
// the key. It can be checked with nothing but the file and the public key, and tells nothing of
// other mail but digests.
// LIMITS: proves that the record stood in the chain when its head was signed, not that what it
// says is true.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/record/decision_log.h"

namespace gatepost::record {

// Of all decisions with this decision id, held id, queue id or Message-ID (brackets are optional).
// kNotFound: there is none.
Result<Json> MakeProof(const std::string& log_path, const std::string& id, const std::string& node,
                       int64_t now_ms);
struct ProofReport {
  uint64_t decisions = 0;
  bool fits = false;
  std::string problem;     // what does not fit; "" all does
  std::string signed_at;   // of the oldest head
  std::string public_key;  // against which it was checked
};
// public_key: hex; "": the one that the file names, which proves less.
ProofReport CheckProof(const Json& proof, const std::string& public_key);

struct PruneReport {
  uint64_t segments = 0, records = 0;
};
// Takes the segments of days before `before_day` (days since the epoch) away; each leaves a signed
// summary, durable before it goes. The newest segment stays. kInternal: the chain is broken, and
// what is broken is not taken away.
Result<PruneReport> PruneLog(const std::string& path, const std::string& name, int64_t before_day,
                             const Signer& signer, const std::string& node, const std::string& by);

}  // namespace gatepost::record
