// The key `outbreak` of the configuration: from when on something that spreads is an outbreak, and
// who is told.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/diagnostic.h"
#include "src/base/json.h"
#include "src/base/yaml.h"

namespace gatepost::gateway {

struct OutbreakOptions {
  std::vector<std::string> mail;     // addresses of the IT desk
  std::vector<std::string> command;  // a program and its words; the alert as JSON on its input
  std::string from;                  // "": gatepost@ the first of own_domains
  bool vietnamese = true;            // the language of the mail
  // More different recipients, or more different senders, of one content within an hour.
  uint64_t above = 20;
  uint64_t account_above = 100;    // more different recipients of one of our accounts
  int64_t every_ms = 30 * 60'000;  // between updates

  void Read(const YamlNode& node, Diagnostics* diagnostics);
  bool tells() const { return !mail.empty() || !command.empty(); }
};

Json OutbreakSchema();

}  // namespace gatepost::gateway
