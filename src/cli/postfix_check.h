// `gatepost check --postfix`: does every way into this Postfix lead through Gatepost, and is
// Postfix set so that a filter sees what a recipient will see? Reads with postconf(1) and
// postmap(1); changes nothing. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <string>

#include "src/base/diagnostic.h"
#include "src/base/result.h"
#include "src/cli/postfix_settings.h"
#include "src/gateway/config.h"

namespace gatepost::cli {

// What a table of Postfix ("regexp:FILE") answers for a key; "" when it has no answer.
using TableLookup =
    std::function<Result<std::string>(const std::string& table, const std::string& key)>;

// Appends what is unsafe to *diagnostics, and a table to *table that names each entrance (25, 465,
// 587, sendmail(1), the release listener) as filtered or NOT FILTERED. `folder` is Postfix's
// configuration folder, used in places.
void JudgePostfix(const PostfixSettings& settings, const std::string& folder,
                  const gateway::Config& config, const TableLookup& lookup,
                  Diagnostics* diagnostics, std::string* table);

// Runs postconf for that configuration folder ("" the default one) and judges. The status is bad
// only when postconf cannot be run.
Status CheckPostfix(const std::string& config_dir, const gateway::Config& config,
                    Diagnostics* diagnostics, std::string* table);

}  // namespace gatepost::cli
