// Sessions, kept in memory only (a restart signs everybody out), and the brake on guessing.
// LIMITS: 1,000 sessions, 20 of one account; 10,000 names and addresses are remembered by the
// brake. SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "src/record/key_ring.h"

namespace gatepost::console {

struct SessionLimits {
  int64_t idle_ms = 15 * 60'000;        // without a request
  int64_t absolute_ms = 8 * 3'600'000;  // whatever happens
};

struct Session {
  std::string token;  // 256 random bits, hex: the cookie
  std::string csrf;   // likewise: sent back in a header with every change
  std::string account;
  std::string address;  // where it was opened from
  int64_t epoch = 0;    // Account::epoch at sign-in
  int64_t begun_ms = 0, used_ms = 0;
  // What opens sealed mail while this session lasts; null: none was unlocked. Wiped with the
  // session.
  std::shared_ptr<const record::PrivateKey> key;
};

// Thread-safe. Times are SteadyMs: a clock that jumps keeps nobody signed in.
class Sessions {
 public:
  explicit Sessions(SessionLimits limits) : limits_(limits) {}
  Session Begin(const std::string& account, int64_t epoch, const std::string& address,
                int64_t now_ms);
  // Counts as use. Empty: no such session, or over.
  std::optional<Session> Use(const std::string& token, int64_t now_ms);
  // Null: takes it away again.
  void SetKey(const std::string& token, std::shared_ptr<const record::PrivateKey> key);
  void End(const std::string& token);
  void EndAllOf(const std::string& account);
  // Those whose time is up, so that no key waits in memory for a cookie that never comes back.
  void EndOver(int64_t now_ms);
  bool Lives(const std::string& token) const;  // without counting as use
  size_t size() const;

 private:
  bool Over(const Session& session, int64_t now_ms) const;
  const SessionLimits limits_;
  mutable std::mutex mutex_;
  std::map<std::string, Session> sessions_;  // by SHA-256 of the token
};

// After five failures within fifteen minutes a name or an address waits: one minute, then twice as
// long each time, up to an hour. A name that does not exist waits like any other.
class Brake {
 public:
  static constexpr int kFree = 5;
  // How long still to wait, in ms; 0: go on.
  int64_t Wait(const std::string& key, int64_t now_ms);
  // free: how many failures wait for nothing.
  void Failed(const std::string& key, int64_t now_ms, int free = kFree);
  void Succeeded(const std::string& key);

 private:
  struct Count {
    int failures = 0;
    int64_t first_ms = 0, until_ms = 0;
  };
  std::mutex mutex_;
  std::map<std::string, Count> counts_;
};

}  // namespace gatepost::console
