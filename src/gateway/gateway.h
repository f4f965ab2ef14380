// Message to decision: the one room that knows the order. Inspect, judge, hold (durable), log
// (durable), answer. Doubt means defer or hold, never accept.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/base/result.h"
#include "src/gateway/config.h"
#include "src/record/decision.h"

namespace gatepost::gateway {

// Thread-safe.
class Gateway {
 public:
  // Loads a generation, or the last good one from state with a loud warning to the journal.
  static Result<std::unique_ptr<Gateway>> Open(const Config& config, Diagnostics* diagnostics);
  ~Gateway();

  // Always answers; effects in the order hold, log. The verdict of a message whose inspection or
  // recording could not be finished is kDefer. message_fd: the raw bytes, from offset 0.
  record::Decision Handle(mail::Envelope envelope, int message_fd,
                          const std::function<void()>& keep_alive);
  // As Handle, but changes nothing: no hold, no log (`gatepost scan`).
  record::Decision Consider(mail::Envelope envelope, int message_fd);

  // A new generation off to the side; on failure the present one stays and the status says why.
  Status Reload(const Config& config, Diagnostics* diagnostics);
  // Signatures changed on disk: reload. Called now and then.
  void ReloadIfSignaturesChanged();
  struct State;
  std::string StateJson() const;

 private:
  struct Rooms;
  explicit Gateway(std::unique_ptr<Rooms> rooms);
  std::unique_ptr<Rooms> rooms_;
};

}  // namespace gatepost::gateway
