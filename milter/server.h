// libmilter behind one door: it accepts Postfix's connections and turns callbacks into Sessions,
// each complete message into one call of the handler, and the handler's answer into milter replies.
// The front can be exchanged by replacing this file pair. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "milter/session.h"
#include "src/base/result.h"
#include "src/gateway/answer.h"
#include "src/mail/envelope.h"

namespace gatepost::milter {

// Messages whose end was received and whose answer is not given yet. libmilter forgets them when it
// stops, so we count them ourselves. Thread-safe.
class OpenMessages {
 public:
  // False after Drain: the message is not ours any more.
  bool Begin();
  void End();
  // Waits until none is open, at most that long; afterwards Begin says no. Returns how many were
  // left.
  uint32_t Drain(int64_t most_ms);
  uint32_t open() const;
  uint64_t total() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable none_;
  uint32_t open_ = 0;
  uint64_t total_ = 0;
  bool drained_ = false;
};

// Called on libmilter's threads, several at once. fd: sealed, from offset 0, the caller's.
// keep_alive tells Postfix that we are alive. Must not throw; if it does, the answer is 451.
using Handler = std::function<gateway::Answer(const mail::Envelope& envelope, int fd,
                                              const std::function<void()>& keep_alive)>;

// The same for a message that was not kept whole: why, and how many bytes came.
using Refuser =
    std::function<gateway::Answer(const mail::Envelope& envelope, Spool::State why, uint64_t size)>;

// One per process (libmilter has one set of callbacks).
class Server {
 public:
  struct Settings {
    std::string listen;        // "unix:PATH", "inet:PORT@HOST", "inet6:PORT@HOST"
    uint64_t spool_bytes = 0;  // all messages under way together
    Session::Settings session;
  };
  Server(const Settings& settings, Handler handler, Refuser refuser);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Opens the socket: mode 0660, the group of its folder; a stale one is replaced, a living one is
  // an error. After it Postfix can connect (and waits until Run).
  Status Listen();
  // Serves until Stop. Call on a thread of its own, with SIGHUP, SIGTERM and SIGINT blocked there:
  // libmilter takes each of them as "stop".
  Status Run();
  // No new connections; waits for the messages whose end was received. Then the process must end
  // without waiting for libmilter's threads. Returns how many messages were cut off.
  uint32_t Stop(int64_t most_ms);
  // For messages that begin from now on (a reload).
  void SetLimits(const Session::Settings& session, uint64_t spool_bytes);

  const OpenMessages& messages() const { return open_; }
  uint64_t spooled_bytes() const { return budget_.taken(); }

 private:
  friend struct Callbacks;
  Session::Settings session_settings();

  const std::string listen_;
  const Handler handler_;
  const Refuser refuser_;
  SpoolBudget budget_;
  OpenMessages open_;
  std::mutex mutex_;  // guards session_
  Session::Settings session_;
};

}  // namespace gatepost::milter
