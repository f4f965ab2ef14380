// Message to decision: the one room that knows the order. Inspect, judge, hold (durable), log
// (durable), answer. Doubt means defer or hold, never accept.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "src/base/diagnostic.h"
#include "src/base/json.h"
#include "src/base/result.h"
#include "src/gateway/answer.h"
#include "src/gateway/config.h"
#include "src/gateway/generation.h"
#include "src/gateway/outbreak.h"
#include "src/record/decision.h"

namespace gatepost::gateway {

class Counters;
class Generations;

// Thread-safe: Handle is called by as many threads as there are SMTP clients.
class Gateway {
 public:
  // Opens quarantine and log for writing and loads what decides (Generations::Open). Every problem
  // is in *diagnostics.
  static Result<std::unique_ptr<Gateway>> Open(const Config& config, Diagnostics* diagnostics);
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  // Always answers; effects in the order hold, log. The verdict of a message whose inspection or
  // recording could not be finished is kDefer. `message_fd`: the raw bytes, from offset 0; stays
  // the caller's. `keep_alive` is called about once a second while waiting; may be empty.
  record::Decision Handle(mail::Envelope envelope, int message_fd,
                          const std::function<void()>& keep_alive);
  Answer AnswerTo(const record::Decision& decision) const;

  // What came over SMTP and could not even be gathered. Logged (a record with the envelope, the
  // size and the reply, of course without findings), then answered.
  enum class NotGathered { kTooLong, kNoRoom, kNoMemory };
  Answer Refuse(mail::Envelope envelope, NotGathered why, uint64_t size);

  // All that changes what decides. Lives as long as the gateway.
  Generations* generations() const;
  // Generations::Reload, as if a person had asked.
  Status Reload(const Config& config, Diagnostics* diagnostics);
  // What falls due by itself, to be called every few seconds, by one thread at a time: the heads of
  // logs that have fallen silent, the counts of rules; once an hour retention, the daily hand-over
  // of heads and the size of the quarantine.
  void Tend();
  // Starts the thread that tells people of held mail (notice::Desk), as long as the gateway lives.
  void StartNotices();
  // The present generation (never null) and its configuration.
  std::shared_ptr<const Generation> generation() const;
  Config config() const;
  const Counters& counters() const;
  // True while the decision log lives on its reserve.
  bool log_on_reserve() const;
  // For `gatepost status`: versions, workers, queue, log reserve, last reload's outcome.
  Json State() const;

 private:
  struct Rooms;
  explicit Gateway(std::unique_ptr<Rooms> rooms);
  std::unique_ptr<Rooms> rooms_;
};

// What stands beside the generation when a message is judged. Nulls: nothing does.
struct Standing {
  const policy::Exceptions* exceptions = nullptr;
  const policy::Blocks* blocks = nullptr;
  Outbreak* outbreak = nullptr;  // counts the message in; null where nothing may be remembered
  Spread* spread = nullptr;      // what it counted
};

// Inspection and judgement without effects: nothing held, nothing logged (`gatepost scan`). The
// reply is filled in; what rules and clauses in shadow mode would have done is told too.
// REQUIRES: directions of `envelope` are classified (mail::ClassifyDirections).
record::Decision Consider(const Generation& generation, const Config& config,
                          mail::Envelope envelope, int message_fd,
                          const std::function<void()>& keep_alive, const Standing& standing = {},
                          inspect::Detail detail = inspect::Detail::kRecord);
// The decision about a message above limits.message, which nobody looks into: 552. REQUIRES: as
// Consider.
record::Decision TooLong(const Generation& generation, const Config& config,
                         mail::Envelope envelope, uint64_t size);
// The second half of it, for findings that are there already: judges, says what exceptions took
// away and what shadows would have done. REQUIRES: decision->envelope and findings.
void JudgeDecision(const Generation& generation, const policy::Exceptions& exceptions,
                   record::Decision* decision);

}  // namespace gatepost::gateway
