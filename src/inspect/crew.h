// The workers of one generation as the daemon runs them: the zygote and its restart, the pool, and
// the two tries that each message has.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "src/inspect/channel.h"
#include "src/inspect/inspector.h"
#include "src/inspect/pool.h"
#include "src/inspect/zygote_process.h"

namespace gatepost::inspect {

// Thread-safe. The destructor waits for tasks under way, then ends the processes.
class Crew {
 public:
  enum class Outcome { kDone, kCrashed, kTimedOut };
  // What a try is made of, and what it brings.
  struct Task {
    FrameKind kind{};
    FrameKind reply_kind{};
    std::string payload;
    std::vector<int> fds;
    uint64_t most_reply = 0;
    int tries = 2;
    int64_t deadline_ms = 0;  // SteadyMs: no try goes on for longer; 0: limits alone
    // While the worker is at work.
    std::function<void()> meanwhile;
    // False: the reply is not valid, so the worker is not to be trusted.
    std::function<bool(Bytes)> accept;
  };

  // sources: a memfd with the rules, for a zygote that must be started anew.
  Crew(InspectorOptions options, std::shared_ptr<const ruleset::RuleSet> rules, Fd sources,
       uint32_t workers)
      : options_(std::move(options)),
        rules_(std::move(rules)),
        sources_(std::move(sources)),
        pool_(workers, [this] { return AskForOne(); }) {}
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // Takes over a loaded zygote and waits for its first worker: a sandbox that cannot be entered
  // stops the start.
  Status Begin(std::unique_ptr<ZygoteProcess> zygote, double start_ms);

  // kUnavailable when no worker could be had. `keep_alive` is called about every second.
  Result<Outcome> Run(const Task& task, const std::function<void()>& keep_alive);

  const InspectorOptions& options() const { return options_; }
  const std::shared_ptr<const ruleset::RuleSet>& rules() const { return rules_; }
  std::shared_ptr<StemProcess> stem() const;
  // All of State but `inspected`.
  Inspector::State state() const;

 private:
  Outcome Try(const Task& task, std::unique_ptr<PooledWorker> worker,
              const std::function<void()>& keep_alive);

  // The manager's thread: what the zygote tells, and its restart.
  void Manage();
  // False: the zygote is gone.
  bool Listen();
  void TakeWorker(Frame frame);
  void Restart();
  // From the stem, or, when that is gone too, from a new one.
  Result<std::unique_ptr<ZygoteProcess>> StartZygote(const std::shared_ptr<StemProcess>& stem);
  bool AskForOne();
  bool Sleep(int64_t ms);  // false: stopping

  const InspectorOptions options_;
  const std::shared_ptr<const ruleset::RuleSet> rules_;
  const Fd sources_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<ZygoteProcess> zygote_;  // null while it restarts
  std::shared_ptr<StemProcess> stem_;
  Json load_ms_;
  uint64_t generation_ = 0;  // counts zygotes
  ZygoteProcess::Versions versions_;
  std::string sandbox_;    // as the first worker told
  std::string no_worker_;  // why the last fork failed
  bool stopping_ = false;
  uint32_t under_way_ = 0;
  double start_ms_ = 0;

  std::atomic<uint64_t> crashed_{0}, timed_out_{0}, recycled_{0};
  Pool pool_;
  std::thread manager_;
};

}  // namespace gatepost::inspect
