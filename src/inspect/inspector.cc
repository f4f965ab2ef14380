// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/inspector.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "src/base/clock.h"
#include "src/base/digest.h"
#include "src/base/journal.h"
#include "src/inspect/channel.h"
#include "src/inspect/codec.h"
#include "src/inspect/message_fd.h"
#include "src/inspect/pool.h"
#include "src/inspect/protocol.h"
#include "src/inspect/wire.h"
#include "src/inspect/zygote.h"
#include "src/inspect/zygote_process.h"

namespace gatepost::inspect {

namespace {

constexpr int64_t kTickMs = 1'000;
constexpr int64_t kMostBackoffMs = 30'000;
constexpr size_t kReplyOverhead = 1'024;

class WorkerInspector final : public Inspector {
 public:
  WorkerInspector(InspectorOptions options, std::shared_ptr<const ruleset::RuleSet> rules,
                  uint32_t workers)
      : options_(std::move(options)),
        rules_(std::move(rules)),
        pool_(workers, [this] { AskForOne(); }) {}
  ~WorkerInspector() override;

  // Takes over a loaded zygote and waits for its first worker: a sandbox that cannot be entered
  // stops the start.
  Status Begin(std::unique_ptr<ZygoteProcess> zygote, double start_ms);

  Result<Findings> Inspect(const mail::Envelope& envelope, int message_fd,
                           const std::function<void()>& keep_alive) override;
  Result<ReadText> Read(const std::string& name, int document_fd) override;
  std::shared_ptr<const ruleset::RuleSet> rules() const override { return rules_; }
  State state() const override;

 private:
  enum class Outcome { kDone, kCrashed, kTimedOut };
  // What a try is made of, and what it brings.
  struct Task {
    FrameKind kind{};
    FrameKind reply_kind{};
    std::string payload;
    int fd = -1;
    uint64_t most_reply = 0;
    // While the worker is at work.
    std::function<void()> meanwhile;
    // False: the reply is not valid, so the worker is not to be trusted.
    std::function<bool(Bytes)> accept;
  };

  // Two tries. kUnavailable when no worker could be had.
  Result<Outcome> Run(const Task& task, const std::function<void()>& keep_alive);
  Outcome Try(const Task& task, std::unique_ptr<PooledWorker> worker,
              const std::function<void()>& keep_alive);

  // The manager's thread: what the zygote tells, and its restart.
  void Manage();
  // False: the zygote is gone.
  bool Listen();
  void TakeWorker(Frame frame);
  void Restart();
  void AskForOne();
  bool Sleep(int64_t ms);  // false: stopping

  const InspectorOptions options_;
  const std::shared_ptr<const ruleset::RuleSet> rules_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<ZygoteProcess> zygote_;  // null while it restarts
  uint64_t generation_ = 0;                // counts zygotes
  ZygoteProcess::Versions versions_;
  std::string sandbox_;    // as the first worker told
  std::string no_worker_;  // why the last fork failed
  bool stopping_ = false;
  uint32_t under_way_ = 0;
  double start_ms_ = 0;

  std::atomic<uint64_t> inspected_{0}, crashed_{0}, timed_out_{0}, recycled_{0};
  Pool pool_;
  std::thread manager_;
};

WorkerInspector::~WorkerInspector() {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return under_way_ == 0; });
    stopping_ = true;
    if (zygote_ != nullptr) {
      shutdown(zygote_->control(), SHUT_RDWR);  // wakes the manager
    }
  }
  changed_.notify_all();
  pool_.Close();
  if (manager_.joinable()) {
    manager_.join();
  }
}

Status WorkerInspector::Begin(std::unique_ptr<ZygoteProcess> zygote, double start_ms) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    versions_ = zygote->versions();
    zygote_ = std::move(zygote);
    start_ms_ = start_ms;
    generation_ = 1;
  }
  pool_.Forget(1);
  manager_ = std::thread([this] { Manage(); });
  pool_.AskForMissing();
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return !sandbox_.empty() || !no_worker_.empty(); });
  return sandbox_.empty() ? Status::Unavailable(no_worker_) : Status::Ok();
}

void WorkerInspector::AskForOne() {
  // Called with the pool locked; the zygote's own lock comes second.
  const std::lock_guard<std::mutex> lock(mutex_);
  if (zygote_ != nullptr) {
    // When it is gone, the manager sees it too and starts over.
    (void)SendFrame(zygote_->control(), FrameKind::kFork, {}, {}, SteadyMs() + kTickMs).ok();
  }
}

bool WorkerInspector::Sleep(int64_t ms) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stopping_; });
  return !stopping_;
}

void WorkerInspector::Manage() {
  while (true) {
    while (Listen()) {
    }
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_) {
        return;
      }
    }
    Journal(Loudness::kError, "GP2101",
            "the inspector's zygote ended; messages wait while it is started anew");
    Restart();
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_) {
      return;
    }
  }
}

bool WorkerInspector::Listen() {
  int control = -1;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (stopping_ || zygote_ == nullptr) {
      return false;
    }
    control = zygote_->control();
  }
  pollfd wait{control, POLLIN, 0};
  const int ready = poll(&wait, 1, static_cast<int>(kTickMs));
  if (ready == 0) {
    pool_.AskForMissing();
    return true;
  }
  if (ready < 0) {
    return errno == EINTR;
  }
  ReceiveOptions receive;
  receive.take_fds = true;
  receive.deadline_ms = SteadyMs() + 10 * kTickMs;
  Result<Frame> frame = ReceiveFrame(control, receive);
  if (!frame.ok()) {
    return false;
  }
  Reader in(frame->payload);
  switch (frame->kind) {
    case FrameKind::kWorker:
      TakeWorker(std::move(frame).value());
      return true;
    case FrameKind::kNoWorker: {
      Journal(Loudness::kError, "GP2102", "a worker could not be started",
              {{"reason", frame->payload}});
      pool_.CouldNotFork();
      const std::lock_guard<std::mutex> lock(mutex_);
      no_worker_ = frame->payload;
      changed_.notify_all();
      return true;
    }
    case FrameKind::kWorkerEnded: {
      const uint64_t id = in.U64();
      const std::string how = in.Text(200);
      if (how != "left with status 0") {
        Journal(Loudness::kWarning, "GP2103", "a worker ended",
                {{"worker", std::to_string(id)}, {"how", how}});
      }
      return true;
    }
    default:
      return false;
  }
}

void WorkerInspector::TakeWorker(Frame frame) {
  Reader in(frame.payload);
  auto worker = std::make_unique<PooledWorker>();
  worker->id = in.U64();
  worker->pid = in.U32();
  std::string sandbox = in.Text(500);
  if (!in.AtEnd() || frame.fds.size() != 2) {
    pool_.CouldNotFork();
    return;
  }
  worker->socket = std::move(frame.fds[0]);
  worker->pidfd = std::move(frame.fds[1]);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    worker->generation = generation_;
    sandbox_ = std::move(sandbox);
  }
  changed_.notify_all();
  pool_.Arrived(std::move(worker));
}

void WorkerInspector::Restart() {
  uint64_t generation = 0;
  std::unique_ptr<ZygoteProcess> old;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    old = std::move(zygote_);
    generation = ++generation_;
    no_worker_ = "inspector: the zygote ended";
  }
  changed_.notify_all();
  old.reset();
  pool_.Forget(generation);
  for (int64_t backoff = kTickMs; true; backoff = std::min(2 * backoff, kMostBackoffMs)) {
    Diagnostics diagnostics;
    Result<std::unique_ptr<ZygoteProcess>> started =
        ZygoteProcess::Start("/proc/self/exe", options_, &diagnostics);
    Status status = started.status();
    if (status.ok() && (*started)->versions().rules != rules_->version()) {
      // Findings name rules by number: another set would be read wrongly.
      status = Status::Invalid("the rules on disk are no longer those of this generation; reload");
    }
    if (status.ok()) {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_) {
        return;
      }
      versions_ = (*started)->versions();
      zygote_ = std::move(started).value();
      break;
    }
    Journal(Loudness::kError, "GP2104", "the inspector's zygote cannot be started anew",
            {{"reason", status.message()}});
    if (!Sleep(backoff)) {
      return;
    }
  }
  Journal(Loudness::kNotice, "GP2105", "the inspector's zygote runs again");
  pool_.AskForMissing();
}

WorkerInspector::Outcome WorkerInspector::Try(const Task& task,
                                              std::unique_ptr<PooledWorker> worker,
                                              const std::function<void()>& keep_alive) {
  const int64_t deadline = SteadyMs() + options_.limits.inspect_deadline.count();
  const Status sent = SendFrame(worker->socket.get(), task.kind, task.payload, {task.fd}, deadline);
  Result<Frame> reply = sent;
  if (sent.ok()) {
    task.meanwhile();
    ReceiveOptions receive;
    receive.deadline_ms = deadline;
    receive.most_bytes = task.most_reply;
    receive.keep_alive = &keep_alive;
    reply = ReceiveFrame(worker->socket.get(), receive);
  }
  const bool valid = reply.ok() && reply->kind == task.reply_kind && !reply->payload.empty() &&
                     task.accept(Bytes(reply->payload).substr(1));
  if (!valid) {
    const bool late = !reply.ok() && reply.status().code() == Code::kNotFound;
    worker->Kill();
    Journal(Loudness::kWarning, "GP2106",
            late ? "a worker overran its time and was killed" : "a worker failed at a message",
            {{"worker", std::to_string(worker->id)},
             {"reason", reply.ok() ? "its answer is not valid" : reply.status().message()}});
    ++(late ? timed_out_ : crashed_);
    pool_.Lost(std::move(worker));
    return late ? Outcome::kTimedOut : Outcome::kCrashed;
  }
  ++worker->served;
  if (reply->payload.front() != 0) {
    ++recycled_;
    pool_.Lost(std::move(worker));
  } else {
    pool_.Release(std::move(worker));
  }
  return Outcome::kDone;
}

Result<WorkerInspector::Outcome> WorkerInspector::Run(const Task& task,
                                                      const std::function<void()>& keep_alive) {
  const int64_t queue_ms = options_.limits.queue_deadline.count();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++under_way_;
  }
  Result<Outcome> outcome = Status::Unavailable("inspector: no worker");
  int64_t waited = 0;
  for (int attempt = 0; attempt < 2; ++attempt) {
    // What broke a worker may be the mail or may be what an earlier mail left behind: the second
    // try is on one that has served nobody.
    const int64_t begin = SteadyMs();
    auto worker = pool_.Acquire(attempt > 0, begin + queue_ms - waited, keep_alive);
    waited += SteadyMs() - begin;
    if (!worker.ok()) {
      outcome = worker.status();
      break;
    }
    outcome = Try(task, std::move(worker).value(), keep_alive);
    if (*outcome == Outcome::kDone) {
      break;
    }
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    --under_way_;
  }
  changed_.notify_all();
  return outcome;
}

Result<Findings> WorkerInspector::Inspect(const mail::Envelope& envelope, int message_fd,
                                          const std::function<void()>& keep_alive) {
  GATEPOST_ASSIGN_OR_RETURN(const MessageFd message, MessageFd::Seal(message_fd));
  Findings findings;
  findings.size = message.bytes().size();
  if (findings.size > options_.limits.message_bytes) {
    findings.sha256 = Sha256Hex(message.bytes());
    findings.unscannable.push_back({decode::Reason::kTooBig, ""});
    findings.facts["unscannable.too-big"] = "true";
    return findings;
  }
  // Counted and hashed here, while the worker is at work: those two the worker is not asked for.
  std::string sha256;
  Task task;
  task.kind = FrameKind::kInspect;
  task.reply_kind = FrameKind::kFindings;
  task.payload = EncodeEnvelope(envelope);
  task.fd = message.fd();
  task.most_reply = options_.limits.findings_bytes + kReplyOverhead;
  task.meanwhile = [&] {
    if (sha256.empty()) {
      sha256 = Sha256Hex(message.bytes());
    }
  };
  task.accept = [&](Bytes wire) {
    Result<Findings> decoded = DecodeFindings(wire, *rules_, options_.limits);
    if (!decoded.ok()) {
      return false;
    }
    findings = std::move(decoded).value();
    return true;
  };
  GATEPOST_ASSIGN_OR_RETURN(const Outcome outcome, Run(task, keep_alive));
  task.meanwhile();
  findings.sha256 = sha256;
  findings.size = message.bytes().size();
  if (outcome != Outcome::kDone) {
    const decode::Reason reason =
        outcome == Outcome::kTimedOut ? decode::Reason::kTimedOut : decode::Reason::kCrashed;
    findings.unscannable.push_back({reason, ""});
    findings.facts[std::string("unscannable.") + decode::ToString(reason)] = "true";
  }
  ++inspected_;
  return findings;
}

Result<ReadText> WorkerInspector::Read(const std::string& name, int document_fd) {
  GATEPOST_ASSIGN_OR_RETURN(const MessageFd document, MessageFd::Seal(document_fd));
  ReadText text;
  if (document.bytes().size() >
      std::max(options_.limits.message_bytes, options_.limits.leaf_bytes)) {
    text.unscannable.push_back({decode::Reason::kTooBig, name});
    return text;
  }
  Task task;
  task.kind = FrameKind::kRead;
  task.reply_kind = FrameKind::kText;
  task.payload = name;
  task.fd = document.fd();
  task.most_reply = options_.limits.text_bytes + 1'000 * (kMostPath + 8) + kReplyOverhead;
  task.meanwhile = [] {};
  task.accept = [&](Bytes wire) {
    Reader in(wire);
    text = {};
    const uint32_t count = in.Count(kMostUnscannable, 5);
    for (uint32_t i = 0; i < count; ++i) {
      const auto reason =
          static_cast<decode::Reason>(in.Upto(static_cast<uint8_t>(decode::kLastReason)));
      text.unscannable.push_back({reason, in.Text(kMostPath)});
    }
    text.utf8 = in.Text(options_.limits.text_bytes);
    return in.AtEnd();
  };
  GATEPOST_ASSIGN_OR_RETURN(const Outcome outcome, Run(task, {}));
  if (outcome != Outcome::kDone) {
    text = {};
    text.unscannable.push_back(
        {outcome == Outcome::kTimedOut ? decode::Reason::kTimedOut : decode::Reason::kCrashed,
         name});
  }
  return text;
}

Inspector::State WorkerInspector::state() const {
  const Pool::Counts counts = pool_.counts();
  State state;
  const std::lock_guard<std::mutex> lock(mutex_);
  state.rules_version = versions_.rules;
  state.antivirus_version = versions_.antivirus;
  state.antivirus_built_at = versions_.antivirus_built_at;
  state.signatures = versions_.signatures;
  state.workers = counts.live;
  state.busy = counts.busy;
  state.inspected = inspected_;
  state.crashed = crashed_;
  state.timed_out = timed_out_;
  state.recycled = recycled_;
  state.start_ms = start_ms_;
  state.sandbox = sandbox_;
  return state;
}

}  // namespace

Inspector::~Inspector() = default;

Result<std::shared_ptr<Inspector>> Inspector::Start(const InspectorOptions& options,
                                                    Diagnostics* diagnostics) {
  const int64_t begin = SteadyMs();
  GATEPOST_ASSIGN_OR_RETURN(auto zygote,
                            ZygoteProcess::Start("/proc/self/exe", options, diagnostics));
  // The daemon's own copy: what the worker's numbers mean. The zygote has reported what is wrong
  // with it already.
  Diagnostics again;
  GATEPOST_ASSIGN_OR_RETURN(auto rules, ruleset::RuleSet::Load(options.rule_folders, &again));
  if (rules->version() != zygote->versions().rules) {
    return Status::Unavailable("the rules changed while they were loaded; try again");
  }
  uint32_t workers = options.workers;
  if (workers == 0) {
    workers = std::max(std::thread::hardware_concurrency(), 1U);
  }
  auto inspector = std::make_shared<WorkerInspector>(options, std::move(rules), workers);
  GATEPOST_RETURN_IF_ERROR(
      inspector->Begin(std::move(zygote), static_cast<double>(SteadyMs() - begin)));
  return std::shared_ptr<Inspector>(std::move(inspector));
}

void RunZygoteIfAsked(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == kZygoteArgument) {
    _exit(RunZygote(std::atoi(argv[2])));
  }
}

}  // namespace gatepost::inspect
