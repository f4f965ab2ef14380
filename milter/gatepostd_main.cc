// gatepostd: the milter daemon. This file is its life: arguments, start, signals, reload, end.
// Exit: 0 stopped as asked, 1 could not start or serve, 2 bad usage or configuration.
// SPDX-License-Identifier: GPL-2.0-or-later
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "milter/notify.h"
#include "milter/pulse.h"
#include "milter/server.h"
#include "src/base/clock.h"
#include "src/base/journal.h"
#include "src/gateway/control.h"
#include "src/gateway/gateway.h"
#include "src/gateway/generations.h"
#include "src/gateway/metrics.h"
#include "src/inspect/inspector.h"

namespace gatepost::milter {
namespace {

constexpr const char* kHelp =
    R"(usage: gatepostd [--config FILE]

The content filter of Gatepost: a milter for Postfix. Runs in the foreground.

  --config FILE   configuration (default /etc/gatepost/gatepost.yaml)
  --version       print the version
  --help          print this

Signals: HUP loads configuration, rules, policy and signatures anew; what does not load leaves the
present ones in force. TERM finishes the messages whose end has been received, then leaves.
Exit: 0 stopped as asked, 1 could not start or serve, 2 bad usage or configuration.

Example: gatepostd --config /etc/gatepost/gatepost.yaml
)";

// Signals arrive on the main thread alone and only leave a mark here. A handler sees nothing but
// statics, hence these two.
std::atomic<uint32_t> hangups{0};
std::atomic<uint32_t> terminations{0};
std::atomic<int> wake_fd{-1};

void OnSignal(int number) {
  const int saved = errno;
  if (number == SIGHUP) {
    ++hangups;
  } else {
    ++terminations;
  }
  const uint64_t one = 1;
  static_cast<void>(write(wake_fd, &one, sizeof one) == sizeof one);
  errno = saved;
}

void Catch(int number) {
  struct sigaction action {};
  action.sa_handler = OnSignal;
  action.sa_flags = SA_RESTART;
  sigaction(number, &action, nullptr);
}

sigset_t OurSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGHUP, SIGTERM, SIGINT}) {
    sigaddset(&set, number);
  }
  return set;
}

// No core, no ptrace by our own user: what passes here must not end in a file.
void LeaveNoTraces() {
  const rlimit none{0, 0};
  if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0) {
    Journal(Loudness::kWarning, "GP3010", "core dumps could not be switched off");
  }
}

// Postfix may have hundreds of sessions, each with a socket and a memfd here.
void RaiseFileLimit() {
  rlimit now{};
  if (getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur < now.rlim_max) {
    now.rlim_cur = now.rlim_max;
    static_cast<void>(setrlimit(RLIMIT_NOFILE, &now));
  }
}

void Report(const Diagnostics& diagnostics) {
  for (const Diagnostic& one : diagnostics.all()) {
    const bool error = one.severity == Diagnostic::Severity::kError;
    Journal(error ? Loudness::kError : Loudness::kWarning, error ? "GP3011" : "GP3012",
            one.ToString());
  }
}

Server::Settings ServerSettings(const gateway::Config& config) {
  Server::Settings settings;
  settings.listen = config.listen;
  settings.spool_bytes = config.limits.spool_bytes;
  settings.session.message_bytes = config.limits.message_bytes;
  settings.session.authserv_id = config.site.authserv_id;
  settings.session.auth_milters = config.site.auth_milters;
  return settings;
}

class Daemon {
 public:
  explicit Daemon(std::string config_file) : config_file_(std::move(config_file)) {}

  int Run() {
    Diagnostics diagnostics;
    const Result<gateway::Config> config = gateway::Config::Load(config_file_, &diagnostics);
    if (!config.ok()) {
      Report(diagnostics);
      Journal(Loudness::kError, "GP3013", "not started: the configuration is broken",
              {{"file", config_file_}});
      return 2;
    }
    Result<std::unique_ptr<gateway::Gateway>> opened =
        gateway::Gateway::Open(*config, &diagnostics);
    Report(diagnostics);
    if (!opened.ok()) {
      Journal(Loudness::kError, "GP3014", "not started: " + opened.status().message());
      return opened.status().code() == Code::kInvalid ? 2 : 1;
    }
    gateway_ = std::move(opened).value();
    server_ = std::make_unique<Server>(
        ServerSettings(*config),
        [this](const mail::Envelope& envelope, int fd, const std::function<void()>& keep_alive) {
          return gateway_->AnswerTo(gateway_->Handle(envelope, fd, keep_alive));
        },
        [this](const mail::Envelope& envelope, Spool::State why, uint64_t size) {
          using Why = gateway::Gateway::NotGathered;
          return gateway_->Refuse(envelope,
                                  why == Spool::State::kTooLong ? Why::kTooLong
                                  : why == Spool::State::kBusy  ? Why::kNoRoom
                                                                : Why::kNoMemory,
                                  size);
        });
    if (const Status listening = server_->Listen(); !listening.ok()) {
      Journal(Loudness::kError, "GP3014", "not started: " + listening.message());
      return listening.code() == Code::kInvalid ? 2 : 1;
    }
    Result<std::unique_ptr<gateway::ControlServer>> control = gateway::ControlServer::Start(
        gateway_.get(), *config,
        [this](const gateway::Order& order, Json* report) { return Reload(order, report); });

    if (!control.ok()) {
      Journal(Loudness::kError, "GP3014", "not started: " + control.status().message());
      return 1;
    }
    control_ = std::move(control).value();
    if (!config->metrics.empty()) {
      gateway::Outside outside;
      outside.spool_bytes = [this] { return server_->spooled_bytes(); };
      Result<std::unique_ptr<gateway::MetricsServer>> metrics =
          gateway::MetricsServer::Start(config->metrics, gateway_.get(), std::move(outside));
      if (!metrics.ok()) {
        Journal(Loudness::kError, "GP3014", "not started: " + metrics.status().message());
        return 1;
      }
      metrics_ = std::move(metrics).value();
    }
    gateway_->generations()->WatchLists();
    gateway_->StartNotices();
    return Serve(config->listen);
  }

 private:
  int Serve(const std::string& listen) {
    // Until here they ended us at once, and nothing was lost.
    Catch(SIGTERM);
    Catch(SIGINT);
    // Threads inherit the blocked mask; the main thread alone takes signals (see server.h).
    const sigset_t ours = OurSignals();
    pthread_sigmask(SIG_BLOCK, &ours, nullptr);
    std::promise<Status> ended;
    std::future<Status> serving = ended.get_future();
    std::thread([this, promise = std::move(ended)]() mutable {
      promise.set_value(server_->Run());
      ++terminations;
      const uint64_t one = 1;
      static_cast<void>(write(wake_fd, &one, sizeof one) == sizeof one);
    }).detach();
    if (WatchdogMs() > 0) {
      pulse_ = std::make_unique<Pulse>([this, listen] { return Look(listen); }, LookEveryMs());
    }
    pthread_sigmask(SIG_UNBLOCK, &ours, nullptr);

    NotifyReady();
    Journal(Loudness::kNotice, "GP3015", "serving",
            {{"listen", listen}, {"version", GATEPOST_VERSION}});
    while (terminations == 0) {
      Tick();
      WaitForSignal();
    }
    NotifyStopping();
    if (pulse_ != nullptr) {
      pulse_->Stop();
    }
    const bool by_itself = serving.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    const uint32_t cut = server_->Stop(kLongestMessageMs);
    Journal(Loudness::kNotice, "GP3016", "stopped",
            {{"messages", std::to_string(server_->messages().total())},
             {"cut_off", std::to_string(cut)}});
    for (std::future<void>* one : {&reloading_, &tending_}) {
      if (one->valid()) {
        one->wait();
      }
    }
    pulse_.reset();
    control_.reset();
    metrics_.reset();
    gateway_.reset();
    const bool well = !by_itself || serving.get().ok();
    // libmilter's threads are still there and nothing may be destroyed under them.
    std::_Exit(well && cut == 0 ? 0 : 1);
  }

  static void WaitForSignal() {
    pollfd wake{wake_fd, POLLIN, 0};
    const int64_t most = WatchdogMs() > 0 ? std::min<int64_t>(LookEveryMs(), kTickMs) : kTickMs;
    if (poll(&wake, 1, static_cast<int>(most)) > 0) {
      uint64_t count = 0;
      static_cast<void>(read(wake_fd, &count, sizeof count) == sizeof count);
    }
  }

  // A sixth of the time systemd gives us: in the worst case that is not a fault, all workers busy
  // with messages that use up deadline and retry, one look in six still finds a finished one.
  static int64_t LookEveryMs() { return std::clamp<int64_t>(WatchdogMs() / 3, 100, kLookMs); }

  // Would Postfix get an answer? On the pulse's thread.
  Status Look(const std::string& listen) {
    GATEPOST_RETURN_IF_ERROR(ProbeMilter(listen, kProbeMs));
    GATEPOST_RETURN_IF_ERROR(
        ProbeWorkers(gateway_->generation()->inspector.get(), &messages_finished_));
    const uint32_t open = server_->messages().open();
    const uint64_t ended = server_->messages().total() - open;
    const int64_t now = SteadyMs();
    if (open == 0 || ended != messages_ended_) {
      messages_ended_ = ended;
      message_ended_at_ = now;
    }
    return now - message_ended_at_ <= kLongestMessageMs + kLookMs
               ? Status::Ok()
               : Status::Unavailable("messages are under way and none ends");
  }

  // Reloads run beside us, one after the other, so that TERM and the watchdog never wait for them.
  // The watchdog hears from this loop, and only what a look has found.
  void Tick() {
    if (pulse_ != nullptr && pulse_->Take()) {
      KeepWatchdogQuiet();
    }
    const bool idle = !reloading_.valid() ||
                      reloading_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    const int64_t now = SteadyMs();
    if (idle && hangups != 0) {
      hangups = 0;
      reloading_ = InBackground([this] {
        gateway::Order order;
        order.how = "signal";
        static_cast<void>(Reload(order, nullptr));
      });
    } else if (idle && now - signatures_looked_at_ >= kSignaturesMs) {
      signatures_looked_at_ = now;
      reloading_ = InBackground([this] { gateway_->generations()->LookAtSignatures(); });
    }
    if (now - status_told_at_ >= kTickMs) {
      status_told_at_ = now;
      TellStatus();
      if (!tending_.valid() ||
          tending_.wait_for(std::chrono::seconds(0)) == std::future_status::ready) {
        tending_ = InBackground([this] { gateway_->Tend(); });
      }
    }
  }

  template <typename Work>
  static std::future<void> InBackground(Work work) {
    const sigset_t ours = OurSignals();
    pthread_sigmask(SIG_BLOCK, &ours, nullptr);
    std::future<void> future = std::async(std::launch::async, [work] {
      try {
        work();
      } catch (const std::exception& error) {
        Journal(Loudness::kError, "GP3017",
                "work in the background failed; the present generation stays",
                {{"reason", error.what()}});
      }
    });
    pthread_sigmask(SIG_UNBLOCK, &ours, nullptr);
    return future;
  }

  Status Reload(const gateway::Order& order, Json* report) {
    const std::lock_guard<std::mutex> one_at_a_time(reload_mutex_);
    NotifyReloading();
    Diagnostics diagnostics;
    const Result<gateway::Config> config = gateway::Config::Load(config_file_, &diagnostics);
    const Status status =
        config.ok() ? gateway_->generations()->Reload(*config, order, &diagnostics, report)
                    : config.status();
    Report(diagnostics);
    if (status.ok()) {
      const Server::Settings settings = ServerSettings(*config);
      server_->SetLimits(settings.session, settings.spool_bytes);
      Journal(Loudness::kNotice, "GP3018", "reloaded");
    } else {
      Journal(Loudness::kError, "GP3017", "a reload failed; the present generation stays",
              {{"reason", status.message()}});
    }
    TellStatus();
    NotifyReady();
    return status;
  }

  void TellStatus() {
    NotifyStatus(std::to_string(server_->messages().total()) + " messages, " +
                 std::to_string(server_->messages().open()) + " being decided");
  }

  // Between looks at the signatures and words to systemd; TERM and HUP do not wait for it.
  static constexpr int64_t kTickMs = 5'000;
  static constexpr int64_t kLookMs = 15'000;
  static constexpr int kProbeMs = 5'000;
  static constexpr int64_t kSignaturesMs = 60'000;
  // Waiting for a worker, deadline and retry, and the effects.
  static constexpr int64_t kLongestMessageMs = 75'000;

  const std::string config_file_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<gateway::ControlServer> control_;
  std::unique_ptr<gateway::MetricsServer> metrics_;  // where it is configured
  std::unique_ptr<Pulse> pulse_;                     // where a watchdog is
  uint64_t messages_finished_ = 0;                   // these three: the pulse's thread alone
  uint64_t messages_ended_ = 0;
  int64_t message_ended_at_ = SteadyMs();
  std::mutex reload_mutex_;  // HUP and `gatepost reload` at the same time
  std::future<void> reloading_;
  std::future<void> tending_;
  int64_t signatures_looked_at_ = SteadyMs();
  int64_t status_told_at_ = 0;
};

int Main(const std::vector<std::string>& arguments) {
  std::string config = "/etc/gatepost/gatepost.yaml";
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--help") {
      std::fputs(kHelp, stdout);
      return 0;
    }
    if (arguments[i] == "--version") {
      std::puts("gatepostd " GATEPOST_VERSION);
      return 0;
    }
    const bool names = arguments[i] == "--config" && i + 1 < arguments.size();
    const bool equals = arguments[i].rfind("--config=", 0) == 0;
    if (names || equals) {
      config = names ? arguments[++i] : arguments[i].substr(9);
    }
    if (arguments[i] == "--config" || ((names || equals) && config.empty())) {
      std::fprintf(stderr, "gatepostd: --config needs a file\n%s", kHelp);
      return 2;
    }
    if (!names && !equals) {
      std::fprintf(stderr, "gatepostd: unknown argument '%s'\n%s", arguments[i].c_str(), kHelp);
      return 2;
    }
  }
  LeaveNoTraces();
  RaiseFileLimit();
  wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  signal(SIGPIPE, SIG_IGN);
  Catch(SIGHUP);  // while loading it means: once more afterwards
  return Daemon(config).Run();
}

}  // namespace
}  // namespace gatepost::milter

int main(int argc, char** argv) {
  gatepost::inspect::RunZygoteIfAsked(argc, argv);
  return gatepost::milter::Main(std::vector<std::string>(argv + 1, argv + argc));
}
