// Where blocks are kept: STATE/blocks.json, one file, which acts at once. Format in README.md.
// LIMITS: 1,000 blocks; each at most 366 days; texts of at most 500 bytes.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/json.h"
#include "src/base/result.h"
#include "src/policy/block.h"
#include "src/record/standing.h"

namespace gatepost::record {

constexpr int64_t kLongestBlockMs = 366LL * 86'400'000;

std::string BlocksFile(const std::string& state_folder);

// One object a line of the file: id, sha256 | from | auth_user, owner, reason, created, expires.
Json ToJson(const policy::Block& block);

// What is not one, with the reason: not exactly one thing to block, no owner, no reason...
Status CheckBlock(const policy::Block& block);

// What the trail says of one that is added or removed (`what`).
std::vector<std::pair<std::string, std::string>> BlockDetails(const std::string& what,
                                                              const policy::Block& block);

// Empty when there is no file. kInvalid: the file was edited into something that is not understood.
Result<policy::Blocks> ReadBlocks(const std::string& file);

// With a new id. REQUIRES: created_ms and expires_ms are set.
Result<policy::Block> AddBlock(const std::string& file, policy::Block block);

// Takes away those that `which` says. Returns them.
Result<policy::Blocks> RemoveBlocks(const std::string& file,
                                    const std::function<bool(const policy::Block&)>& which);

// The present blocks. While the file cannot be understood the last ones that were stay in force: a
// slip of an editor must not open a door.
class BlocksWatch : public StandingWatch<policy::Blocks> {
 public:
  explicit BlocksWatch(const std::string& state_folder)
      : StandingWatch(BlocksFile(state_folder), ReadBlocks, OnDamage::kAsBefore) {}
};

}  // namespace gatepost::record
