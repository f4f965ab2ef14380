// The workers of one zygote as the daemon sees them: who is free, who waits, how many there should
// be. First come, first served. When all are busy for a while with heavy mail, up to as many again
// are asked for, so that light mail does not wait behind it; they leave when nobody waits any more.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "src/base/files.h"
#include "src/base/result.h"

namespace gatepost::inspect {

// One worker process. Dropping it closes its socket, which ends it.
struct PooledWorker {
  uint64_t id = 0;
  uint32_t pid = 0;
  Fd socket;
  Fd pidfd;
  uint32_t served = 0;      // messages so far
  uint64_t generation = 0;  // of the zygote process it came from
  void Kill() const;        // SIGKILL by pidfd
};

// Thread-safe.
class Pool {
 public:
  // `ask_for_one` asks the zygote to fork; it must not call back into the pool. False: there is no
  // zygote that could have heard it, and no worker will come of it.
  Pool(uint32_t target, std::function<bool()> ask_for_one);

  // Waits for a worker: a fresh one has not served a message yet. kUnavailable: none until
  // deadline_ms (SteadyMs) or the pool is closed. keep_alive is called about every second.
  Result<std::unique_ptr<PooledWorker>> Acquire(bool fresh, int64_t deadline_ms,
                                                const std::function<void()>& keep_alive);
  // Back after a message. It may be dropped when there are more than needed.
  void Release(std::unique_ptr<PooledWorker> worker);
  // It is gone (killed, crashed, left after its last message): another is asked for.
  void Lost(std::unique_ptr<PooledWorker> worker);

  // From the zygote.
  void Arrived(std::unique_ptr<PooledWorker> worker);
  void CouldNotFork();
  // Now and then: makes up for forks that failed.
  void AskForMissing();
  // The zygote died: its free workers are gone, nothing is under way.
  void Forget(uint64_t new_generation);
  void Close();

  struct Counts {
    uint32_t live = 0, busy = 0, waiting = 0;
  };
  Counts counts() const;

 private:
  struct Waiter {
    std::condition_variable changed;
    bool fresh = false;
    std::unique_ptr<PooledWorker> given;
  };

  // With mutex_ held.
  void HandOut(std::unique_ptr<PooledWorker> worker);
  std::unique_ptr<PooledWorker> TakeFree(bool fresh);
  void Ask(uint32_t count);
  uint32_t FreshWaiters() const;

  const uint32_t target_;
  const std::function<bool()> ask_for_one_;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<PooledWorker>> free_;  // last used last: warm caches first
  std::list<Waiter*> waiters_;
  uint32_t live_ = 0;    // free or busy
  uint32_t coming_ = 0;  // asked for
  uint64_t generation_ = 0;
  bool closed_ = false;
};

}  // namespace gatepost::inspect
