// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/scan/child.h"

#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "src/base/files.h"

namespace gatepost::scan {

namespace {

constexpr char kDone = 'D';  // the answer's last byte: the child got to its end

size_t Cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
  return static_cast<size_t>(std::clamp(count, 1, 8));
}

[[noreturn]] void BeChild(const std::function<std::string()>& job, int fd, int64_t cpu_ms) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGPROF, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPROF);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
  itimerval limit = {};
  limit.it_value.tv_sec = cpu_ms / 1'000;
  limit.it_value.tv_usec = (cpu_ms % 1'000) * 1'000 + 1;
  setitimer(ITIMER_PROF, &limit, nullptr);
  std::string answer = job();
  answer += kDone;
  _exit(WriteAll(fd, answer).ok() ? 0 : 1);
}

double CpuMs(const rusage& usage) {
  const auto ms = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

struct Running {
  pid_t pid;
  size_t job;
  Fd fd;
};

// Waits until one of them has ended; the oldest where that cannot be told.
size_t FirstToEnd(const std::vector<Running>& running) {
  std::vector<Fd> fds;
  std::vector<pollfd> wait;
  for (const Running& one : running) {
    fds.emplace_back(static_cast<int>(syscall(SYS_pidfd_open, one.pid, 0)));
    wait.push_back({fds.back().get(), POLLIN, 0});
  }
  while (poll(wait.data(), wait.size(), -1) < 0 && errno == EINTR) {
  }
  for (size_t i = 0; i < wait.size(); ++i) {
    if ((wait[i].revents & POLLIN) != 0) {
      return i;
    }
  }
  return 0;
}

}  // namespace

std::vector<ChildAnswer> RunInChildren(const std::vector<std::function<std::string()>>& jobs,
                                       int64_t cpu_ms) {
  std::vector<ChildAnswer> answers(jobs.size());
  std::vector<Running> running;  // oldest first
  const size_t most = Cores();
  size_t next = 0;
  while (next < jobs.size() || !running.empty()) {
    if (next < jobs.size() && running.size() < most) {
      const size_t job = next++;
      Result<Fd> fd = MemFd("gatepost-compile", "");
      if (!fd.ok()) {
        continue;
      }
      const pid_t pid = fork();
      if (pid == 0) {
        BeChild(jobs[job], fd->get(), cpu_ms);
      }
      if (pid > 0) {
        running.push_back({pid, job, std::move(fd).value()});
      }
      continue;
    }
    // By its id: other children are not ours to reap.
    const size_t ended = FirstToEnd(running);
    Running& one = running[ended];
    ChildAnswer& answer = answers[one.job];
    int status = 0;
    rusage usage = {};
    pid_t reaped = 0;
    do {
      reaped = wait4(one.pid, &status, 0, &usage);
    } while (reaped < 0 && errno == EINTR);
    answer.cpu_ms = CpuMs(usage);
    const bool killed = reaped > 0 && WIFSIGNALED(status);
    Result<std::string> bytes = ReadFd(one.fd.get());
    if (killed && WTERMSIG(status) == SIGPROF) {
      answer.outcome = ChildAnswer::Outcome::kTooSlow;
    } else if (!killed && bytes.ok() && !bytes->empty() && bytes->back() == kDone) {
      answer.outcome = ChildAnswer::Outcome::kDone;
      bytes->pop_back();
      answer.bytes = std::move(bytes).value();
    }
    running.erase(running.begin() + static_cast<std::ptrdiff_t>(ended));
  }
  return answers;
}

}  // namespace gatepost::scan
