// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/cli/actor.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace gatepost::cli {

std::string Actor() {
  const passwd* const entry = getpwuid(getuid());
  const std::string account = entry == nullptr ? std::to_string(getuid()) : entry->pw_name;
  const char* const behind_sudo = std::getenv("SUDO_USER");
  return behind_sudo == nullptr || *behind_sudo == '\0'
             ? account
             : std::string(behind_sudo) + " as " + account;
}

}  // namespace gatepost::cli
