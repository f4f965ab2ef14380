// SpamAssassin's plugin FreeMail: its lists of domains, and the rules that ask who writes from
// them. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/import/pack_writer.h"
#include "src/import/settings.h"

namespace gatepost::import {

class Freemail {
 public:
  explicit Freemail(const CfSettings& settings);

  // "check_freemail_from('x')" as rules, parts first; `rule` holds what the rule has whatever it
  // asks. Empty: it is none of these, or *why it cannot be one.
  std::vector<NewRule> Convert(const std::string& call, const NewRule& rule,
                               std::string* why) const;
  // The list, as a pack without rules; none without `freemail_domains`.
  std::vector<NewPack> TakePacks();

 private:
  std::vector<std::string> domains_;
  std::vector<std::string> excepted_;  // freemail_welcomelist
};

}  // namespace gatepost::import
