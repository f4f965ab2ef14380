// A message that can change no more: a sealed memfd, mapped for reading. A worker holds the same
// file; without the seals it could change what is held and logged after it was inspected.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/bytes.h"
#include "src/base/files.h"
#include "src/base/result.h"

namespace gatepost::inspect {

class MessageFd {
 public:
  // Seals `fd` itself when it is a memfd that allows it; otherwise (a file, a pipe's copy, a memfd
  // that is mapped for writing) takes a copy. `fd` stays the caller's.
  static Result<MessageFd> Seal(int fd);
  ~MessageFd();
  MessageFd(MessageFd&& other) noexcept;
  MessageFd& operator=(MessageFd&&) = delete;
  MessageFd(const MessageFd&) = delete;
  MessageFd& operator=(const MessageFd&) = delete;

  int fd() const { return fd_; }
  Bytes bytes() const { return bytes_; }

 private:
  MessageFd() = default;
  Fd own_;  // the copy, where one was needed
  int fd_ = -1;
  Bytes bytes_;
};

}  // namespace gatepost::inspect
