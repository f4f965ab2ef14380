// What the systemd watchdog may be told: not that a thread is alive, but that Postfix would get an
// answer. A look asks our own socket for a milter negotiation and a worker for the text of a line.
// LIMITS: a look takes as long as waiting for a worker may; it runs on a thread of its own.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "src/base/result.h"
#include "src/inspect/inspector.h"

namespace gatepost::milter {

// Does somebody negotiate at this socket (`listen` as in the configuration)? Waits at most
// timeout_ms for each step.
Status ProbeMilter(const std::string& listen, int timeout_ms);

// One connection to that socket, closed at once. False: nobody took it.
bool Knock(const std::string& listen, int timeout_ms);

// Do workers work? Either one reads a line for us, or, where all are busy, messages were finished
// since the last look: a daemon under load, or under attack, is not a dead one. *finished keeps the
// count from look to look.
Status ProbeWorkers(inspect::Inspector* inspector, uint64_t* finished);

class Pulse {
 public:
  // Looks every interval_ms, at once for the first time. Each look runs `probe`; a change from well
  // to unwell and back is written to the journal (GP3019, GP3020).
  Pulse(std::function<Status()> probe, int64_t interval_ms);
  ~Pulse();  // waits for the look under way
  Pulse(const Pulse&) = delete;
  Pulse& operator=(const Pulse&) = delete;

  // True once for each look that found all well. What is not taken does not add up.
  bool Take() { return well_.exchange(false); }
  void Stop();  // no further look; does not wait

 private:
  void Run();

  const std::function<Status()> probe_;
  const int64_t interval_ms_;
  std::atomic<bool> well_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace gatepost::milter
