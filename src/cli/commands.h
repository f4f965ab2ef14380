// The commands of the program `gatepost`: one function each, returning the exit code. Options are
// plain data, filled from the command line by gatepost_main.cc.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gatepost::cli {

struct Common {
  std::string config;  // --config; "" the default one
  bool json = false;
};

struct ScanOptions {
  Common common;
  std::string from;
  bool has_from = false;
  std::vector<std::string> rcpt;
  std::string client_ip;
  std::string auth;
  std::vector<std::string> files;
};
int Scan(const ScanOptions& options);

int Text(const Common& common, const std::vector<std::string>& files);

struct DefectsOptions {
  Common common;
  std::vector<std::string> folders;
  double most_c = 100;  // exit code 1 when more percent of the mails are grade C
};
int Defects(const DefectsOptions& options);

struct CheckOptions {
  Common common;
  bool postfix = false;
  std::string postfix_config;  // --postfix-config DIR; "" Postfix's default
  bool policy = false;         // print the policy as understood
};
int Check(const CheckOptions& options);

int StatusCommand(const Common& common);
int Reload(const Common& common);

int RulesList(const Common& common, const std::string& pack);
int RulesTest(const Common& common, const std::vector<std::string>& which);
int RulesExplain(const Common& common, const std::string& id);

struct HeldOptions {
  Common common;
  std::string id;
  std::vector<std::string> ids;
  std::vector<std::string> rcpt;  // release: to these only
  std::string category, sender, recipient, state, rule;
  std::string since, older_than;
  uint32_t limit = 100;
  bool content = false;     // show: the message's source too
  bool settle = false;      // release: decide entries left in `releasing`
  bool yes = false;         // delete: do not ask
  std::string postfix_log;  // settle: where Postfix logs
  std::string was;          // settle: "sent" or "held", where the log says nothing
};
int HeldList(const HeldOptions& options);
int HeldShow(const HeldOptions& options);
int HeldRelease(const HeldOptions& options);
int HeldDelete(const HeldOptions& options);

struct LogOptions {
  Common common;
  std::string from, to, since, message_id, part_sha256, queue_id, action, rule;
  uint32_t limit = 20;
  bool follow = false;
};
int LogTail(const LogOptions& options);
int LogFind(const LogOptions& options);
int LogSummary(const LogOptions& options);
int LogVerify(const LogOptions& options);
int Explain(const Common& common, const std::string& id);

}  // namespace gatepost::cli
