// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/crew.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "src/base/clock.h"
#include "src/base/journal.h"
#include "src/inspect/codec.h"

namespace gatepost::inspect {

namespace {

constexpr int64_t kTickMs = 1'000;
constexpr int64_t kMostBackoffMs = 30'000;

}  // namespace

Crew::~Crew() {
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

Status Crew::Begin(std::unique_ptr<ZygoteProcess> zygote, double start_ms) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    versions_ = zygote->versions();
    stem_ = zygote->stem();
    load_ms_ = zygote->load_ms();
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

bool Crew::AskForOne() {
  // Called with the pool locked; the zygote's own lock comes second.
  const std::lock_guard<std::mutex> lock(mutex_);
  // When it is gone, the manager sees it too and starts over.
  return zygote_ != nullptr &&
         SendFrame(zygote_->control(), FrameKind::kFork, {}, {}, SteadyMs() + kTickMs).ok();
}

bool Crew::Sleep(int64_t ms) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stopping_; });
  return !stopping_;
}

void Crew::Manage() {
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

bool Crew::Listen() {
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

void Crew::TakeWorker(Frame frame) {
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

std::shared_ptr<StemProcess> Crew::stem() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return stem_;
}

Result<std::unique_ptr<ZygoteProcess>> Crew::StartZygote(const std::shared_ptr<StemProcess>& stem) {
  Diagnostics diagnostics;
  Result<std::unique_ptr<ZygoteProcess>> zygote =
      ZygoteProcess::Start(stem, options_, sources_.get());
  if (!zygote.ok()) {
    GATEPOST_ASSIGN_OR_RETURN(std::shared_ptr<StemProcess> another,
                              StemProcess::Start("/proc/self/exe", options_, &diagnostics));
    zygote = ZygoteProcess::Start(std::move(another), options_, sources_.get());
  }
  if (zygote.ok()) {
    GATEPOST_RETURN_IF_ERROR((*zygote)->WaitUntilLoaded(&diagnostics));
  }
  return zygote;
}

void Crew::Restart() {
  uint64_t generation = 0;
  std::unique_ptr<ZygoteProcess> old;
  std::shared_ptr<StemProcess> stem;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stem = stem_;
    old = std::move(zygote_);
    generation = ++generation_;
    no_worker_ = "inspector: the zygote ended";
  }
  changed_.notify_all();
  old.reset();
  pool_.Forget(generation);
  for (int64_t backoff = kTickMs; true; backoff = std::min(2 * backoff, kMostBackoffMs)) {
    Result<std::unique_ptr<ZygoteProcess>> started = StartZygote(stem);
    const Status status = started.status();
    if (status.ok()) {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (stopping_) {
        return;
      }
      versions_ = (*started)->versions();
      stem_ = (*started)->stem();
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

Crew::Outcome Crew::Try(const Task& task, std::unique_ptr<PooledWorker> worker,
                        const std::function<void()>& keep_alive) {
  int64_t deadline = SteadyMs() + options_.limits.inspect_deadline.count();
  if (task.deadline_ms > 0) {
    deadline = std::min(deadline, task.deadline_ms);
  }
  const Status sent = SendFrame(worker->socket.get(), task.kind, task.payload, task.fds, deadline);
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

Result<Crew::Outcome> Crew::Run(const Task& task, const std::function<void()>& keep_alive) {
  int64_t queue_ms = options_.limits.queue_deadline.count();
  if (task.deadline_ms > 0) {
    queue_ms = std::min(queue_ms, std::max<int64_t>(task.deadline_ms - SteadyMs(), 0));
  }
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++under_way_;
  }
  Result<Outcome> outcome = Status::Unavailable("inspector: no worker");
  int64_t waited = 0;
  for (int attempt = 0; attempt < task.tries; ++attempt) {
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

Inspector::State Crew::state() const {
  const Pool::Counts counts = pool_.counts();
  Inspector::State state;
  const std::lock_guard<std::mutex> lock(mutex_);
  state.rules_version = versions_.rules;
  state.antivirus_version = versions_.signatures.antivirus;
  state.antivirus_built_at = versions_.signatures.antivirus_built_at;
  state.signatures = versions_.signatures.signatures;
  state.workers = counts.live;
  state.busy = counts.busy;
  state.waiting = counts.waiting;
  for (const auto& [stage, ms] : load_ms_.items()) {
    state.load_ms[stage] = ms.get<int64_t>();
  }
  state.crashed = crashed_;
  state.timed_out = timed_out_;
  state.recycled = recycled_;
  state.start_ms = start_ms_;
  state.sandbox = sandbox_;
  return state;
}

}  // namespace gatepost::inspect
