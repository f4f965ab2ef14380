// The daemon's end of one picture worker.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "src/base/files.h"
#include "src/base/result.h"
#include "src/inspect/channel.h"
#include "src/picture/draw.h"
#include "src/picture/reading.h"

namespace gatepost::inspect {

// Used by one thread, the one that started it: the process dies with that thread.
class PictureProcess {
 public:
  enum class Work { kRead, kDraw };
  // Blocks until it stands in its sandbox with its languages loaded (about a second; one that draws
  // has none to load).
  // Not after deadline_ms (SteadyMs; -1: limits of its own).
  static Result<std::unique_ptr<PictureProcess>> Start(const picture::Settings& settings,
                                                       bool sandbox, Work work = Work::kRead,
                                                       int64_t deadline_ms = -1);
  ~PictureProcess();  // kills it
  PictureProcess(const PictureProcess&) = delete;
  PictureProcess& operator=(const PictureProcess&) = delete;

  // After an error it is not to be asked again. kNotFound: it did not answer by deadline_ms
  // (SteadyMs).
  Result<picture::Reading> Ask(const picture::Request& request, int file, int64_t deadline_ms);
  // The same of one that draws.
  Result<picture::Drawing> Draw(const picture::DrawRequest& request, int file,
                                int64_t deadline_ms);

  // False: it has left or was killed, and wants to be replaced.
  bool Lives();
  pid_t pid() const { return pid_; }
  const std::string& sandbox() const { return sandbox_; }

 private:
  PictureProcess(pid_t pid, Fd socket) : pid_(pid), socket_(std::move(socket)) {}
  Status Begin(const picture::Settings& settings, bool sandbox, Work work, int64_t deadline_ms);
  // The payload of the answer, without the byte that says whether it was the last.
  Result<std::string> Exchange(FrameKind kind, const std::string& payload, int file,
                               FrameKind reply_kind, size_t most_reply, int64_t deadline_ms);

  pid_t pid_;
  Fd socket_;
  std::string sandbox_;
  bool last_ = false;  // it said so
};

}  // namespace gatepost::inspect
