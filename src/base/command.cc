// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/command.h"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "src/base/clock.h"
#include "src/base/files.h"

extern char** environ;

namespace gatepost {

namespace {

// The input comes from a memfd, so that no pipe can stop us.
Result<pid_t> Start(const std::string& what, std::vector<std::string> argv, int input) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::vector<char*> arguments;
  for (std::string& one : argv) {
    arguments.push_back(one.data());
  }
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int error =
      posix_spawn(&child, argv[0].c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? Result<pid_t>(child) : Result<pid_t>(Status::FromErrno(what, error));
}

}  // namespace

Status RunCommand(const std::string& what, const std::vector<std::string>& argv, Bytes input,
                  int64_t time_ms) {
  GATEPOST_ASSIGN_OR_RETURN(const Fd memory, MemFd("gatepost-command", input));
  lseek(memory.get(), 0, SEEK_SET);
  GATEPOST_ASSIGN_OR_RETURN(const pid_t child, Start(what, argv, memory.get()));
  const int64_t until = SteadyMs() + time_ms;
  int status = 0;
  for (;;) {
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) {
      break;
    }
    if (ended < 0 && errno != EINTR) {
      return Status::FromErrno(what, errno);
    }
    if (SteadyMs() > until) {
      kill(-child, SIGKILL);
      waitpid(child, &status, 0);
      return Status::Unavailable(what + " ran longer than " + std::to_string(time_ms / 1'000) +
                                 " s and was killed");
    }
    poll(nullptr, 0, 20);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    return {};
  }
  return Status::Unavailable(what + " failed (" +
                             (WIFEXITED(status) ? "exit " + std::to_string(WEXITSTATUS(status))
                                                : "signal " + std::to_string(WTERMSIG(status))) +
                             ")");
}

}  // namespace gatepost
