// `gatepost check --postfix`: does every way into this Postfix lead through Gatepost, and is
// Postfix set so that a filter sees what a recipient will see? Reads with postconf(1); changes
// nothing. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/result.h"
#include "src/gateway/config.h"

namespace gatepost::cli {

// Postfix's configuration as postconf prints it, values expanded.
struct PostfixSettings {
  std::map<std::string, std::string> main;  // every parameter, effective
  struct Service {
    std::string name, type, program;               // "smtp", "inet", "smtpd"
    std::map<std::string, std::string> overrides;  // -o
  };
  std::vector<Service> services;
};

// From the output of `postconf -x`, `postconf -M` and `postconf -P -x`. Total: lines that are not
// understood are left out.
PostfixSettings ParsePostconf(const std::string& main, const std::string& services,
                              const std::string& overrides);

// Appends what is unsafe to *diagnostics, and a table to *table that names each entrance (25, 465,
// 587, sendmail(1), the release listener) as filtered or NOT FILTERED. `folder` is Postfix's
// configuration folder, used in places.
void JudgePostfix(const PostfixSettings& settings, const std::string& folder,
                  const gateway::Config& config, Diagnostics* diagnostics, std::string* table);

// Runs postconf for that configuration folder ("" the default one) and judges. The status is bad
// only when postconf cannot be run.
Status CheckPostfix(const std::string& config_dir, const gateway::Config& config,
                    Diagnostics* diagnostics, std::string* table);

// The entries of a milter list: "a, { b, timeout=1s } c" has three.
std::vector<std::string> SplitMilters(const std::string& list);

}  // namespace gatepost::cli
