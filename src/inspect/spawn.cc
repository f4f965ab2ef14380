// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/spawn.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>

#include "src/base/clock.h"

namespace gatepost::inspect {

namespace {

// posix_spawn's two settings, released together.
class SpawnSettings {
 public:
  SpawnSettings() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

std::vector<char*> Pointers(std::vector<std::string>* texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts->size() + 1);
  for (std::string& text : *texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment(const std::vector<std::string>& added) {
  std::vector<std::string> all = added;
  for (char** one = environ; one != nullptr && *one != nullptr; ++one) {
    const std::string text = *one;
    const std::string name = text.substr(0, text.find('=') + 1);
    if (std::none_of(added.begin(), added.end(),
                     [&name](const std::string& mine) { return mine.rfind(name, 0) == 0; })) {
      all.push_back(text);
    }
  }
  return all;
}

}  // namespace

Result<pid_t> Spawn(const std::string& program, std::vector<std::string> argv, int control,
                    const std::vector<std::string>& environment) {
  SpawnSettings settings;
  posix_spawn_file_actions_adddup2(&settings.actions, control, kChildControl);
  // The threads of a daemon block signals; and ^C at a terminal is for the daemon alone, which
  // still has messages to finish.
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  posix_spawnattr_setsigdefault(&settings.attributes, &all);
  posix_spawnattr_setpgroup(&settings.attributes, 0);
  posix_spawnattr_setflags(&settings.attributes,
                           POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> variables = Environment(environment);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, program.c_str(), &settings.actions, &settings.attributes,
                                Pointers(&argv).data(), Pointers(&variables).data());
  if (error != 0) {
    return Status::FromErrno("inspector: starting " + program, error);
  }
  return pid;
}

void Reap(pid_t pid, int64_t patience_ms) {
  const int64_t deadline = SteadyMs() + patience_ms;
  while (true) {
    const pid_t done = waitpid(pid, nullptr, WNOHANG);
    if (done != 0) {
      return;
    }
    if (SteadyMs() >= deadline) {
      break;
    }
    const timespec pause{0, 2'000'000};
    nanosleep(&pause, nullptr);
  }
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
}

}  // namespace gatepost::inspect
