// `gatepost block add | list | remove`: what is stopped for some hours. Acts at once: the daemon
// looks at the file with every message.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/record/blocks.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/quantity.h"
#include "src/cli/actor.h"
#include "src/cli/house.h"
#include "src/cli/incidents.h"
#include "src/cli/known.h"
#include "src/cli/terminal.h"

namespace gatepost::cli {

namespace {

std::string Blocked(const policy::Block& one) {
  return !one.sha256.empty() ? "file " + one.sha256.substr(0, 16)
         : !one.from.empty() ? "from " + one.from
                             : "user " + one.auth_user;
}

Json WithState(const policy::Block& one, int64_t now) {
  Json out = record::ToJson(one);
  out["expired"] = one.expires_ms <= now;
  return out;
}

Status Tell(const gateway::Config& config, const std::string& what, const policy::Block& one,
            const std::string& reason) {
  return TellTrail(config, record::AuditKind::kBlock, reason, record::BlockDetails(what, one));
}

}  // namespace

int BlockAdd(const BlockOptions& options) {
  gateway::Config config;
  if (!HouseOf(options.common.config, &config)) {
    return kUsage;
  }
  policy::Block one;
  one.sha256 = AsciiLower(options.sha256);
  one.from = AsciiLower(options.from);
  one.auth_user = options.auth_user;
  one.owner = options.owner.empty() ? Actor() : options.owner;
  one.reason = options.reason;
  if (!options.file.empty()) {
    const Result<std::string> content = ReadFile(options.file);
    if (!content.ok()) {
      PrintError(content.status().message());
      return kIncomplete;
    }
    one.sha256 = Sha256Hex(*content);
  }
  uint64_t lasts = 0;
  if (!ParseDuration(options.lasts, &lasts) || lasts == 0 ||
      lasts > static_cast<uint64_t>(record::kLongestBlockMs)) {
    PrintError("--for " + options.lasts + ": write 4h, 30m or 2d, at most 366d");
    return kUsage;
  }
  one.created_ms = NowUnixMs();
  one.expires_ms = one.created_ms + static_cast<int64_t>(lasts);
  Status status = record::CheckBlock(one);
  if (status.ok() && !HasReason(one.reason)) {
    return kUsage;
  }
  if (status.ok()) {
    status = MakeState(config);
  }
  if (status.ok()) {
    status = Tell(config, "add", one, one.reason);
  }
  const Result<policy::Block> added = status.ok()
                                          ? record::AddBlock(record::BlocksFile(config.state), one)
                                          : Result<policy::Block>(status);
  if (!added.ok()) {
    PrintError(added.status().message());
    return added.status().code() == Code::kInvalid ? kUsage : kIncomplete;
  }
  if (options.common.json) {
    PrintLine(DumpJson(WithState(*added, one.created_ms)));
    return kDone;
  }
  PrintLine(added->id + "  " + Blocked(*added) + " is " +
            (config.blocks == policy::BlockAction::kReject ? "refused" : "held") + " until " +
            Rfc3339(added->expires_ms).substr(0, 16) + "Z, from the next message on");
  const std::string before = !one.sha256.empty() ? "--part-sha256 " + one.sha256
                             : one.from.find('@') != std::string::npos ? "--from " + one.from
                             : !one.from.empty() && one.from != "<>"   ? "--from @" + one.from
                                                                       : "";
  if (!before.empty()) {
    PrintLine("what came before: gatepost log find --since 1d " + before);
  }
  if (config.observe) {
    PrintError("mode is observe: mail is told of in the log and goes on; nothing is blocked");
  }
  return kDone;
}

int BlockList(const BlockOptions& options) {
  gateway::Config config;
  int exit_code = kDone;
  if (!StateOf(options.common.config, &config, &exit_code)) {
    return exit_code;
  }
  const Result<policy::Blocks> all = record::ReadBlocks(record::BlocksFile(config.state));
  if (!all.ok()) {
    PrintError(all.status().message());
    return kIncomplete;
  }
  const int64_t now = NowUnixMs();
  Table table({"id", "blocked", "until", "state", "owner", "reason"}, 5);
  for (const policy::Block& one : *all) {
    const bool expired = one.expires_ms <= now;
    if (options.expired && !expired) {
      continue;
    }
    if (options.common.json) {
      PrintLine(DumpJson(WithState(one, now)));
    } else {
      table.Add({one.id, Blocked(one), Rfc3339(one.expires_ms).substr(0, 16) + "Z",
                 expired ? "expired" : "active", one.owner, one.reason});
    }
  }
  if (!options.common.json) {
    std::fputs(table.empty() ? "nothing is blocked\n" : table.ToString().c_str(), stdout);
  }
  return kDone;
}

int BlockRemove(const BlockOptions& options) {
  gateway::Config config;
  int exit_code = kDone;
  if (!StateOf(options.common.config, &config, &exit_code)) {
    return exit_code;
  }
  if (options.ids.empty() != options.expired) {
    PrintError("name the blocks to remove, or --expired");
    return kUsage;
  }
  const int64_t now = NowUnixMs();
  const auto chosen = [&](const policy::Block& one) {
    return options.expired
               ? one.expires_ms <= now
               : std::find(options.ids.begin(), options.ids.end(), one.id) != options.ids.end();
  };
  const std::string file = record::BlocksFile(config.state);
  const Result<policy::Blocks> all = record::ReadBlocks(file);
  for (const policy::Block& one : all.ok() ? *all : policy::Blocks()) {
    const Status told = chosen(one) ? Tell(config, "remove", one, options.reason) : Status::Ok();
    if (!told.ok()) {
      PrintError("nothing was removed: " + told.message());
      return kIncomplete;
    }
  }
  const Result<policy::Blocks> removed = record::RemoveBlocks(file, chosen);
  if (!removed.ok()) {
    PrintError(removed.status().message());
    return kIncomplete;
  }
  for (const policy::Block& one : *removed) {
    PrintLine(options.common.json ? DumpJson({{"id", one.id}, {"state", "removed"}})
                                  : one.id + "  removed: " + Blocked(one));
  }
  for (const std::string& id : options.ids) {
    if (std::none_of(removed->begin(), removed->end(),
                     [&](const policy::Block& one) { return one.id == id; })) {
      PrintError("no block is called '" + id + "'; 'gatepost block list' names them");
      exit_code = kIncomplete;
    }
  }
  return exit_code;
}

}  // namespace gatepost::cli
