// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/console/sessions.h"

#include <algorithm>
#include <utility>

#include "src/base/bytes.h"
#include "src/base/digest.h"

namespace gatepost::console {

namespace {

constexpr size_t kMostSessions = 1'000;
constexpr size_t kMostOfOne = 20;
constexpr size_t kMostCounts = 10'000;
constexpr int64_t kWindowMs = 15 * 60'000;
constexpr int64_t kFirstWaitMs = 60'000;
constexpr int64_t kLongestWaitMs = 3'600'000;

}  // namespace

bool Sessions::Over(const Session& session, int64_t now_ms) const {
  return now_ms - session.used_ms >= limits_.idle_ms ||
         now_ms - session.begun_ms >= limits_.absolute_ms;
}

Session Sessions::Begin(const std::string& account, int64_t epoch, const std::string& address,
                        int64_t now_ms) {
  Session session;
  session.token = Hex(RandomBytes(32));
  session.csrf = Hex(RandomBytes(32));
  session.account = account;
  session.address = address;
  session.epoch = epoch;
  session.begun_ms = now_ms;
  session.used_ms = now_ms;
  const std::lock_guard<std::mutex> lock(mutex_);
  size_t of_one = 0;
  for (auto one = sessions_.begin(); one != sessions_.end();) {
    of_one += one->second.account == account ? 1 : 0;
    one = Over(one->second, now_ms) ? sessions_.erase(one) : std::next(one);
  }
  const auto drop_oldest = [this](const std::string& of) {
    auto oldest = sessions_.end();
    for (auto one = sessions_.begin(); one != sessions_.end(); ++one) {
      if ((of.empty() || one->second.account == of) &&
          (oldest == sessions_.end() || one->second.used_ms < oldest->second.used_ms)) {
        oldest = one;
      }
    }
    if (oldest != sessions_.end()) {
      sessions_.erase(oldest);
    }
  };
  if (of_one >= kMostOfOne) {
    drop_oldest(account);
  }
  if (sessions_.size() >= kMostSessions) {
    drop_oldest("");
  }
  sessions_[Sha256Hex(session.token)] = session;
  return session;
}

std::optional<Session> Sessions::Use(const std::string& token, int64_t now_ms) {
  const std::lock_guard<std::mutex> lock(mutex_);
  // Looked up by its hash, so that the time taken says nothing about tokens.
  const auto found = sessions_.find(Sha256Hex(token));
  if (found == sessions_.end()) {
    return std::nullopt;
  }
  if (Over(found->second, now_ms)) {
    sessions_.erase(found);
    return std::nullopt;
  }
  found->second.used_ms = now_ms;
  return found->second;
}

void Sessions::SetKey(const std::string& token, std::shared_ptr<const record::PrivateKey> key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (const auto found = sessions_.find(Sha256Hex(token)); found != sessions_.end()) {
    found->second.key = std::move(key);
  }
}

void Sessions::End(const std::string& token) {
  const std::lock_guard<std::mutex> lock(mutex_);
  sessions_.erase(Sha256Hex(token));
}

void Sessions::EndAllOf(const std::string& account) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto one = sessions_.begin(); one != sessions_.end();) {
    one = one->second.account == account ? sessions_.erase(one) : std::next(one);
  }
}

void Sessions::EndOver(int64_t now_ms) {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto one = sessions_.begin(); one != sessions_.end();) {
    one = Over(one->second, now_ms) ? sessions_.erase(one) : std::next(one);
  }
}

bool Sessions::Lives(const std::string& token) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return sessions_.count(Sha256Hex(token)) > 0;
}

size_t Sessions::size() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return sessions_.size();
}

int64_t Brake::Wait(const std::string& key, int64_t now_ms) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = counts_.find(key);
  return found == counts_.end() ? 0 : std::max<int64_t>(found->second.until_ms - now_ms, 0);
}

void Brake::Failed(const std::string& key, int64_t now_ms, int free) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (counts_.size() >= kMostCounts) {
    for (auto one = counts_.begin(); one != counts_.end();) {
      const bool old = now_ms - one->second.first_ms > kWindowMs && one->second.until_ms < now_ms;
      one = old ? counts_.erase(one) : std::next(one);
    }
    if (counts_.size() >= kMostCounts) {
      counts_.erase(counts_.begin());
    }
  }
  Count& count = counts_[key];
  if (now_ms - count.first_ms > kWindowMs && count.until_ms < now_ms) {
    count = {0, now_ms, 0};
  }
  if (++count.failures >= free) {
    const int doubled = std::min(count.failures - free, 6);
    count.until_ms = now_ms + std::min(kFirstWaitMs << doubled, kLongestWaitMs);
    count.first_ms = now_ms;
  }
}

void Brake::Succeeded(const std::string& key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  counts_.erase(key);
}

}  // namespace gatepost::console
