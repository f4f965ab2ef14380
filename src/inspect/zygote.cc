// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/zygote.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "src/base/clock.h"
#include "src/inspect/channel.h"
#include "src/inspect/codec.h"
#include "src/inspect/passed_examples.h"
#include "src/inspect/protocol.h"
#include "src/inspect/sandbox.h"
#include "src/inspect/worker.h"

namespace gatepost::inspect {

namespace {

constexpr int64_t kWorkerStartMs = 20'000;

struct Loaded {
  InspectorOptions options;
  std::unique_ptr<scan::Scanner> scanner;
  Signatures signatures;
  Json ms = Json::object();  // what each stage took
};

// How long it is since the last call.
class Watch {
 public:
  explicit Watch(Json* ms) : ms_(ms) {}
  void Took(const char* stage) {
    const int64_t now = SteadyMs();
    (*ms_)[stage] = now - std::exchange(last_, now);
  }

 private:
  Json* ms_;
  int64_t last_ = SteadyMs();
};

Status Load(ruleset::Sources* sources, Loaded* loaded, Diagnostics* diagnostics) {
  const InspectorOptions& options = loaded->options;
  Watch watch(&loaded->ms);
  GATEPOST_ASSIGN_OR_RETURN(const std::shared_ptr<const ruleset::RuleSet> rules,
                            ruleset::RuleSet::Load(sources, diagnostics));
  watch.Took("rules");
  scan::CompileOptions compile;
  compile.cache_folder = options.cache_folder;
  compile.cache_key = options.cache_key;
  if (!options.only_rules.empty()) {
    compile.only =
        [only = std::set<std::string>(options.only_rules.begin(), options.only_rules.end())](
            const ruleset::Rule& rule) { return only.count(rule.id) > 0; };
  }
  GATEPOST_ASSIGN_OR_RETURN(loaded->scanner, scan::Scanner::Compile(rules, compile, diagnostics));
  watch.Took("compile");
  if (options.run_examples && options.only_rules.empty()) {
    PassedExamples passed(options.cache_folder, options.cache_key);
    if (!passed.Has(rules->version())) {
      scan::RunExamples(*loaded->scanner, diagnostics);
      if (!diagnostics->has_errors()) {
        passed.Add(rules->version());
      }
    }
    watch.Took("examples");
  }
  return diagnostics->ToStatus();
}

// While a zygote loads it reads no socket, and compiling may take a minute: the kernel tells it
// when the daemon lets go, and it leaves then, with its compiling children (PR_SET_PDEATHSIG).
class LeavesWithTheDaemon {
 public:
  explicit LeavesWithTheDaemon(int control) : control_(control), flags_(fcntl(control, F_GETFL)) {
    struct sigaction action = {};
    action.sa_sigaction = [](int /*signal*/, siginfo_t* info, void* /*context*/) {
      LeaveIfGone(info->si_fd);
    };
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGRTMIN, &action, nullptr);
    fcntl(control_, F_SETOWN, getpid());
    fcntl(control_, F_SETSIG, SIGRTMIN);
    fcntl(control_, F_SETFL, flags_ | O_ASYNC);
    LeaveIfGone(control_);  // before anybody would have said so
  }
  ~LeavesWithTheDaemon() {
    fcntl(control_, F_SETFL, flags_);
    fcntl(control_, F_SETSIG, 0);
    std::signal(SIGRTMIN, SIG_IGN);
  }
  LeavesWithTheDaemon(const LeavesWithTheDaemon&) = delete;
  LeavesWithTheDaemon& operator=(const LeavesWithTheDaemon&) = delete;

 private:
  // Async-signal-safe.
  static void LeaveIfGone(int control) {
    const int before = errno;
    pollfd wait = {control, POLLIN, 0};
    if (poll(&wait, 1, 0) > 0 && (wait.revents & (POLLHUP | POLLERR)) != 0) {
      _exit(1);
    }
    errno = before;
  }

  int control_;
  int flags_;
};

std::string DescribeEnd(int status) {
  if (WIFSIGNALED(status)) {
    return std::string("killed by signal ") + std::to_string(WTERMSIG(status)) +
           (WTERMSIG(status) == SIGSYS ? " (a system call that the sandbox forbids)" : "");
  }
  return "left with status " + std::to_string(WEXITSTATUS(status));
}

class Zygote {
 public:
  Zygote(int control, const Loaded& loaded) : control_(control), loaded_(loaded) {}

  int Loop() {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);
    const Fd signals(signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!signals.valid()) {
      return 1;
    }
    while (true) {
      pollfd wait[2] = {{control_, POLLIN, 0}, {signals.get(), POLLIN, 0}};
      if (poll(wait, 2, -1) < 0 && errno != EINTR) {
        break;
      }
      if (wait[1].revents != 0) {
        signalfd_siginfo info;
        while (read(signals.get(), &info, sizeof(info)) > 0) {
        }
        Reap();
      }
      if (wait[0].revents != 0 && !Serve()) {
        break;
      }
    }
    for (const auto& [pid, id] : workers_) {
      kill(pid, SIGKILL);
    }
    return 0;
  }

 private:
  bool Serve() {
    ReceiveOptions receive;
    receive.take_fds = true;  // reads exactly one frame
    receive.most_bytes = 1'024;
    const Result<Frame> request = ReceiveFrame(control_, receive);
    return request.ok() && request->kind == FrameKind::kFork && ForkOne();
  }

  // False: the daemon is gone.
  bool ForkOne() {
    Result<std::array<Fd, 2>> pair = SocketPair();
    if (!pair.ok()) {
      return SendFrame(control_, FrameKind::kNoWorker, pair.status().message()).ok();
    }
    Inheritance inheritance;
    inheritance.options = &loaded_.options;
    inheritance.scanner = loaded_.scanner.get();
    inheritance.engine = loaded_.signatures.engine;
    inheritance.scratch = loaded_.signatures.scratch;
    inheritance.id = ++last_id_;
    inheritance.zygote = getpid();
    const pid_t pid = fork();
    if (pid < 0) {
      return SendFrame(control_, FrameKind::kNoWorker,
                       std::string("inspector: fork: ") + std::strerror(errno))
          .ok();
    }
    if (pid == 0) {
      RunWorker(inheritance, std::move((*pair)[1]));
    }
    (*pair)[1].Reset();
    // The process is our child and not yet waited for, so the number cannot be another's.
    const Fd pidfd(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    ReceiveOptions receive;
    receive.take_fds = true;
    receive.deadline_ms = SteadyMs() + kWorkerStartMs;
    const Result<Frame> ready = ReceiveFrame((*pair)[0].get(), receive);
    if (!pidfd.valid() || !ready.ok() || ready->kind != FrameKind::kReady) {
      kill(pid, SIGKILL);
      int status = 0;
      waitpid(pid, &status, 0);
      const std::string why = ready.ok() && ready->kind == FrameKind::kNoWorker
                                  ? ready->payload
                                  : "inspector: a worker did not start: " + DescribeEnd(status);
      return SendFrame(control_, FrameKind::kNoWorker, why).ok();
    }
    workers_[pid] = inheritance.id;
    Writer out(256);
    out.U64(inheritance.id);
    out.U32(static_cast<uint32_t>(pid));
    out.Text(ready->payload, 500);
    return SendFrame(control_, FrameKind::kWorker, out.Take(), {(*pair)[0].get(), pidfd.get()})
        .ok();
  }

  void Reap() {
    int status = 0;
    for (pid_t pid = waitpid(-1, &status, WNOHANG); pid > 0; pid = waitpid(-1, &status, WNOHANG)) {
      const auto it = workers_.find(pid);
      if (it == workers_.end()) {
        continue;
      }
      Writer out(16);
      out.U64(it->second);
      out.Text(DescribeEnd(status), 200);
      workers_.erase(it);
      (void)SendFrame(control_, FrameKind::kWorkerEnded, out.Take()).ok();
    }
  }

  int control_;
  const Loaded& loaded_;
  std::map<pid_t, uint64_t> workers_;
  uint64_t last_id_ = 0;
};

}  // namespace

int RunZygote(int control, std::string options_text, int sources_fd, Signatures signatures) {
  prctl(PR_SET_NAME, "gatepost-zygote");
  Diagnostics diagnostics;
  const auto refuse = [&](const Status& status) {
    (void)SendFrame(control, FrameKind::kRefused, RefusalText(status, diagnostics)).ok();
    return 1;
  };
  Loaded loaded;
  loaded.signatures = std::move(signatures);
  const Result<Json> json = ParseJson("inspector options", options_text);
  Result<InspectorOptions> options = json.ok() ? OptionsFromJson(*json) : json.status();
  const Result<std::string> bytes = ReadFd(sources_fd);
  Result<ruleset::Sources> sources =
      bytes.ok() ? ruleset::Sources::Deserialize(*bytes) : bytes.status();
  close(sources_fd);
  if (!options.ok() || !sources.ok()) {
    return refuse(options.ok() ? sources.status() : options.status());
  }
  loaded.options = std::move(options).value();
  std::optional<LeavesWithTheDaemon> loading(control);
  const Status status = Load(&*sources, &loaded, &diagnostics);
  if (!status.ok()) {
    return refuse(status);
  }
  *sources = {};
  Inheritance inheritance;
  inheritance.options = &loaded.options;
  inheritance.scanner = loaded.scanner.get();
  inheritance.engine = loaded.signatures.engine;
  inheritance.scratch = loaded.signatures.scratch;
  Watch watch(&loaded.ms);
  WarmUp(inheritance);
  watch.Took("warm_up");
  loading.reset();
  const Json state = {{"diagnostics", ToJson(diagnostics)},
                      {"rules_version", loaded.scanner->rules().version()},
                      {"ms", loaded.ms}};
  if (!SendFrame(control, FrameKind::kLoaded, DumpJson(state)).ok()) {
    return 1;
  }
  return Zygote(control, loaded).Loop();
}

}  // namespace gatepost::inspect
