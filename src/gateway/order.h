// Who changes what decides, and why: given by the command line or made by the daemon itself, kept
// in the record of the activation. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/json.h"

namespace gatepost::gateway {

struct Order {
  // "reload" (a person asked), "signal" (SIGHUP), "rollback", "rollback-off", "accept", "lists",
  // "signatures", "start".
  std::string how = "reload";
  std::string why;
  // {"uid", "user", "login"}; login: who the session belongs to, when another than user (sudo).
  // {"daemon": true} where nobody asked.
  Json who = {{"daemon", true}};
  // Ends a rollback: a person wants what lies in the folders.
  bool ends_rollback() const { return how == "reload" || how == "rollback-off"; }
};

// The person at the other end of a Unix socket (SO_PEERCRED; the session's owner from the kernel's
// audit trail where it keeps one).
Json PeerOf(int socket);
// "root (alice)", "daemon".
std::string InWords(const Json& who, const std::string& nobody);

}  // namespace gatepost::gateway
