// Who is at the keyboard.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/base/result.h"
#include "src/gateway/config.h"
#include "src/record/audit_trail.h"

namespace gatepost::cli {

// The person, also behind sudo: by the login that the kernel remembers (loginuid), else by
// SUDO_USER, else the account: "lan as root".
std::string Actor();
// What is known about who it is, for the trail.
std::vector<std::pair<std::string, std::string>> ActorDetails();

// An event of this person at this keyboard. held_id: the held message that it is about, "" none.
record::AuditEvent EventOf(record::AuditKind kind, const std::string& reason,
                           const std::string& held_id = "");
// What was given as the reason, else what the person at the terminal says to `question`; a script is
// asked nothing. "" is an answer.
std::string ReasonOr(const std::string& given, const std::string& question);
// One such event with details before those of the person, durable before what it tells of happens.
Status TellTrail(const gateway::Config& config, record::AuditKind kind, const std::string& reason,
                 const std::vector<std::pair<std::string, std::string>>& details,
                 const std::string& held_id = "");

}  // namespace gatepost::cli
