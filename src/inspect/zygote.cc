// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/zygote.h"

#include <malloc.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>

#include "src/base/clock.h"
#include "src/inspect/channel.h"
#include "src/inspect/codec.h"
#include "src/inspect/protocol.h"
#include "src/inspect/sandbox.h"
#include "src/inspect/worker.h"

namespace gatepost::inspect {

namespace {

constexpr int64_t kHelloMs = 10'000;
constexpr int64_t kWorkerStartMs = 20'000;

// A folder that goes with its owner; workers without a sandbox share it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    char pattern[] = "/tmp/gatepost-XXXXXX";
    path_ = mkdtemp(pattern) == nullptr ? "/tmp" : pattern;
    made_ = path_ != "/tmp";
  }
  ~TemporaryFolder() {
    if (made_) {
      EmptyFolder(path_);
      rmdir(path_.c_str());
    }
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool made_ = false;
};

struct Loaded {
  InspectorOptions options;
  std::unique_ptr<scan::Scanner> scanner;
  std::unique_ptr<virus::Engine> engine;
  std::unique_ptr<TemporaryFolder> folder;  // without a sandbox
  std::string scratch;
};

void PrepareProcess() {
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) {
    signal(number, SIG_IGN);  // the daemon decides when this generation ends
  }
  prctl(PR_SET_NAME, "gatepost-zygote");
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  // Without it libarchive returns no name for a member called "Công văn mật".
  setlocale(LC_CTYPE, "C.UTF-8");
  setenv("TZ", "UTC0", 1);  // otherwise each localtime() looks at /etc/localtime
  tzset();
  // Message after message in one process: memory goes back and forth to malloc, not to the kernel.
  mallopt(M_ARENA_MAX, 1);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  mallopt(M_TOP_PAD, 1 << 20);
}

// Signatures as the options ask for them; a lack that the options allow is a warning.
Status LoadSignatures(Loaded* loaded, Diagnostics* diagnostics) {
  const AntivirusOptions& antivirus = loaded->options.antivirus;
  if (antivirus.need == AntivirusOptions::Need::kOff) {
    return Status::Ok();
  }
  const bool required = antivirus.need == AntivirusOptions::Need::kRequired;
  const std::string consequence =
      required ? "; antivirus is required, so every message is unscannable(no-signatures)"
               : "; mail is not scanned for viruses";
  if (antivirus.database.empty()) {
    diagnostics->Warning({}, "antivirus: no database folder is set" + consequence);
    return Status::Ok();
  }
  Result<std::unique_ptr<virus::Engine>> engine =
      virus::Engine::Load(antivirus.database, loaded->scratch, loaded->options.limits);
  if (engine.ok()) {
    loaded->engine = std::move(engine).value();
    const int64_t age = NowUnixMs() / 1'000 - loaded->engine->built_at();
    if (antivirus.max_age_s > 0 && age > antivirus.max_age_s) {
      diagnostics->Warning({antivirus.database, 0, 0},
                           "the virus signatures are " + std::to_string(age / 86'400) +
                               " days old, more than antivirus: max_age allows" +
                               (required ? consequence : std::string()));
    }
    return Status::Ok();
  }
  if (engine.status().code() == Code::kNotFound) {
    diagnostics->Warning({antivirus.database, 0, 0}, engine.status().message() + consequence);
    return Status::Ok();
  }
  return engine.status();  // broken signatures are nobody's wish
}

Status Load(Loaded* loaded, Diagnostics* diagnostics) {
  const InspectorOptions& options = loaded->options;
  GATEPOST_RETURN_IF_ERROR(scan::RunCanaries());
  GATEPOST_ASSIGN_OR_RETURN(const std::shared_ptr<const ruleset::RuleSet> rules,
                            ruleset::RuleSet::Load(options.rule_folders, diagnostics));
  scan::CompileOptions compile;
  compile.cache_folder = options.cache_folder;
  compile.cache_key = options.cache_key;
  GATEPOST_ASSIGN_OR_RETURN(loaded->scanner, scan::Scanner::Compile(rules, compile, diagnostics));
  if (options.run_examples) {
    scan::RunExamples(*loaded->scanner, diagnostics);
  }
  if (diagnostics->has_errors()) {
    return diagnostics->ToStatus();
  }
  // In a sandbox each worker has a tmpfs of its own there; libclamav is told the path once.
  loaded->scratch = "/tmp";
  if (!options.sandbox) {
    loaded->folder = std::make_unique<TemporaryFolder>();
    loaded->scratch = loaded->folder->path();
  }
  return LoadSignatures(loaded, diagnostics);
}

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
    inheritance.engine = loaded_.engine.get();
    inheritance.scratch = loaded_.scratch;
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

int Refuse(int control, const Status& status, const Diagnostics& diagnostics) {
  const Json json = {{"message", status.message()},
                     {"code", static_cast<int>(status.code())},
                     {"diagnostics", ToJson(diagnostics)}};
  (void)SendFrame(control, FrameKind::kRefused, DumpJson(json)).ok();
  return 1;
}

}  // namespace

int RunZygote(int control) {
  close_range(static_cast<unsigned>(control) + 1, ~0U, 0);
  PrepareProcess();
  const std::string build_id = BuildId();
  ReceiveOptions receive;
  receive.take_fds = true;
  receive.deadline_ms = SteadyMs() + kHelloMs;
  if (!SendFrame(control, FrameKind::kHello, HelloText(build_id)).ok()) {
    return 1;
  }
  const Result<Frame> hello = ReceiveFrame(control, receive);
  Diagnostics diagnostics;
  if (!hello.ok() || hello->kind != FrameKind::kHello) {
    return 1;
  }
  const Status same = CheckHello(hello->payload, build_id);
  if (!same.ok()) {
    return Refuse(control, same, diagnostics);
  }
  receive.most_bytes = 16 << 20;
  const Result<Frame> sent = ReceiveFrame(control, receive);
  if (!sent.ok() || sent->kind != FrameKind::kOptions) {
    return 1;
  }
  Loaded loaded;
  const Result<Json> json = ParseJson("inspector options", sent->payload);
  Result<InspectorOptions> options = json.ok() ? OptionsFromJson(*json) : json.status();
  if (!options.ok()) {
    return Refuse(control, options.status(), diagnostics);
  }
  loaded.options = std::move(options).value();
  const Status status = Load(&loaded, &diagnostics);
  if (!status.ok()) {
    return Refuse(control, status, diagnostics);
  }
  Inheritance inheritance;
  inheritance.options = &loaded.options;
  inheritance.scanner = loaded.scanner.get();
  inheritance.engine = loaded.engine.get();
  inheritance.scratch = loaded.scratch;
  WarmUp(inheritance);
  Json state = {
      {"diagnostics", ToJson(diagnostics)},
      {"rules_version", loaded.scanner->rules().version()},
      {"signatures", loaded.engine == nullptr ? 0U : loaded.engine->signatures()},
      {"antivirus_version", loaded.engine == nullptr ? std::string() : loaded.engine->version()},
      {"antivirus_built_at", loaded.engine == nullptr ? int64_t{0} : loaded.engine->built_at()}};
  if (!SendFrame(control, FrameKind::kLoaded, DumpJson(state)).ok()) {
    return 1;
  }
  return Zygote(control, loaded).Loop();
}

}  // namespace gatepost::inspect
