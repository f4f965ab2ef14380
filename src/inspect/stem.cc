// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/stem.h"

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

#include "src/base/clock.h"
#include "src/inspect/channel.h"
#include "src/inspect/codec.h"
#include "src/inspect/protocol.h"
#include "src/inspect/sandbox.h"
#include "src/inspect/zygote.h"
#include "src/scan/scanner.h"

namespace gatepost::inspect {

namespace {

constexpr int64_t kHelloMs = 10'000;
constexpr uint64_t kMostOptions = 16 << 20;

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

void PrepareProcess() {
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) {
    signal(number, SIG_IGN);  // the daemon decides when this generation ends
  }
  prctl(PR_SET_NAME, "gatepost-stem");
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

struct Stem {
  InspectorOptions options;
  std::unique_ptr<virus::Engine> engine;
  std::unique_ptr<TemporaryFolder> folder;  // without a sandbox
  std::string scratch;
};

// Signatures as the options ask for them; a lack that the options allow is a warning.
Status LoadSignatures(Stem* stem, Diagnostics* diagnostics) {
  const AntivirusOptions& antivirus = stem->options.antivirus;
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
      virus::Engine::Load(antivirus.database, stem->scratch, stem->options.limits);
  if (engine.ok()) {
    stem->engine = std::move(engine).value();
    const int64_t age = NowUnixMs() / 1'000 - stem->engine->built_at();
    if (antivirus.max_age_s > 0 && age > antivirus.max_age_s) {
      diagnostics->Warning({antivirus.database, 0, 0},
                           "the virus signatures are " + AgeInWords(age) +
                               " old, more than antivirus: max_age allows" +
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

Status Load(Stem* stem, Diagnostics* diagnostics) {
  GATEPOST_RETURN_IF_ERROR(scan::RunCanaries());
  // In a sandbox each worker has a tmpfs of its own there; libclamav is told the path once.
  stem->scratch = "/tmp";
  if (!stem->options.sandbox) {
    stem->folder = std::make_unique<TemporaryFolder>();
    stem->scratch = stem->folder->path();
  }
  return LoadSignatures(stem, diagnostics);
}

int Refuse(int control, const Status& status, const Diagnostics& diagnostics) {
  (void)SendFrame(control, FrameKind::kRefused, RefusalText(status, diagnostics)).ok();
  return 1;
}

// In the child, which never returns.
[[noreturn]] void BecomeZygote(const Stem& stem, Frame order) {
  // Keeps the two descriptors of the order and drops the rest: our socket to the daemon, the
  // signals'.
  const int control = order.fds[0].get();
  const int sources = order.fds[1].get();
  for (int fd = 3; fd <= std::max(control, sources); ++fd) {
    if (fd != control && fd != sources) {
      close(fd);
    }
  }
  close_range(static_cast<unsigned>(std::max(control, sources)) + 1, ~0U, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  int code = 1;
  try {
    code = RunZygote(control, std::move(order.payload), sources, {stem.engine.get(), stem.scratch});
  } catch (const std::exception& error) {
    (void)Refuse(control, Status::Internal(std::string("inspector: ") + error.what()), {});
  }
  _exit(code);
}

// False: the daemon is gone.
bool ForkZygote(int control, const Stem& stem) {
  ReceiveOptions receive;
  receive.take_fds = true;
  receive.most_bytes = kMostOptions;
  Result<Frame> order = ReceiveFrame(control, receive);
  if (!order.ok() || order->kind != FrameKind::kOptions || order->fds.size() != 2) {
    return false;
  }
  const pid_t pid = fork();
  if (pid == 0) {
    BecomeZygote(stem, std::move(order).value());
  }
  const Fd pidfd(pid < 0 ? -1 : static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd.valid()) {
    const std::string why = std::string("inspector: fork: ") + std::strerror(errno);
    return SendFrame(control, FrameKind::kNoWorker, why).ok();
  }
  Writer out(16);
  out.U32(static_cast<uint32_t>(pid));
  return SendFrame(control, FrameKind::kForked, out.Take(), {pidfd.get()}).ok();
}

int Loop(int control, const Stem& stem) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_BLOCK, &child, nullptr);
  const Fd signals(signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals.valid()) {
    return 1;
  }
  while (true) {
    pollfd wait[2] = {{control, POLLIN, 0}, {signals.get(), POLLIN, 0}};
    if (poll(wait, 2, -1) < 0 && errno != EINTR) {
      return 1;
    }
    if (wait[1].revents != 0) {
      signalfd_siginfo info;
      while (read(signals.get(), &info, sizeof(info)) > 0) {
      }
      while (waitpid(-1, nullptr, WNOHANG) > 0) {
      }
    }
    if (wait[0].revents != 0 && !ForkZygote(control, stem)) {
      return 0;  // the zygotes see the end of their own sockets
    }
  }
}

}  // namespace

int RunStem(int control) {
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
  receive.most_bytes = kMostOptions;
  const Result<Frame> sent = ReceiveFrame(control, receive);
  if (!sent.ok() || sent->kind != FrameKind::kOptions) {
    return 1;
  }
  Stem stem;
  const Result<Json> json = ParseJson("inspector options", sent->payload);
  Result<InspectorOptions> options = json.ok() ? OptionsFromJson(*json) : json.status();
  if (!options.ok()) {
    return Refuse(control, options.status(), diagnostics);
  }
  stem.options = std::move(options).value();
  const Status status = Load(&stem, &diagnostics);
  if (!status.ok()) {
    return Refuse(control, status, diagnostics);
  }
  const Json state = {
      {"diagnostics", ToJson(diagnostics)},
      {"signatures", stem.engine == nullptr ? 0U : stem.engine->signatures()},
      {"antivirus_version", stem.engine == nullptr ? std::string() : stem.engine->version()},
      {"antivirus_built_at", stem.engine == nullptr ? int64_t{0} : stem.engine->built_at()}};
  if (!SendFrame(control, FrameKind::kLoaded, DumpJson(state)).ok()) {
    return 1;
  }
  return Loop(control, stem);
}

}  // namespace gatepost::inspect
