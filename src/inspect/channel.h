// Frames over a Unix stream socket: 4 bytes kind, 4 bytes length, payload; descriptors ride on the
// first byte. Both ends are ours but one of them may have been taken over: lengths are bounded by
// the receiver, and descriptors are received only where they are expected.
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/files.h"
#include "src/base/result.h"

namespace gatepost::inspect {

enum class FrameKind : uint32_t {
  // Daemon, stem and zygote.
  kHello = 1,    // both ways, daemon and stem: build id, before anything else
  kOptions,      // daemon -> stem: JSON; again for each zygote: descriptors: its socket, its rules
  kLoaded,       // stem, zygote -> daemon: JSON: state and diagnostics
  kRefused,      // stem, zygote -> daemon: JSON: diagnostics, message; the sender leaves
  kFork,         // daemon -> zygote: one more worker
  kWorker,       // zygote -> daemon: u64 id; descriptors: its socket, its pidfd
  kNoWorker,     // zygote -> daemon: why not
  kWorkerEnded,  // zygote -> daemon: u64 id, u32 wait status
  kForked,       // stem -> daemon: u32 pid of the new zygote; descriptor: its pidfd
  // Daemon and worker.
  kReady = 32,  // worker -> (zygote): it stands in its sandbox
  kInspect,     // daemon -> worker: envelope; descriptor: the message
  kFindings,    // worker -> daemon: u8 last, findings
  kRead,        // daemon -> worker: name; descriptor: the document
  kText,        // worker -> daemon: u8 last, text
  kShow,        // daemon -> worker: envelope, password; descriptor: the message
  kShown,       // worker -> daemon: u8 last, what show.h says
  // With picture reading on: the envelope and what was read; descriptors: the message and, as long
  // as nothing was read, an empty file for pictures.
  kInspectPictures,
  kFindingsPictures,  // worker -> daemon: u8 last, findings, pictures to read
  // Daemon and picture worker.
  kPicture,  // daemon -> picture worker: request; descriptor: a file of pictures
  kReading,  // picture worker -> daemon: u8 last, reading
  kDraw,     // daemon -> picture worker: what to draw; descriptor: a file of pictures
  kDrawn,    // picture worker -> daemon: u8 last, pixels
  // Daemon and worker: which pictures there are, for a person.
  kCollect,    // daemon -> worker: password; descriptors: the message, an empty file
  kCollected,  // worker -> daemon: u8 last, pictures in the file
};

struct Frame {
  FrameKind kind{};
  std::string payload;
  std::vector<Fd> fds;
};

constexpr size_t kMostFds = 2;

// Two connected sockets, close-on-exec.
Result<std::array<Fd, 2>> SocketPair();

// Blocks until sent, or until deadline_ms (SteadyMs; -1 none). kUnavailable: the peer is gone or
// does not take it in time.
Status SendFrame(int socket, FrameKind kind, Bytes payload, const std::vector<int>& fds = {},
                 int64_t deadline_ms = -1);

struct ReceiveOptions {
  uint64_t most_bytes = 1 << 20;
  bool take_fds = false;     // false: the kernel drops what the peer attaches
  int64_t deadline_ms = -1;  // SteadyMs
  // Called about every second while waiting.
  const std::function<void()>* keep_alive = nullptr;
};

// kUnavailable: the peer closed; kNotFound: deadline passed; kInvalid: breaks the protocol.
Result<Frame> ReceiveFrame(int socket, const ReceiveOptions& options);

}  // namespace gatepost::inspect
