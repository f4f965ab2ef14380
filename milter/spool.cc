// LIMITS: the budget counts in steps of 64 KB, so a thousand tiny messages take 64 MB of it.
// SPDX-License-Identifier: GPL-2.0-or-later
#include "milter/spool.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <cerrno>

namespace gatepost::milter {

namespace {

constexpr uint64_t kStep = 64 << 10;

}  // namespace

bool SpoolBudget::Take(uint64_t bytes) {
  uint64_t now = taken_;
  do {
    const uint64_t most = most_;
    if (bytes > most || now > most - bytes) {
      return false;
    }
  } while (!taken_.compare_exchange_weak(now, now + bytes));
  return true;
}

void SpoolBudget::Give(uint64_t bytes) { taken_ -= bytes; }

Spool::Spool(uint64_t message_bytes, SpoolBudget* budget)
    : limit_(message_bytes), budget_(budget) {}

Spool::~Spool() { budget_->Give(reserved_); }

void Spool::Append(Bytes data) {
  size_ += data.size();
  if (state_ != State::kWhole) {
    return;
  }
  if (size_ > limit_) {
    Drop(State::kTooLong);
    return;
  }
  while (reserved_ < size_) {
    if (!budget_->Take(kStep)) {
      Drop(State::kBusy);
      return;
    }
    reserved_ += kStep;
  }
  if (buffer_.size() + data.size() > kStep) {
    Flush();
  }
  if (state_ == State::kWhole) {
    buffer_.append(data);
  }
}

void Spool::Flush() {
  if (!fd_.valid()) {
    fd_.Reset(memfd_create("gatepost-message", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  }
  if (!fd_.valid() || !WriteAll(fd_.get(), buffer_).ok()) {
    Drop(State::kFailed);
    return;
  }
  buffer_.clear();
}

void Spool::Drop(State why) {
  state_ = why;
  fd_.Reset();
  buffer_.clear();
  buffer_.shrink_to_fit();
  budget_->Give(reserved_);
  reserved_ = 0;
}

Result<int> Spool::Seal() {
  if (sealed_) {
    return fd_.get();
  }
  if (state_ == State::kWhole) {
    Flush();
  }
  if (state_ != State::kWhole) {
    return Status::Internal("the message was not gathered whole");
  }
  constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;
  if (fcntl(fd_.get(), F_ADD_SEALS, kSeals) != 0) {
    const Status status = Status::FromErrno("sealing a message", errno);
    Drop(State::kFailed);
    return status;
  }
  sealed_ = true;
  return fd_.get();
}

}  // namespace gatepost::milter
