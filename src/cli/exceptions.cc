// `gatepost exceptions list | add | remove`, and the exceptions that `held release --allow-similar`
// makes. They act at once: the daemon looks at the file with every message.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/exceptions.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <utility>

#include "src/base/bytes.h"
#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/files.h"
#include "src/base/quantity.h"
#include "src/base/utf8.h"
#include "src/cli/actor.h"
#include "src/cli/commands.h"
#include "src/cli/house.h"
#include "src/cli/known.h"
#include "src/cli/terminal.h"
#include "src/policy/policy.h"
#include "src/record/audit_trail.h"
#include "src/record/exceptions.h"
#include "src/ruleset/rule_set.h"
#include "src/ruleset/sources.h"

namespace gatepost::cli {

namespace {

constexpr int64_t kSoonMs = 3 * 86'400'000;

std::string Join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : ", ") + word;
  }
  return out;
}

std::string WhatFits(const policy::Exception& one) {
  std::string out = one.sender;
  if (!one.sha256.empty()) {
    out += (out.empty() ? "" : ", ") + std::string("file ") + one.sha256.substr(0, 12);
  }
  return out.empty() ? "*" : out;
}

// What is done is told first, so that nothing is done in silence.
Status Tell(const gateway::Config& config, const std::string& what, const policy::Exception& one,
            const std::string& held_id) {
  std::vector<std::pair<std::string, std::string>> details = {
      {"what", what}, {"owner", one.owner}, {"until", Rfc3339(one.expires_ms)}};
  const auto add = [&details](const char* name, const std::string& value) {
    if (!value.empty()) {
      details.emplace_back(name, value);
    }
  };
  add("exception", one.id);
  add("sender", one.sender);
  add("sha256", one.sha256);
  add("rules", Join(one.rules));
  return TellTrail(config, record::AuditKind::kException, one.reason, details, held_id);
}

Json WithState(const policy::Exception& one, int64_t now) {
  Json out = record::ToJson(one);
  out["expired"] = one.expires_ms <= now;
  return out;
}

// The rules that a person named exist, and the policy lets an exception take one of them; "" they
// do, or cannot be known, because the rules in the folders do not load: an exception is for urgent
// cases.
std::string WhyNotTheseRules(const gateway::Config& config, const std::vector<std::string>& named) {
  if (named.empty()) {
    return {};
  }
  Diagnostics unused;
  ruleset::Sources sources = config.RuleFolders();
  const auto rules = ruleset::RuleSet::Load(&sources, &unused);
  const auto policy = rules.ok() ? policy::Policy::Load(config.policy, **rules, &unused)
                                 : Result<std::shared_ptr<const policy::Policy>>(rules.status());
  if (!policy.ok()) {
    return {};
  }
  std::vector<std::string> ids;
  for (const ruleset::Rule& rule : (*rules)->rules()) {
    ids.push_back(rule.id);
  }
  for (const std::string& name : named) {
    std::string why;
    bool any = false, takes = false;
    for (const ruleset::Rule& rule : (*rules)->rules()) {
      if (!ruleset::GlobMatches(name, rule.id)) {
        continue;
      }
      any = true;
      const std::string never = (*policy)->WhyNoException(rule);
      takes = takes || never.empty();
      why = why.empty() && !never.empty() ? rule.id + " " + never : why;
    }
    if (!any) {
      const std::string near = Nearest(name, ids);
      return "no rule is called '" + PrintableUtf8(name, 100) + "'" +
             (near.empty()
                  ? "; 'gatepost rules list' names them (a signature of a virus is no rule)"
                  : ", did you mean '" + near + "'?");
    }
    if (!takes) {
      return why + ": no exception ever lets such mail pass";
    }
  }
  return {};
}

}  // namespace

bool ParseLasting(const std::string& text, int64_t* out) {
  uint64_t ms = 0;
  if (!ParseDuration(text, &ms) || ms == 0 ||
      ms > static_cast<uint64_t>(record::kLongestExceptionMs)) {
    return false;
  }
  *out = static_cast<int64_t>(ms);
  return true;
}

Result<policy::Exception> AddTold(const gateway::Config& config, const policy::Exception& exception,
                                  const std::string& id) {
  GATEPOST_RETURN_IF_ERROR(record::CheckException(exception));
  GATEPOST_RETURN_IF_ERROR(Tell(config, "add", exception, id));
  return record::AddException(record::ExceptionsFile(config.state), exception);
}

std::vector<std::string> ExpiredExceptions(const std::string& state) {
  std::vector<std::string> lines;
  const Result<policy::Exceptions> all = record::ReadExceptions(record::ExceptionsFile(state));
  if (!all.ok()) {
    lines.push_back(all.status().message() + " (no exception applies)");
    return lines;
  }
  for (const policy::Exception& one : *all) {
    if (one.expires_ms <= NowUnixMs()) {
      lines.push_back("the exception " + one.id + " of " + one.owner + " (" + WhatFits(one) +
                      ") expired at " + Rfc3339(one.expires_ms).substr(0, 16) +
                      ": 'gatepost exceptions remove --expired' takes it away");
    }
  }
  return lines;
}

int ExceptionsList(const ExceptionOptions& options) {
  gateway::Config config;
  int exit_code = kDone;
  if (!StateOf(options.common.config, &config, &exit_code)) {
    return exit_code;
  }
  const Result<policy::Exceptions> all =
      record::ReadExceptions(record::ExceptionsFile(config.state));
  if (!all.ok()) {
    PrintError(all.status().message());
    return kIncomplete;
  }
  const int64_t now = NowUnixMs();
  Table table({"id", "fits", "rules", "until", "state", "owner", "reason"}, 6);
  for (const policy::Exception& one : *all) {
    const bool expired = one.expires_ms <= now;
    if (options.expired && !expired) {
      continue;
    }
    if (options.common.json) {
      PrintLine(DumpJson(WithState(one, now)));
      continue;
    }
    table.Add({one.id, WhatFits(one), one.rules.empty() ? "*" : Join(one.rules),
               Rfc3339(one.expires_ms).substr(0, 16),
               expired                           ? "expired"
               : one.expires_ms - now <= kSoonMs ? "ends soon"
                                                 : "active",
               one.owner, one.reason});
  }
  if (!options.common.json) {
    std::fputs(table.empty() ? "there are no exceptions\n" : table.ToString().c_str(), stdout);
  }
  return kDone;
}

int ExceptionsAdd(const ExceptionOptions& options) {
  gateway::Config config;
  if (!HouseOf(options.common.config, &config)) {
    return kUsage;
  }
  policy::Exception one;
  one.sender = AsciiLower(options.sender);
  one.sha256 = AsciiLower(options.sha256);
  one.rules = options.rules;
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
  int64_t lasts = 0;
  if (!ParseLasting(options.lasts, &lasts)) {
    PrintError("--for " + options.lasts + ": write 7d, 12h or 30m, at most 366d");
    return kUsage;
  }
  one.created_ms = NowUnixMs();
  one.expires_ms = one.created_ms + lasts;
  if (record::CheckException(one).ok() && !HasReason(one.reason)) {
    return kUsage;
  }
  if (const std::string why = WhyNotTheseRules(config, one.rules);
      record::CheckException(one).ok() && !why.empty()) {
    PrintError(why);
    return kUsage;
  }
  const Status made = MakeState(config);
  const Result<policy::Exception> added =
      made.ok() ? AddTold(config, one, "") : Result<policy::Exception>(made);
  if (!added.ok()) {
    PrintError(added.status().message());
    return added.status().code() == Code::kInvalid ? kUsage : kIncomplete;
  }
  PrintLine(options.common.json
                ? DumpJson(WithState(*added, one.created_ms))
                : added->id + "  " + WhatFits(*added) + " until " +
                      Rfc3339(added->expires_ms).substr(0, 16) + "; it acts from the next message");
  return kDone;
}

int ExceptionsRemove(const ExceptionOptions& options) {
  gateway::Config config;
  int exit_code = kDone;
  if (!StateOf(options.common.config, &config, &exit_code)) {
    return exit_code;
  }
  if (options.ids.empty() != options.expired) {
    PrintError("name the exceptions to remove, or --expired");
    return kUsage;
  }
  const int64_t now = NowUnixMs();
  const auto chosen = [&](const policy::Exception& one) {
    return options.expired
               ? one.expires_ms <= now
               : std::find(options.ids.begin(), options.ids.end(), one.id) != options.ids.end();
  };
  const std::string file = record::ExceptionsFile(config.state);
  const Result<policy::Exceptions> all = record::ReadExceptions(file);
  for (const policy::Exception& one : all.ok() ? *all : policy::Exceptions()) {
    const Status told = chosen(one) ? Tell(config, "remove", one, "") : Status::Ok();
    if (!told.ok()) {
      PrintError("nothing was removed: " + told.message());
      return kIncomplete;
    }
  }
  const Result<policy::Exceptions> removed = record::RemoveExceptions(file, chosen);
  if (!removed.ok()) {
    PrintError(removed.status().message());
    return kIncomplete;
  }
  for (const policy::Exception& one : *removed) {
    PrintLine(options.common.json ? DumpJson({{"id", one.id}, {"state", "removed"}})
                                  : one.id + "  removed");
  }
  for (const std::string& id : options.ids) {
    if (std::none_of(removed->begin(), removed->end(),
                     [&](const policy::Exception& one) { return one.id == id; })) {
      PrintError("no exception is called '" + id + "'; 'gatepost exceptions list' names them");
      exit_code = kIncomplete;
    }
  }
  return exit_code;
}

}  // namespace gatepost::cli
