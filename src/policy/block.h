// Blocks: what a person stopped for some hours, with a name and a reason: a sender, a user who is
// signed in, a file by its digest. Data for ApplyBlocks, which comes after Policy::Judge; where
// they are kept is src/record/blocks.h.
//
// A block only ever keeps more back than the policy did: what is refused or deferred stays so, and
// mail with a marking (or the suspicion of one) is held where a block would refuse it, because a
// refusal sends it back through the open network.
// LIMITS: work is blocks times parts; both are bounded by their loaders.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/inspect/findings.h"
#include "src/mail/envelope.h"

namespace gatepost::policy {

struct Verdict;

// Exactly one of sha256, from and auth_user is given.
struct Block {
  std::string id;         // "BL-20261126-204512-7F3K9QZ2"
  std::string sha256;     // hex, of the raw message or of any part of it
  std::string from;       // "a@b.example", "b.example", ".b.example", "<>"; see Fits
  std::string auth_user;  // the name somebody signed in with; case does not matter (ASCII)
  std::string owner;      // who answers for it
  std::string reason;
  int64_t created_ms = 0;
  int64_t expires_ms = 0;  // milliseconds since the epoch, UTC; from then on it does not apply
};

using Blocks = std::vector<Block>;

// A block that fits a message, and what it did there.
struct BlockUse {
  std::string id, owner, reason;
  std::string by;       // "sha256", "from", "auth-user"
  std::string because;  // not empty: it changed nothing, for this reason
};

enum class BlockAction : uint8_t { kReject, kQuarantine };

// Does it fit, at the message's time of receipt? `from` is looked for in the envelope's sender and
// in the From field, because that is the one people see; "<>" is the null sender alone.
bool Fits(const Block& block, const mail::Envelope& envelope, const inspect::Findings& findings);

// Changes the verdict of the same envelope and findings as the blocks that fit want it, and says so
// in verdict->blocks. The clause is then "blocked". Pure.
void ApplyBlocks(const Blocks& blocks, BlockAction action, const mail::Envelope& envelope,
                 const inspect::Findings& findings, Verdict* verdict);

}  // namespace gatepost::policy
