// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/inspect/pool.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>

#include "src/base/clock.h"

namespace gatepost::inspect {

namespace {

constexpr int64_t kPatienceMs = 200;  // all busy for so long: the mail is heavy
constexpr int64_t kKeepAliveMs = 1'000;

}  // namespace

void PooledWorker::Kill() const {
  syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0);
}

Pool::Pool(uint32_t target, std::function<bool()> ask_for_one)
    : target_(std::max<uint32_t>(target, 1)), ask_for_one_(std::move(ask_for_one)) {}

void Pool::Ask(uint32_t count) {
  for (uint32_t i = 0; i < count && ask_for_one_(); ++i) {
    ++coming_;
  }
}

uint32_t Pool::FreshWaiters() const {
  return static_cast<uint32_t>(std::count_if(waiters_.begin(), waiters_.end(),
                                             [](const Waiter* one) { return one->fresh; }));
}

std::unique_ptr<PooledWorker> Pool::TakeFree(bool fresh) {
  if (closed_) {
    return nullptr;
  }
  // Those that want a fresh one have waited longer than whoever comes now.
  const auto fresh_free = static_cast<uint32_t>(
      std::count_if(free_.begin(), free_.end(), [](const auto& one) { return one->served == 0; }));
  for (size_t i = free_.size(); i-- > 0;) {
    const bool is_fresh = free_[i]->served == 0;
    if (fresh ? !is_fresh : is_fresh && fresh_free <= FreshWaiters()) {
      continue;
    }
    std::unique_ptr<PooledWorker> taken = std::move(free_[i]);
    free_.erase(free_.begin() + static_cast<std::ptrdiff_t>(i));
    return taken;
  }
  return nullptr;
}

void Pool::HandOut(std::unique_ptr<PooledWorker> worker) {
  for (auto it = waiters_.begin(); it != waiters_.end(); ++it) {
    Waiter& waiter = **it;
    if (waiter.fresh && worker->served > 0) {
      continue;
    }
    waiter.given = std::move(worker);
    waiters_.erase(it);
    waiter.changed.notify_one();
    return;
  }
  if (live_ > target_) {
    --live_;  // the rush is over
    return;
  }
  free_.push_back(std::move(worker));
}

Result<std::unique_ptr<PooledWorker>> Pool::Acquire(bool fresh, int64_t deadline_ms,
                                                    const std::function<void()>& keep_alive) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (std::unique_ptr<PooledWorker> taken = TakeFree(fresh)) {
    return taken;
  }
  Waiter waiter;
  waiter.fresh = fresh;
  waiters_.push_back(&waiter);
  // The free ones have all served: a fresh one has to be made.
  if (fresh && coming_ < FreshWaiters()) {
    Ask(1);
  }
  int64_t next_ask = SteadyMs() + kPatienceMs;
  int64_t next_sign = SteadyMs() + kKeepAliveMs;
  while (waiter.given == nullptr && !closed_) {
    const int64_t now = SteadyMs();
    if (now >= deadline_ms) {
      break;
    }
    if (now >= next_ask && live_ + coming_ < 2 * target_) {
      Ask(1);
      next_ask = now + kPatienceMs;
    }
    if (now >= next_sign) {
      next_sign = now + kKeepAliveMs;
      if (keep_alive) {
        lock.unlock();
        keep_alive();
        lock.lock();
        continue;
      }
    }
    const int64_t until = std::min({deadline_ms, next_sign, std::max(next_ask, now + 20)});
    waiter.changed.wait_for(lock, std::chrono::milliseconds(std::max<int64_t>(until - now, 1)));
  }
  if (waiter.given == nullptr) {
    waiters_.remove(&waiter);
    return Status::Unavailable(closed_ ? "inspector: shutting down"
                                       : "inspector: no worker became free in time");
  }
  return std::move(waiter.given);
}

void Pool::Release(std::unique_ptr<PooledWorker> worker) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (closed_ || worker->generation != generation_) {
    return;  // its zygote is gone, and it with it
  }
  HandOut(std::move(worker));
}

void Pool::Lost(std::unique_ptr<PooledWorker> worker) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (closed_ || worker->generation != generation_) {
    return;
  }
  --live_;
  if (live_ + coming_ < target_) {
    Ask(1);
  }
}

void Pool::Arrived(std::unique_ptr<PooledWorker> worker) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (closed_ || worker->generation != generation_) {
    return;
  }
  coming_ -= coming_ > 0 ? 1 : 0;
  ++live_;
  HandOut(std::move(worker));
}

void Pool::CouldNotFork() {
  const std::lock_guard<std::mutex> lock(mutex_);
  coming_ -= coming_ > 0 ? 1 : 0;
}

void Pool::AskForMissing() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!closed_ && live_ + coming_ < target_) {
    Ask(target_ - live_ - coming_);
  }
  if (!closed_ && coming_ < FreshWaiters()) {
    Ask(FreshWaiters() - coming_);
  }
}

void Pool::Forget(uint64_t new_generation) {
  const std::lock_guard<std::mutex> lock(mutex_);
  free_.clear();
  live_ = 0;
  coming_ = 0;
  generation_ = new_generation;
}

void Pool::Close() {
  const std::lock_guard<std::mutex> lock(mutex_);
  closed_ = true;
  free_.clear();
  for (Waiter* waiter : waiters_) {
    waiter->changed.notify_one();
  }
}

Pool::Counts Pool::counts() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto free = static_cast<uint32_t>(free_.size());
  return {live_, live_ > free ? live_ - free : 0, static_cast<uint32_t>(waiters_.size())};
}

}  // namespace gatepost::inspect
