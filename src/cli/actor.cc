// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/actor.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "src/base/files.h"
#include "src/cli/house.h"

namespace gatepost::cli {

namespace {

std::string AccountName(uid_t uid) {
  const passwd* const entry = getpwuid(uid);
  return entry == nullptr ? std::to_string(uid) : entry->pw_name;
}

// Set at login and kept over su and sudo; "" where nobody set it (services, containers).
std::string LoginUid() {
  Result<std::string> text = ReadFile("/proc/self/loginuid");
  if (!text.ok()) {
    return {};
  }
  while (!text->empty() && (text->back() == '\n' || text->back() == ' ')) {
    text->pop_back();
  }
  return *text == "4294967295" ? std::string() : *text;
}

std::string SudoUser() {
  const char* const name = std::getenv("SUDO_USER");
  return name == nullptr ? std::string() : name;
}

}  // namespace

std::string Actor() {
  const std::string account = AccountName(getuid());
  const std::string login = LoginUid();
  std::string person = account;
  if (!login.empty() && login != "0") {
    person = AccountName(static_cast<uid_t>(std::strtoul(login.c_str(), nullptr, 10)));
  } else if (!SudoUser().empty()) {
    person = SudoUser();
  }
  return person == account ? account : person + " as " + account;
}

std::vector<std::pair<std::string, std::string>> ActorDetails() {
  std::vector<std::pair<std::string, std::string>> details{{"uid", std::to_string(getuid())}};
  if (!LoginUid().empty()) {
    details.emplace_back("loginuid", LoginUid());
  }
  if (!SudoUser().empty()) {
    details.emplace_back("sudo_user", SudoUser());
  }
  return details;
}

record::AuditEvent EventOf(record::AuditKind kind, const std::string& reason,
                           const std::string& held_id) {
  record::AuditEvent event;
  event.kind = kind;
  event.actor = Actor();
  event.via = "cli";
  event.held_id = held_id;
  event.reason = reason;
  event.details = ActorDetails();
  return event;
}

std::string ReasonOr(const std::string& given, const std::string& question) {
  if (!given.empty() || isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1) {
    return given;
  }
  std::fprintf(stderr, "%s It is recorded; Enter for none: ", question.c_str());
  std::string reason;
  for (int c = std::getchar(); c != '\n' && c != EOF && reason.size() < 1'000; c = std::getchar()) {
    reason += static_cast<char>(c);
  }
  return reason;
}

Status TellTrail(const gateway::Config& config, record::AuditKind kind, const std::string& reason,
                 const std::vector<std::pair<std::string, std::string>>& details,
                 const std::string& held_id) {
  // A mistyped 'state' would get a trail of its own, which nobody ever reads.
  GATEPOST_RETURN_IF_ERROR(StateIsThere(config));
  GATEPOST_ASSIGN_OR_RETURN(
      const std::unique_ptr<record::AuditTrail> trail,
      record::AuditTrail::Open({record::AuditFolder(config.state), config.node, nullptr}));
  record::AuditEvent event = EventOf(kind, reason, held_id);
  event.details.insert(event.details.begin(), details.begin(), details.end());
  return trail->Append(event);
}

}  // namespace gatepost::cli
