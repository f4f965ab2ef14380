// Where one message is gathered: a memfd, sealed before anybody else sees it, and the budget that
// all messages under way share (ten megabytes times a hundred SMTP sessions would be a gigabyte).
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "src/base/bytes.h"
#include "src/base/files.h"
#include "src/base/result.h"

namespace gatepost::milter {

// Bytes of memory that all spools together may take. Thread-safe.
class SpoolBudget {
 public:
  explicit SpoolBudget(uint64_t bytes) : most_(bytes) {}
  // All or nothing.
  bool Take(uint64_t bytes);
  void Give(uint64_t bytes);
  // After a reload; what is taken already stays taken.
  void SetMost(uint64_t bytes) { most_ = bytes; }
  uint64_t taken() const { return taken_; }

 private:
  std::atomic<uint64_t> most_;
  std::atomic<uint64_t> taken_{0};
};

// One message. Not thread-safe. Once something went wrong every later byte is only counted: the
// answer is given at the end of the message, never in its midst.
class Spool {
 public:
  enum class State {
    kWhole,    // every byte so far is kept
    kTooLong,  // over the limit of one message: 552 5.3.4
    kBusy,     // over the budget of all messages: 451 4.3.2
    kFailed,   // the system refused memory: 451 4.3.0
  };

  // message_bytes: the limit of one message, inclusive. The budget must outlive this.
  Spool(uint64_t message_bytes, SpoolBudget* budget);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  void Append(Bytes data);
  State state() const { return state_; }
  // Of the whole message, kept or not.
  uint64_t size() const { return size_; }
  // Flushes, seals against every change, and returns the descriptor, which stays ours. A second
  // call returns the same. REQUIRES: state() is kWhole before; check it after, for flushing may
  // fail.
  Result<int> Seal();

 private:
  void Flush();
  void Drop(State why);

  const uint64_t limit_;
  SpoolBudget* const budget_;
  State state_ = State::kWhole;
  uint64_t size_ = 0;
  uint64_t reserved_ = 0;  // of the budget, in steps of kStep
  std::string buffer_;     // header fields are small; one write for many
  Fd fd_;
  bool sealed_ = false;
};

}  // namespace gatepost::milter
